package phaistos.server.executor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import phaistos.server.errors.PgError;
import phaistos.server.types.Datum;
import phaistos.server.types.SqlType;

/**
 * The parameters of a statement: the types that the client gave, or that their context requires.
 */
final class Parameters {
  private final List<Optional<SqlType>> types = new ArrayList<>();

  /**
   * @param oids as the client gave them; 0 or absent where it leaves the type open
   */
  Parameters(int count, List<Integer> oids) {
    for (int i = 0; i < Math.max(count, oids.size()); i++) {
      int oid = i < oids.size() ? oids.get(i) : 0;
      Optional<SqlType> type = SqlType.ofOid(oid).filter(t -> t != SqlType.UNKNOWN);
      if (oid != 0 && type.isEmpty() && oid != SqlType.UNKNOWN.oid()) {
        throw PgError.unsupported("parameter of the type with OID " + oid);
      }
      types.add(type);
    }
  }

  boolean isDeclared(int number) {
    return number <= types.size() && types.get(number - 1).isPresent();
  }

  Expr expr(int number, Optional<SqlType> wanted) {
    if (number < 1 || number > types.size()) {
      throw PgError.error("42P02", "there is no parameter $" + number);
    }
    int at = number - 1;
    if (types.get(at).isEmpty()) {
      types.set(at, wanted.filter(t -> t != SqlType.UNKNOWN).or(() -> Optional.of(SqlType.TEXT)));
    }
    SqlType type = types.get(at).orElseThrow();
    return new Expr(type, frame -> value(frame, at));
  }

  private static Datum value(Frame frame, int at) {
    return at < frame.parameters().size() ? frame.parameters().get(at) : Datum.NULL;
  }

  List<SqlType> types() {
    return types.stream().map(type -> type.orElse(SqlType.TEXT)).toList();
  }
}
