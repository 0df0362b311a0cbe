package phaistos.server.types;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import phaistos.server.errors.PgError;

/** numeric on the wire (numeric.c, numeric_send): digits of base 10,000, weight, sign, scale. */
final class NumericBinary {
  private static final BigInteger BASE = BigInteger.valueOf(10_000);
  private static final int NEGATIVE = 0x4000;

  private NumericBinary() {}

  static byte[] encode(BigDecimal value) {
    int scale = Math.max(0, value.scale());
    int groups = (scale + 3) / 4;
    BigInteger unscaled = value.abs().setScale(4 * groups).unscaledValue();
    List<Integer> digits = new ArrayList<>();
    while (unscaled.signum() > 0) {
      BigInteger[] parts = unscaled.divideAndRemainder(BASE);
      digits.addFirst(parts[1].intValue());
      unscaled = parts[0];
    }
    int weight = digits.size() - groups - 1;
    while (!digits.isEmpty() && digits.getLast() == 0) {
      digits.removeLast();
    }
    ByteBuffer out = ByteBuffer.allocate(8 + 2 * digits.size());
    out.putShort((short) digits.size()).putShort((short) (digits.isEmpty() ? 0 : weight));
    out.putShort((short) (value.signum() < 0 ? NEGATIVE : 0)).putShort((short) scale);
    digits.forEach(digit -> out.putShort((short) (int) digit));
    return out.array();
  }

  static BigDecimal decode(ByteBuffer in) {
    if (in.remaining() < 8) {
      throw PgError.error("22P03", "incorrect binary data format in bind parameter");
    }
    int count = in.getShort();
    int weight = in.getShort();
    int sign = in.getShort() & 0xFFFF;
    int scale = in.getShort();
    if (count < 0 || in.remaining() != 2 * count || sign != 0 && sign != NEGATIVE) {
      throw PgError.error("22P03", "incorrect binary data format in bind parameter");
    }
    BigDecimal value = BigDecimal.ZERO;
    for (int i = 0; i < count; i++) {
      value = value.add(BigDecimal.valueOf(in.getShort()).scaleByPowerOfTen(4 * (weight - i)));
    }
    value = value.setScale(scale, java.math.RoundingMode.HALF_UP);
    return sign == NEGATIVE ? value.negate() : value;
  }
}
