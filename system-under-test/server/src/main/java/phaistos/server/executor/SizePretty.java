package phaistos.server.executor;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import phaistos.server.types.Datum;
import phaistos.server.types.SqlType;

/** pg_size_pretty (dbsize.c): a size in the largest unit in which it is not small. */
final class SizePretty {
  private static final String[] UNITS = {"bytes", "kB", "MB", "GB", "TB", "PB"};
  private static final BigDecimal BYTES_LIMIT = BigDecimal.valueOf(10 * 1024);

  /**
   * Twice the limit of the other units, since sizes are kept in half units until they are shown.
   */
  private static final BigDecimal LIMIT = BigDecimal.valueOf(20 * 1024 - 1);

  private static final BigDecimal TWO = BigDecimal.valueOf(2);

  private SizePretty() {}

  static Expr compile(List<Expr> arguments) {
    SqlType type = arguments.getFirst().type();
    if (arguments.size() != 1 || !type.isInteger() && type != SqlType.NUMERIC) {
      throw Functions.missing("pg_size_pretty", arguments);
    }
    return new Expr(
        SqlType.TEXT,
        frame ->
            switch (arguments.getFirst().of(frame)) {
              case Datum.Numeric(BigDecimal size) -> Datum.of(of(size));
              case Datum.Int(long size) -> Datum.of(of(BigDecimal.valueOf(size)));
              default -> Datum.NULL;
            });
  }

  static String of(BigDecimal bytes) {
    BigDecimal size = bytes;
    int unit = 0;
    while (unit + 1 < UNITS.length && size.abs().compareTo(unit == 0 ? BYTES_LIMIT : LIMIT) >= 0) {
      size = divide(size, BigDecimal.valueOf(unit == 0 ? 512 : 1024));
      unit++;
    }
    if (unit > 0) {
      BigDecimal one = BigDecimal.valueOf(size.signum() < 0 ? -1 : 1);
      size = divide(size.add(one), TWO);
    }
    return size.toPlainString() + " " + UNITS[unit];
  }

  private static BigDecimal divide(BigDecimal size, BigDecimal by) {
    return size.divide(by, 0, RoundingMode.DOWN);
  }
}
