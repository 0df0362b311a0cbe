package phaistos.harness.run;

import java.util.LinkedHashMap;
import phaistos.histories.Edn;

/**
 * A message of replication, at the moment at which its node sends it.
 *
 * @param timeNanos since the start of the load
 * @param text "sends WAL up to 0/16B3748", "reports written 0/16B3748, flushed ..., applied ..."
 */
public record ReplicationMessage(long timeNanos, String node, String text) {
  /** One line of {@code messages.edn}. */
  public Edn toEdn() {
    LinkedHashMap<Edn, Edn> table = new LinkedHashMap<>();
    table.put(Edn.keyword("time"), Edn.of(timeNanos));
    table.put(Edn.keyword("node"), Edn.of(node));
    table.put(Edn.keyword("text"), Edn.of(text));
    return new Edn.Table(table);
  }

  /**
   * Reads {@link #toEdn} back.
   *
   * @throws IllegalArgumentException if the line is none
   */
  public static ReplicationMessage ofEdn(Edn line) {
    if (line instanceof Edn.Table table
        && table.get("time") instanceof Edn.Int(long time)
        && table.get("node") instanceof Edn.Text(String node)
        && table.get("text") instanceof Edn.Text(String text)) {
      return new ReplicationMessage(time, node, text);
    }
    throw new IllegalArgumentException("no message of replication: " + line);
  }
}
