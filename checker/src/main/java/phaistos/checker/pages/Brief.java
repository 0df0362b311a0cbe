package phaistos.checker.pages;

import java.util.List;
import java.util.Optional;
import phaistos.histories.Edn;
import phaistos.histories.EdnWriter;
import phaistos.histories.Event;

/** Short texts of values and events, for pages. */
public final class Brief {
  private static final int ITEMS_MAX = 12;

  private Brief() {}

  /** A value as EDN; of a long list the first items and how many there are. */
  public static String text(Edn value, int lengthMax) {
    String text =
        switch (value) {
          case Edn.Vector vector when vector.items().size() > ITEMS_MAX ->
              some(vector.items(), "[", "]");
          case Edn.Sequence sequence when sequence.items().size() > ITEMS_MAX ->
              some(sequence.items(), "(", ")");
          case Edn.Group group when group.items().size() > ITEMS_MAX ->
              some(group.items().stream().limit(ITEMS_MAX).toList(), "#{", "}")
                  .replaceFirst("\\d+ items", group.items().size() + " items");
          case Edn.Nil _ -> "";
          default -> EdnWriter.print(value);
        };
    return text.length() <= lengthMax ? text : text.substring(0, lengthMax - 1) + "…";
  }

  private static String some(List<Edn> items, String open, String close) {
    StringBuilder text = new StringBuilder(open);
    items.stream().limit(ITEMS_MAX).forEach(item -> text.append(EdnWriter.print(item)).append(' '));
    return text + "…" + close + " (" + items.size() + " items)";
  }

  /** What a completion says beyond its value: "0/3A93C0, xid 3618, on n1: rolled back". */
  public static String details(Event<?> event) {
    StringBuilder text = new StringBuilder();
    event.details().xid().ifPresent(xid -> text.append("xid ").append(xid));
    event
        .details()
        .node()
        .ifPresent(node -> text.append(text.isEmpty() ? "" : ", ").append("on ").append(node));
    error(event)
        .filter(_ -> !isIntended(event))
        .ifPresent(error -> text.append(text.isEmpty() ? "" : ": ").append(error));
    return text.toString();
  }

  private static Optional<String> error(Event<?> event) {
    return event.details().error().map(error -> text(error, 160));
  }

  /**
   * Whether the client rolled this transaction back by intent: a failure by design, and no trouble.
   */
  public static boolean isIntended(Event<?> event) {
    return event instanceof Event.Fail
        && event.details().error().orElse(Edn.NIL) instanceof Edn.Vector vector
        && vector.items().size() == 2
        && vector.items().getFirst().equals(Edn.keyword("rolled-back"))
        && vector.items().get(1).equals(Edn.of("on purpose"));
  }
}
