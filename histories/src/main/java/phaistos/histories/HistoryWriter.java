package phaistos.histories;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.zip.GZIPOutputStream;

/**
 * Writes a history as it happens, one event a line, append-only. Each event reaches the operating
 * system before {@link #write} returns, so a killed run leaves a history that {@link HistoryReader}
 * reads, except for a torn last line. (This does not hold with gzip and {@link #createBuffered}.)
 * Not thread-safe: the interpreter has one writer.
 */
public final class HistoryWriter implements AutoCloseable {
  /** The forms that can be written; reading either back gives an equal history. */
  public enum Form {
    EDN,
    JSON
  }

  private final OutputStream out;
  private final Form form;
  private final boolean isBuffered;
  private final StringBuilder text = new StringBuilder();

  private HistoryWriter(OutputStream out, Form form, boolean isBuffered) {
    this.out = out;
    this.form = form;
    this.isBuffered = isBuffered;
  }

  /**
   * Creates or overwrites a file: JSON lines if it is named {@code .json} or {@code .jsonl}, else
   * EDN; gzip if {@code .gz} follows.
   *
   * @throws UncheckedIOException if it cannot be written
   */
  public static HistoryWriter create(Path file) {
    return open(
        file,
        StandardOpenOption.CREATE,
        StandardOpenOption.TRUNCATE_EXISTING,
        StandardOpenOption.WRITE);
  }

  /**
   * Creates or overwrites an EDN file that gets its events in blocks: for a run that can be
   * repeated if its process is killed.
   *
   * @throws UncheckedIOException if it cannot be written
   */
  public static HistoryWriter createBuffered(Path file) {
    try {
      OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16);
      return new HistoryWriter(out, Form.EDN, true);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be written", e);
    }
  }

  /** Appends to a file, for a history that several runs of a program write. */
  public static HistoryWriter append(Path file) {
    return open(
        file, StandardOpenOption.CREATE, StandardOpenOption.APPEND, StandardOpenOption.WRITE);
  }

  private static HistoryWriter open(Path file, StandardOpenOption... options) {
    String name = file.getFileName().toString();
    boolean isGzip = name.endsWith(".gz");
    String plain = isGzip ? name.substring(0, name.length() - 3) : name;
    Form form = plain.endsWith(".json") || plain.endsWith(".jsonl") ? Form.JSON : Form.EDN;
    try {
      OutputStream out = Files.newOutputStream(file, options);
      return new HistoryWriter(isGzip ? new GZIPOutputStream(out, 1 << 16) : out, form, false);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be written", e);
    }
  }

  public static HistoryWriter to(OutputStream out, Form form) {
    return new HistoryWriter(out, form, false);
  }

  /** Writes a whole history to a new file. */
  public static void write(Path file, History<UntypedCall> history) {
    try (HistoryWriter writer = create(file)) {
      history.events().forEach(writer::write);
    }
  }

  /**
   * @throws UncheckedIOException if it cannot be written
   */
  public void write(Event<UntypedCall> event) {
    text.setLength(0);
    switch (form) {
      case EDN -> printEdn(event, text);
      case JSON -> printJson(event, text);
    }
    text.append('\n');
    try {
      out.write(text.toString().getBytes(StandardCharsets.UTF_8));
      if (!isBuffered) {
        out.flush();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("a history cannot be written", e);
    }
  }

  /** As Jepsen writes it: {@code {:index 0, :time 12, :type :invoke, ...}}. */
  public static void printEdn(Event<UntypedCall> event, StringBuilder out) {
    out.append('{');
    EventFields.describe(
        event,
        new EventFields.Sink() {
          @Override
          public void field(String name, Edn value) {
            EdnWriter.write(value, key(name));
          }

          @Override
          public void field(String name, long number) {
            key(name).append(number);
          }

          @Override
          public void keyword(String name, String word) {
            key(name).append(':').append(word);
          }

          @Override
          public void text(String name, String text) {
            EdnWriter.writeText(text, key(name));
          }

          private StringBuilder key(String name) {
            return next().append(':').append(name).append(' ');
          }

          private StringBuilder next() {
            return out.charAt(out.length() - 1) == '{' ? out : out.append(", ");
          }

          @Override
          public void unknown(Edn name, Edn value) {
            EdnWriter.write(name, next());
            out.append(' ');
            EdnWriter.write(value, out);
          }
        });
    out.append('}');
  }

  /** Writes one JSON object; a value without a form in JSON is EDN text under "$edn". */
  public static void printJson(Event<UntypedCall> event, StringBuilder out) {
    out.append('{');
    LinkedHashMap<Edn, Edn> odd = new LinkedHashMap<>();
    EventFields.describe(
        event,
        new EventFields.Sink() {
          @Override
          public void field(String name, Edn value) {
            boolean isNemesis =
                name.equals("process") && event.process() instanceof Process.Nemesis;
            boolean isName = name.equals("type") || name.equals("f") || isNemesis;
            JsonText.writeText(name, separate(out));
            out.append(':');
            if (isName && value instanceof Edn.Keyword keyword) {
              JsonText.writeText(keyword.name(), out);
            } else if (name.equals("f") && value instanceof Edn.Text) {
              out.append("{\"").append(JsonValues.ESCAPE).append("\":");
              JsonText.writeText(EdnWriter.print(value), out);
              out.append('}');
            } else {
              JsonText.write(value, out);
            }
          }

          @Override
          public void unknown(Edn name, Edn value) {
            if (name instanceof Edn.Keyword keyword && !keyword.name().startsWith("$")) {
              field(keyword.name(), value);
            } else {
              odd.put(name, value);
            }
          }
        });
    if (!odd.isEmpty()) {
      JsonText.writeText(JsonEvents.UNKNOWN, separate(out));
      out.append(":{\"").append(JsonValues.ESCAPE).append("\":");
      JsonText.writeText(EdnWriter.print(new Edn.Table(odd)), out);
      out.append('}');
    }
    out.append('}');
  }

  private static StringBuilder separate(StringBuilder out) {
    return out.charAt(out.length() - 1) == '{' ? out : out.append(',');
  }

  @Override
  public void close() {
    try {
      out.close();
    } catch (IOException e) {
      throw new UncheckedIOException("a history cannot be closed", e);
    }
  }
}
