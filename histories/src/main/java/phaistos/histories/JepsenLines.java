package phaistos.histories;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Events of lines of process, type, f, value and perhaps an error, separated by tabs: Jepsen's
 * {@code history.txt}, and its log, in which the logger {@code jepsen.util} writes them among lines
 * of other loggers. Those are skipped, and so are the further lines of an error.
 *
 * <p>Of the oldest form of the log ({@code INFO jepsen.util - 4 :ok :cas [1 2]}) this reader knows
 * two facts about the test that wrote it, and puts them into the event, so that one model fits all
 * forms. First, the server answered a compare-and-set that failed: it took effect as a comparison
 * that did not match. So it becomes an ok of {@code :cas-mismatch}. Second, a read of nil saw an
 * empty register, so it becomes an ok of {@code :read-nil}. In every form a completion that timed
 * out has its invocation's value and {@code :error :timed-out}.
 */
final class JepsenLines implements HistoryReader.EventSource {
  /** The text that a logger of Jepsen 0.0 to 0.3 writes before its message. */
  static final Pattern LOGGED =
      Pattern.compile(
          "(?:[A-Z]+\\s+jepsen\\.util\\s+-\\s|.*?\\bjepsen\\.(?:util|print)(?::|\\s+-)?\\s)\\s*");

  private static final Pattern TABBED =
      Pattern.compile("\\s*([^\\t]+?)\\s*\\t\\s*:(\\w+)\\s*\\t\\s*([^\\t]+?)\\s*(?:\\t(.*))?");
  private static final Pattern SPACED =
      Pattern.compile("\\s*(\\S+)\\s+:(invoke|ok|fail|info)\\s+(:\\S+|nil)(?:\\s+(.*))?");
  private static final Pattern OTHERS = Pattern.compile("[A-Z]+\\s+[\\w.$-]+\\s+-\\s.*|\\s*");
  private static final Edn TIMED_OUT = Edn.keyword("timed-out");

  private final BufferedReader in;
  private final String source;
  private final HistoryFormat format;
  private final Map<Process, UntypedCall> open = new HashMap<>();
  private final Processes processes = new Processes();
  private boolean hadError;
  private long line;

  /** {@code format} is one of the two logs, or the text. */
  JepsenLines(BufferedReader in, String source, HistoryFormat format) {
    this.in = in;
    this.source = source;
    this.format = format;
  }

  @Override
  public long line() {
    return Math.max(line, 1);
  }

  @Override
  public java.util.List<String> remarks() {
    return processes.remarks();
  }

  @Override
  public Event<UntypedCall> next(long indexIfNone) throws IOException {
    while (true) {
      String text = in.readLine();
      if (text == null) {
        return null;
      }
      line++;
      try {
        Optional<Matcher> parts = parts(text);
        if (parts.isPresent()) {
          return event(parts.get(), indexIfNone);
        }
      } catch (EdnException | IllegalArgumentException e) {
        if (!isLast()) {
          throw e;
        }
        throw new HistoryReader.TornException(line, e);
      }
      if (format == HistoryFormat.ETCD_LOG && !OTHERS.matcher(text).matches() && isLast()) {
        throw new HistoryReader.TornException(
            line, new EdnException(source, line, "not a line of the log: \"" + text + "\""));
      }
    }
  }

  private boolean isLast() throws IOException {
    in.mark(1);
    boolean isLast = in.read() < 0;
    in.reset();
    return isLast;
  }

  /** The line's parts, if it is of an operation. */
  private Optional<Matcher> parts(String text) {
    String own = text;
    if (format != HistoryFormat.HISTORY_TEXT) {
      Matcher logged = LOGGED.matcher(text);
      if (!logged.lookingAt()) {
        return Optional.empty();
      }
      own = text.substring(logged.end());
    }
    Matcher tabbed = TABBED.matcher(own);
    if (tabbed.matches()) {
      return Optional.of(tabbed);
    }
    Matcher spaced = SPACED.matcher(own);
    if (spaced.matches()) {
      return Optional.of(spaced);
    }
    boolean isOurs = format != HistoryFormat.JEPSEN_LOG && !hadError && !text.isBlank();
    if (isOurs) {
      throw new EdnException(
          source, line, "not a line of process, type, f and value: \"" + shorten(text) + "\"");
    }
    return Optional.empty();
  }

  private static String shorten(String text) {
    return text.length() <= 60 ? text : text.substring(0, 57) + "...";
  }

  private Event<UntypedCall> event(Matcher parts, long index) throws IOException {
    String type = parts.group(2);
    Edn f = value(parts.group(3));
    String rest = parts.group(4) == null ? "" : parts.group(4);
    int tab = rest.indexOf('\t');
    Edn value = value(tab < 0 ? rest : rest.substring(0, tab));
    Details details = tab < 0 ? Details.NONE : error(rest.substring(tab + 1));
    hadError = tab >= 0;
    Process process = processes.of(process(parts.group(1)), type, new UntypedCall(f, value));
    if (type.equals("invoke")) {
      UntypedCall call = new UntypedCall(f, value);
      if (process instanceof Process.Client) {
        open.put(process, call);
      }
      return new Event.Invoke<>(index, -1, process, call, details);
    }
    UntypedCall invoked = open.remove(process);
    if (value.equals(TIMED_OUT)) {
      details = Details.builder().error(value).build();
      value = invoked == null ? Edn.NIL : invoked.value();
    }
    return completion(type, index, process, new UntypedCall(f, value), details);
  }

  private Event<UntypedCall> completion(
      String type, long index, Process process, UntypedCall call, Details details) {
    boolean isObserved = format == HistoryFormat.ETCD_LOG && process instanceof Process.Client;
    return switch (type) {
      case "ok" -> new Event.Ok<>(index, -1, process, isObserved ? observed(call) : call, details);
      case "fail" -> {
        if (isObserved && details == Details.NONE && call.name().equals("cas")) {
          UntypedCall mismatch = new UntypedCall(Edn.keyword("cas-mismatch"), call.value());
          yield new Event.Ok<>(index, -1, process, mismatch, details);
        }
        yield new Event.Fail<>(index, -1, process, call, details);
      }
      case "info" -> new Event.Info<>(index, -1, process, call, details);
      default -> throw new EdnException(source, line, "unknown type of event :" + type);
    };
  }

  private static UntypedCall observed(UntypedCall call) {
    boolean isEmptyRead = call.name().equals("read") && call.value() instanceof Edn.Nil;
    return isEmptyRead ? new UntypedCall(Edn.keyword("read-nil"), Edn.NIL) : call;
  }

  /** The process, printed with {@code str}: a name without quotes is a name. */
  private Edn process(String text) throws IOException {
    try {
      return value(text);
    } catch (EdnException _) {
      return Edn.of(text);
    }
  }

  /** The error, printed with {@code str}, so it may be any text. */
  private Details error(String text) throws IOException {
    Edn error;
    try {
      error = value(text);
    } catch (EdnException _) {
      error = Edn.of(text);
    }
    return Details.builder().error(error).build();
  }

  private Edn value(String text) throws IOException {
    try {
      EdnReader reader = new EdnReader(new StringReader(text), source);
      Edn value = reader.next().orElse(Edn.NIL);
      if (reader.next().isPresent()) {
        throw reader.error("one value is expected, not " + shorten(text));
      }
      return value;
    } catch (EdnException e) {
      throw new EdnException(source, line, e.reason(), e.atEnd());
    }
  }
}
