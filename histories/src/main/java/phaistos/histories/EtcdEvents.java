package phaistos.histories;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Events of a Jepsen log with lines such as {@code INFO jepsen.util - 4 :ok :cas [1 2]}. Lines of
 * other loggers are passed over.
 *
 * <p>This reader knows two things about the test that wrote these logs, and says them in the event,
 * so that the model stays one. A compare-and-set that failed was answered by the server: it took
 * effect as a comparison that did not match. So it becomes an ok of {@code :cas-mismatch}. And a
 * read of nil saw an empty register: an ok of {@code :read-nil}. A completion that timed out
 * carries its invocation's value and {@code :error :timed-out}.
 */
final class EtcdEvents implements HistoryReader.EventSource {
  private static final Pattern OURS =
      Pattern.compile("[A-Z]+\\s+jepsen\\.util\\s+-\\s+(\\S+)\\s+:(\\w+)\\s+:(\\S+)\\s*(.*)");
  private static final Pattern OTHERS = Pattern.compile("[A-Z]+\\s+[\\w.$-]+\\s+-\\s.*");
  private static final Edn TIMED_OUT = Edn.keyword("timed-out");

  private final BufferedReader in;
  private final String source;
  private final Map<String, UntypedCall> open = new HashMap<>();
  private long line;

  EtcdEvents(BufferedReader in, String source) {
    this.in = in;
    this.source = source;
  }

  @Override
  public long line() {
    return Math.max(line, 1);
  }

  @Override
  public Event<UntypedCall> next(long indexIfNone) throws IOException {
    while (true) {
      String text = in.readLine();
      if (text == null) {
        return null;
      }
      line++;
      if (text.isBlank()) {
        continue;
      }
      Matcher ours = OURS.matcher(text);
      try {
        if (ours.matches()) {
          return event(ours, indexIfNone);
        }
        if (text.contains("jepsen.util") || !OTHERS.matcher(text).matches()) {
          throw new EdnException(source, line, "not a line of the log: \"" + text + "\"");
        }
      } catch (EdnException | IllegalArgumentException e) {
        if (in.read() >= 0) {
          throw e;
        }
        throw new HistoryReader.TornException(line, e);
      }
    }
  }

  private Event<UntypedCall> event(Matcher parts, long index) throws IOException {
    String name = parts.group(1);
    Edn f = Edn.keyword(parts.group(3));
    Edn value = value(parts.group(4));
    Process process =
        name.chars().allMatch(Character::isDigit)
            ? new Process.Client(Long.parseLong(name))
            : new Process.Nemesis(name.startsWith(":") ? name.substring(1) : name);
    boolean isClient = process instanceof Process.Client;
    if (parts.group(2).equals("invoke")) {
      UntypedCall call = new UntypedCall(f, value);
      if (isClient) {
        open.put(name, call);
      }
      return new Event.Invoke<>(index, -1, process, call, Details.NONE);
    }
    UntypedCall invoked = open.remove(name);
    boolean isTimedOut = value.equals(TIMED_OUT);
    Details details = isTimedOut ? Details.builder().error(value).build() : Details.NONE;
    Edn result = !isTimedOut ? value : invoked == null ? Edn.NIL : invoked.value();
    UntypedCall call = new UntypedCall(f, result);
    return switch (parts.group(2)) {
      case "ok" -> new Event.Ok<>(index, -1, process, isClient ? observed(call) : call, details);
      case "fail" -> {
        if (isClient && !isTimedOut && call.name().equals("cas")) {
          UntypedCall mismatch = new UntypedCall(Edn.keyword("cas-mismatch"), result);
          yield new Event.Ok<>(index, -1, process, mismatch, details);
        }
        yield new Event.Fail<>(index, -1, process, call, details);
      }
      case "info" -> new Event.Info<>(index, -1, process, call, details);
      default -> throw new EdnException(source, line, "unknown type of event :" + parts.group(2));
    };
  }

  private static UntypedCall observed(UntypedCall call) {
    boolean isEmptyRead = call.name().equals("read") && call.value() instanceof Edn.Nil;
    return isEmptyRead ? new UntypedCall(Edn.keyword("read-nil"), Edn.NIL) : call;
  }

  private Edn value(String text) throws IOException {
    try {
      return new EdnReader(new StringReader(text), source).next().orElse(Edn.NIL);
    } catch (EdnException e) {
      throw new EdnException(source, line, e.reason(), e.atEnd());
    }
  }
}
