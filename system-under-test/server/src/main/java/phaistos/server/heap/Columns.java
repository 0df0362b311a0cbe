package phaistos.server.heap;

import java.util.List;
import java.util.Set;
import phaistos.server.types.Datum;
import phaistos.server.types.SqlType;

/**
 * The columns of a table as an update must know them; positions count from 0.
 *
 * @param keys columns of the primary key and of unique indexes
 * @param indexed columns of any index, those of the keys included
 */
public record Columns(List<SqlType> types, Set<Integer> keys, Set<Integer> indexed) {
  static boolean differ(Set<Integer> columns, List<Datum> one, List<Datum> other) {
    return columns.stream().anyMatch(column -> !one.get(column).equals(other.get(column)));
  }
}
