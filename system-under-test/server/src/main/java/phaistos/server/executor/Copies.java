package phaistos.server.executor;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import phaistos.server.catalog.Table;
import phaistos.server.errors.PgError;
import phaistos.server.sql.Command;
import phaistos.server.types.Datum;
import phaistos.server.types.SqlType;
import phaistos.server.types.TypeText;
import phaistos.server.xact.TableLockMode;

/** COPY between a table and lines in text format. */
public final class Copies {
  private final Table table;
  private final List<Integer> columns;
  private final SessionContext session;

  private Copies(Table table, List<Integer> columns, SessionContext session) {
    this.table = table;
    this.columns = columns;
    this.session = session;
  }

  /**
   * @throws PgError 25006 for COPY FROM where nothing can be written
   */
  public static Copies of(Command.Copy copy, SessionContext session) {
    Table table =
        copy.from()
            ? Changes.table(copy.table(), "COPY FROM", session)
            : TableNames.table(copy.table(), TableLockMode.ACCESS_SHARE, session);
    return new Copies(table, Inserts.targets(copy.columns(), table), session);
  }

  /** How many columns a line has. */
  public int width() {
    return columns.size();
  }

  /** Takes the lines of COPY FROM. */
  public final class Input {
    private final List<Expr> defaults = Defaults.of(table, session);
    private final RowChecks checks = RowChecks.of(table, session);
    private final RowStore store = new RowStore(table, session);
    private final Frame frame = new Frame(List.of(), List.of(), session);
    private final List<List<Datum>> gathered = new ArrayList<>();
    private long rows;

    /** A line without its end. */
    public void line(String line) {
      List<Datum> row = new ArrayList<>(defaults.size());
      defaults.forEach(value -> row.add(null));
      int at = 0;
      for (int i = 0; i < columns.size(); i++) {
        Table.Column column = table.columns().get(columns.get(i));
        if (at > line.length()) {
          throw PgError.error("22P04", "missing data for column \"%s\"".formatted(column.name()));
        }
        int end = line.indexOf('\t', at);
        end = end < 0 ? line.length() : end;
        row.set(columns.get(i), value(line.substring(at, end), column));
        at = end + 1;
      }
      if (at <= line.length()) {
        throw PgError.error("22P04", "extra data after last expected column");
      }
      for (int i = 0; i < row.size(); i++) {
        if (row.get(i) == null) {
          row.set(i, defaults.get(i).of(frame));
        }
      }
      checks.check(row, frame);
      gathered.add(row);
      if (gathered.size() == RowStore.MANY) {
        storeGathered();
      }
      rows++;
      if ((rows & 255) == 0) {
        session.transaction().proc().checkInterrupts();
      }
    }

    private void storeGathered() {
      store.insertAll(gathered);
      gathered.clear();
    }

    private static Datum value(String field, Table.Column column) {
      if (field.equals("\\N")) {
        return Datum.NULL;
      }
      String text = field.indexOf('\\') < 0 ? field : unescaped(field);
      return Casts.limited(
          TypeText.parse(text, column.type()), column.type(), column.limit(), false);
    }

    public long end() {
      storeGathered();
      session.transaction().nextCommand();
      return rows;
    }
  }

  private static String unescaped(String field) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < field.length(); i++) {
      char c = field.charAt(i);
      if (c != '\\' || i == field.length() - 1) {
        out.append(c);
        continue;
      }
      char next = field.charAt(++i);
      switch (next) {
        case 'b' -> out.append('\b');
        case 'f' -> out.append('\f');
        case 'n' -> out.append('\n');
        case 'r' -> out.append('\r');
        case 't' -> out.append('\t');
        case 'v' -> out.append('\u000b');
        case '0', '1', '2', '3', '4', '5', '6', '7', 'x' ->
            throw PgError.unsupported("byte escape in COPY data");
        default -> out.append(next);
      }
    }
    return out.toString();
  }

  /** Hands out the lines of COPY TO, without their ends; returns their number. */
  public long output(Consumer<String> lines) {
    long[] rows = new long[1];
    TableScan.of(table, java.util.Optional.empty())
        .rows()
        .run(
            new Frame(List.of(), List.of(), session),
            row -> {
              List<String> fields = new ArrayList<>(columns.size());
              for (int at : columns) {
                fields.add(field(row.get(at), table.columns().get(at).type()));
              }
              lines.accept(String.join("\t", fields));
              rows[0]++;
              return true;
            });
    return rows[0];
  }

  private static String field(Datum value, SqlType type) {
    if (value.isNull()) {
      return "\\N";
    }
    String text = TypeText.format(value, type);
    boolean plain = text.chars().noneMatch(c -> c == '\\' || c < 0x20);
    return plain
        ? text
        : text.replace("\\", "\\\\")
            .replace("\b", "\\b")
            .replace("\f", "\\f")
            .replace("\n", "\\n")
            .replace("\r", "\\r")
            .replace("\t", "\\t")
            .replace("\u000b", "\\v");
  }
}
