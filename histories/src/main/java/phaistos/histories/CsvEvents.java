package phaistos.histories;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Acknowledgements in a table of comma separated values (RFC 4180, also with semicolons or tabs):
 * the first line names the columns, by the keys of an event; each line is an event, an ok unless a
 * column {@code type} says otherwise. An empty value is unknown.
 */
final class CsvEvents implements HistoryReader.EventSource {
  private static final Set<String> COLUMNS =
      Set.of(
          "index",
          "time",
          "type",
          "process",
          "f",
          "value",
          "error",
          "node",
          "timeline",
          "xid",
          "lsn",
          "marker",
          "synchronous-commit",
          "standby-names",
          "unreplicated");

  /** Other names for columns. */
  private static final Map<String, String> ALSO =
      Map.of(
          "outcome",
          "type",
          "level",
          "synchronous-commit",
          "synchronous-standby-names",
          "standby-names");

  private static final Set<String> IDENTIFYING = Set.of("xid", "lsn", "marker");
  private static final Set<String> NUMBERS = Set.of("index", "time", "process", "timeline", "xid");

  private final BufferedReader in;
  private final String source;
  private final EventFields fields = new EventFields();
  private final List<String> columns;
  private final char separator;
  private long line;

  CsvEvents(BufferedReader in, String source) throws IOException {
    this.in = in;
    this.source = source;
    String header = strip(in.readLine());
    line = 1;
    this.separator = separator(header);
    this.columns = names(split(header, separator));
    for (String column : columns) {
      if (!COLUMNS.contains(column)) {
        throw new HistoryException(
            source, 1, "unknown column \"%s\"; known: %s".formatted(column, sorted()));
      }
    }
  }

  private static String sorted() {
    return String.join(", ", COLUMNS.stream().sorted().toList());
  }

  /** Whether a file's first line is the heading of such a table. */
  static boolean isHeading(String line) {
    List<String> names = names(split(strip(line), separator(line)));
    boolean isKnown = names.stream().anyMatch(IDENTIFYING::contains);
    return isKnown && names.stream().filter(COLUMNS::contains).count() * 2 > names.size();
  }

  /** Strips the byte order mark that some programs write before UTF-8. */
  private static String strip(String line) {
    return line == null ? "" : line.startsWith("\uFEFF") ? line.substring(1) : line;
  }

  private static char separator(String header) {
    return header.indexOf('\t') >= 0 ? '\t' : header.indexOf(';') >= 0 ? ';' : ',';
  }

  private static List<String> names(List<String> cells) {
    return cells.stream()
        .map(name -> name.strip().toLowerCase(Locale.ROOT).replace('_', '-'))
        .map(name -> ALSO.getOrDefault(name, name))
        .toList();
  }

  @Override
  public long line() {
    return line;
  }

  @Override
  public Event<UntypedCall> next(long indexIfNone) throws IOException {
    String text = in.readLine();
    line++;
    while (text != null && text.isBlank()) {
      text = in.readLine();
      line++;
    }
    if (text == null) {
      return null;
    }
    while (isOpen(text)) {
      String more = in.readLine();
      line++;
      if (more == null) {
        throw new HistoryReader.TornException(
            line, new EdnException(source, line, "a quoted value has no end"));
      }
      text += "\n" + more;
    }
    List<String> cells = split(text, separator);
    if (cells.size() != columns.size()) {
      EdnException wrong =
          new EdnException(
              source, line, "%d values, but %d columns".formatted(cells.size(), columns.size()));
      if (in.read() >= 0) {
        throw wrong;
      }
      throw new HistoryReader.TornException(line, wrong);
    }
    return event(cells, indexIfNone);
  }

  private Event<UntypedCall> event(List<String> cells, long indexIfNone) {
    fields.clear();
    Map<String, String> given = new HashMap<>();
    for (int i = 0; i < cells.size(); i++) {
      if (!cells.get(i).isEmpty()) {
        given.put(columns.get(i), cells.get(i));
      }
    }
    given.putIfAbsent("type", "ok");
    given.forEach((name, cell) -> fields.put(Edn.keyword(name), value(name, cell)));
    return fields.build(indexIfNone);
  }

  private Edn value(String name, String cell) {
    Optional<Edn> number = integer(cell);
    if (NUMBERS.contains(name)) {
      return number.orElseThrow(
          () -> new EdnException(source, line, "%s is no integer: %s".formatted(name, cell)));
    }
    return switch (name) {
      case "type", "f", "synchronous-commit" ->
          Edn.keyword(cell.startsWith(":") ? cell.substring(1) : cell);
      case "unreplicated" -> cell.matches("t|true|1|yes") ? Edn.TRUE : Edn.FALSE;
      case "lsn", "node", "standby-names", "error" -> Edn.of(cell);
      default -> number.orElse(Edn.of(cell));
    };
  }

  /** An integer only if it prints in the same form: "007" is a text. */
  private static Optional<Edn> integer(String cell) {
    try {
      long number = Long.parseLong(cell);
      return Long.toString(number).equals(cell) ? Optional.of(Edn.of(number)) : Optional.empty();
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private static boolean isOpen(String text) {
    return text.chars().filter(c -> c == '"').count() % 2 != 0;
  }

  private static List<String> split(String text, char separator) {
    List<String> cells = new ArrayList<>();
    StringBuilder cell = new StringBuilder();
    boolean isQuoted = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' && isQuoted && i + 1 < text.length() && text.charAt(i + 1) == '"') {
        cell.append('"');
        i++;
      } else if (c == '"') {
        isQuoted = !isQuoted;
      } else if (c == separator && !isQuoted) {
        cells.add(cell.toString());
        cell.setLength(0);
      } else {
        cell.append(c);
      }
    }
    cells.add(cell.toString());
    return cells;
  }
}
