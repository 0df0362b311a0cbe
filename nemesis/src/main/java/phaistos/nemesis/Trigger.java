package phaistos.nemesis;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import phaistos.cluster.Capability;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.ReplicationMessages;
import phaistos.histories.Edn;
import phaistos.histories.EdnWriter;

/**
 * When an entry of a schedule fires. All but {@link At} count from the beginning of the load. If a
 * trigger fires while the nemesis is busy, its entry follows right after.
 */
public sealed interface Trigger {
  /**
   * {@code :at 2000000000}.
   *
   * @param nanos since the start of the run
   */
  record At(long nanos) implements Trigger {}

  /**
   * {@code :when {:after "a" :nanos 2000000000}}: this long after a fault has begun. If the fault
   * never begins, it never fires.
   */
  record After(Handle handle, long nanos) implements Trigger {}

  /**
   * {@code :when {:operations 500}}: this many operations of clients have completed, in any way.
   */
  record Operations(long count) implements Trigger {}

  /**
   * {@code :when {:log "redo starts at" :node "n2" :count 1}}: this many lines that contain the
   * text have been logged.
   *
   * @param node any node if it is not given
   */
  record LogLine(String text, Optional<NodeId> node, long count) implements Trigger {}

  /** {@code :when {:lsn "0/3000000"}}: the primary has written WAL up to this position. */
  record Lsn(long lsn) implements Trigger {}

  /**
   * {@code :when {:xid 900}}: an operation with this 64-bit transaction id or a later one has
   * completed. Operations whose client does not record xids do not count.
   */
  record Xid(long xid) implements Trigger {}

  /**
   * {@code :when {:message "standby-status-update" :node "n2" :count 3}}: this node is about to
   * send its third message of this kind on the replication stream. It is held there until the entry
   * is done, for a second at most.
   *
   * @param kind "wal" or "standby-status-update"
   */
  record Message(String kind, Optional<NodeId> node, long count) implements Trigger {}

  /**
   * {@code :when {:step "wal-flush" :node "n1" :count 3}}: a server has reached this step of its
   * code this many times. It is held there until the entry is done, for a second at most.
   *
   * @param name a label of {@link phaistos.server.steps.Step}
   */
  record Step(String name, Optional<NodeId> node, long count) implements Trigger {}

  /** The capabilities that a cluster needs for it. */
  default Set<Capability> needs() {
    return switch (this) {
      case At _, After _, Operations _, Lsn _, Xid _ -> Set.of();
      case LogLine _ -> Set.of(Capability.LOG);
      case Message _ -> Set.of(Capability.REPLICATION_MESSAGES, Capability.STEPS);
      case Step _ -> Set.of(Capability.STEPS);
    };
  }

  /** The node that it names. */
  default Optional<NodeId> node() {
    return Optional.empty();
  }

  /** Adds {@code :at} or {@code :when}. */
  default void writeTo(EdnTable entry) {
    EdnTable when = new EdnTable();
    switch (this) {
      case At(long nanos) -> {
        entry.put("at", nanos);
        return;
      }
      case After(Handle handle, long nanos) -> when.put("after", handle.name()).put("nanos", nanos);
      case Operations(long count) -> when.put("operations", count);
      case LogLine(String text, Optional<NodeId> node, long count) ->
          counted(when.put("log", text), node, count);
      case Lsn(long lsn) -> when.put("lsn", Positions.lsnText(lsn));
      case Xid(long xid) -> when.put("xid", xid);
      case Message(String kind, Optional<NodeId> node, long count) ->
          counted(when.put("message", kind), node, count);
      case Step(String name, Optional<NodeId> node, long count) ->
          counted(when.put("step", name), node, count);
    }
    entry.put("when", when.build());
  }

  private static void counted(EdnTable when, Optional<NodeId> node, long count) {
    when.put("node", node.map(NodeId::name)).put("count", count);
  }

  /** Reads an entry's {@code :at} or {@code :when}. */
  static Trigger read(Edn.Table entry) {
    boolean hasAt = !(entry.get("at") instanceof Edn.Nil);
    boolean hasWhen = !(entry.get("when") instanceof Edn.Nil);
    if (hasAt == hasWhen) {
      throw new IllegalArgumentException(
          "expected either :at nanoseconds or :when {...}, as in"
              + " {:at 2000000000, :f :kill, :handle \"a\", :value {:target :one}}");
    }
    if (hasAt) {
      long nanos = EdnValues.integer(entry, "at");
      if (nanos < 0) {
        throw new IllegalArgumentException(":at must not be negative: " + nanos);
      }
      return new At(nanos);
    }
    if (!(entry.get("when") instanceof Edn.Table when)) {
      throw new IllegalArgumentException(":when must be a table");
    }
    Optional<NodeId> node = EdnValues.optionalText(when, "node").map(NodeId::new);
    if (has(when, "after")) {
      Handle handle = new Handle(EdnValues.text(when, "after"));
      EdnValues.requireKeys(when, "after", "nanos");
      return new After(handle, EdnValues.optionalInteger(when, "nanos").orElse(0));
    }
    if (has(when, "operations")) {
      EdnValues.requireKeys(when, "operations");
      return new Operations(EdnValues.positive(when, "operations"));
    }
    if (has(when, "lsn")) {
      EdnValues.requireKeys(when, "lsn");
      return new Lsn(lsn(EdnValues.text(when, "lsn")));
    }
    if (has(when, "xid")) {
      EdnValues.requireKeys(when, "xid");
      return new Xid(EdnValues.positive(when, "xid"));
    }
    for (String name : new String[] {"log", "message", "step"}) {
      if (has(when, name)) {
        EdnValues.requireKeys(when, name, "node", "count");
        String text = EdnValues.text(when, name);
        long count = has(when, "count") ? EdnValues.positive(when, "count") : 1;
        return switch (name) {
          case "log" -> new LogLine(text, node, count);
          case "message" -> {
            messageStep(text);
            yield new Message(text, node, count);
          }
          default -> {
            if (phaistos.server.steps.Step.labelled(text).isEmpty()) {
              throw new IllegalArgumentException(
                  ":step: no step of the server: " + text + " (./phaistos defects --steps)");
            }
            yield new Step(text, node, count);
          }
        };
      }
    }
    throw new IllegalArgumentException(
        ":when "
            + EdnWriter.print(when)
            + " (expected one of :after :operations :log :lsn :xid :message :step)");
  }

  /**
   * The step of the server that sends messages of this kind.
   *
   * @throws IllegalArgumentException if there is no such kind
   */
  static String messageStep(String kind) {
    for (ReplicationMessages.Kind each : ReplicationMessages.Kind.values()) {
      if (EdnValues.word(each).equals(Edn.keyword(kind))) {
        return each.step();
      }
    }
    throw new IllegalArgumentException(
        ":message: no kind of message: " + kind + " (expected wal or standby-status-update)");
  }

  private static boolean has(Edn.Table table, String name) {
    return !(table.get(name) instanceof Edn.Nil);
  }

  static long lsn(String text) {
    String[] halves = text.toUpperCase(Locale.ROOT).split("/", -1);
    try {
      if (halves.length == 2 && halves[0].length() <= 8 && halves[1].length() <= 8) {
        return Long.parseUnsignedLong(halves[0], 16) << 32 | Long.parseUnsignedLong(halves[1], 16);
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(":lsn: no LSN: " + text, e);
    }
    throw new IllegalArgumentException(":lsn: no LSN: " + text + " (expected as in 0/16B3748)");
  }
}
