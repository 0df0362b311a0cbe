package phaistos.harness.run;

import java.util.LinkedHashMap;
import java.util.OptionalLong;
import phaistos.formats.Lsn;
import phaistos.histories.Edn;

/**
 * How far one node was at one moment, by its own answer.
 *
 * @param timeNanos since the start of the load
 * @param isPrimary whether it said that it is no standby
 * @param written what a primary has inserted; what a standby has flushed of what it received. Empty
 *     if the node did not answer
 * @param safe what a primary has flushed; what a standby has replayed
 */
public record NodePosition(
    long timeNanos, String node, boolean isPrimary, OptionalLong written, OptionalLong safe) {
  static NodePosition none(long timeNanos, String node) {
    return new NodePosition(timeNanos, node, false, OptionalLong.empty(), OptionalLong.empty());
  }

  /** One line of {@code positions.edn}. */
  public Edn toEdn() {
    LinkedHashMap<Edn, Edn> table = new LinkedHashMap<>();
    table.put(Edn.keyword("time"), Edn.of(timeNanos));
    table.put(Edn.keyword("node"), Edn.of(node));
    if (written.isPresent()) {
      table.put(Edn.keyword("role"), Edn.keyword(isPrimary ? "primary" : "standby"));
      table.put(Edn.keyword(isPrimary ? "inserted" : "received"), lsn(written));
      table.put(Edn.keyword(isPrimary ? "flushed" : "replayed"), lsn(safe));
    }
    return new Edn.Table(table);
  }

  private static Edn lsn(OptionalLong position) {
    return position.isEmpty() ? Edn.NIL : Edn.of(new Lsn(position.getAsLong()).toString());
  }

  /**
   * Reads {@link #toEdn} back.
   *
   * @throws IllegalArgumentException if the line has no time or node, or a position is none
   */
  public static NodePosition ofEdn(Edn line) {
    if (!(line instanceof Edn.Table table)
        || !(table.get("time") instanceof Edn.Int(long time))
        || !(table.get("node") instanceof Edn.Text(String node))) {
      throw new IllegalArgumentException("no position of a node: " + line);
    }
    boolean isPrimary = table.get("role").equals(Edn.keyword("primary"));
    return new NodePosition(
        time,
        node,
        isPrimary,
        position(table.get(isPrimary ? "inserted" : "received")),
        position(table.get(isPrimary ? "flushed" : "replayed")));
  }

  private static OptionalLong position(Edn value) {
    return value instanceof Edn.Text(String text)
        ? OptionalLong.of(Lsn.parse(text).value())
        : OptionalLong.empty();
  }
}
