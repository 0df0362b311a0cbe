package phaistos.server.catalog;

import java.util.List;
import java.util.Optional;
import phaistos.server.types.SqlType;

/**
 * A function in SQL language.
 *
 * @param strict is NULL, without running, if an argument is NULL
 */
public record SqlFunction(
    int oid, String name, List<Argument> arguments, SqlType returns, boolean strict, String body) {
  public record Argument(Optional<String> name, SqlType type) {}

  public SqlFunction {
    arguments = List.copyOf(arguments);
  }

  public List<SqlType> types() {
    return arguments.stream().map(Argument::type).toList();
  }

  /** The name with its arguments' types: "f(integer, text)". */
  public String signature() {
    return signature(name, types());
  }

  public static String signature(String name, List<SqlType> types) {
    return "%s(%s)".formatted(name, String.join(", ", types.stream().map(SqlType::label).toList()));
  }
}
