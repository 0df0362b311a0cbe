package phaistos.server.executor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import phaistos.server.catalog.SqlFunction;
import phaistos.server.errors.PgError;
import phaistos.server.types.Datum;
import phaistos.server.types.SqlType;

/**
 * The parameters of a statement: the types that the client gave, or that their context requires.
 */
final class Parameters {
  private final List<Optional<SqlType>> types = new ArrayList<>();
  private final List<String> names = new ArrayList<>();
  private String function = "";

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

  /** The arguments of a function, which have types and perhaps names. */
  static Parameters of(SqlFunction function) {
    Parameters parameters = new Parameters(0, List.of());
    parameters.function = function.name();
    for (SqlFunction.Argument argument : function.arguments()) {
      parameters.types.add(Optional.of(argument.type()));
      parameters.names.add(argument.name().orElse(""));
    }
    return parameters;
  }

  /** The argument of this name, which the function's name may qualify. */
  Optional<Expr> named(Optional<String> qualifier, String name) {
    if (qualifier.isPresent() && !qualifier.get().equals(function)) {
      return Optional.empty();
    }
    int at = name.isEmpty() ? -1 : names.indexOf(name);
    return at < 0 ? Optional.empty() : Optional.of(expr(at + 1));
  }

  /** The parameter; UNKNOWN until its context gives it a type. */
  Expr expr(int number) {
    if (number < 1 || number > types.size()) {
      throw PgError.error("42P02", "there is no parameter $" + number);
    }
    int at = number - 1;
    return types
        .get(at)
        .map(type -> new Expr(type, frame -> value(frame, at)))
        .orElseGet(() -> new Expr(SqlType.UNKNOWN, 0, frame -> value(frame, at), open(at)));
  }

  private Optional<java.util.function.Function<SqlType, Expr>> open(int at) {
    return Optional.of(
        type -> {
          if (types.get(at).isEmpty()) {
            types.set(at, Optional.of(type == SqlType.UNKNOWN ? SqlType.TEXT : type));
          }
          return expr(at + 1).as(type);
        });
  }

  private static Datum value(Frame frame, int at) {
    return at < frame.parameters().size() ? frame.parameters().get(at) : Datum.NULL;
  }

  List<SqlType> types() {
    return types.stream().map(type -> type.orElse(SqlType.TEXT)).toList();
  }
}
