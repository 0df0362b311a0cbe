package phaistos.checker.jepsen;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import phaistos.histories.History;
import phaistos.histories.HistoryReader;
import phaistos.histories.UntypedCall;

/**
 * A tiny language for histories: one event a line, {@code "0 invoke add 1"} being process, type,
 * function and value; what follows a bar are more keys. Times are a millisecond an event.
 */
final class Histories {
  private Histories() {}

  static History<UntypedCall> history(String lines) {
    if (lines.isBlank()) {
      return History.of(List.of());
    }
    StringBuilder edn = new StringBuilder();
    int index = 0;
    for (String line : lines.lines().map(String::strip).filter(l -> !l.isEmpty()).toList()) {
      String[] halves = line.split("\\|", 2);
      String[] parts = halves[0].strip().split(" ", 4);
      String process = parts[0].equals("n") ? ":nemesis" : parts[0];
      edn.append(
          "{:index %d :time %d :process %s :type :%s :f :%s :value %s %s}\n"
              .formatted(
                  index,
                  index * 1_000_000L,
                  process,
                  parts[1],
                  parts[2],
                  parts.length > 3 ? parts[3] : "nil",
                  halves.length > 1 ? halves[1] : ""));
      index++;
    }
    byte[] bytes = edn.toString().getBytes(StandardCharsets.UTF_8);
    return HistoryReader.of(new ByteArrayInputStream(bytes), "test").readAll();
  }
}
