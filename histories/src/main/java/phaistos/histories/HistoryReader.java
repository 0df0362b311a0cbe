package phaistos.histories;

import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.FilterReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.SequenceInputStream;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads a history's events one after the other. The content decides the form ({@link
 * HistoryFormat}). Packed files are unpacked ({@link Unpacking}), and from a folder the best file
 * is taken ({@link StoreFolder}). EDN, JSON, and Jepsen's texts are read in memory bounded by the
 * largest event, the other forms as a whole. Every error is a {@link HistoryException} with file
 * and line. An event without an index gets the last index plus one.
 *
 * <p>If a file has one event a line and its last line is torn, as a killed run leaves it, it is
 * read up to that line, and {@link #notes()} says so. Such a run loses no necessary event: an
 * invocation is written before it is sent, and a missing completion leaves its operation open. A
 * last line that is complete (it has its end of line) and wrong is an error.
 *
 * <p>Not thread-safe.
 */
public final class HistoryReader implements AutoCloseable {
  private static final int HEAD_BYTES = 1 << 16;

  /** Reads the events of one format from the stream. */
  interface EventSource {
    /** The next event, or null at the end; an event without an index gets this one. */
    Event<UntypedCall> next(long indexIfNone) throws IOException;

    /** The line on which the last event ended. */
    long line();

    /** How the events so far were interpreted, if a person must know. */
    default List<String> remarks() {
      return List.of();
    }
  }

  /** The text ends within its last event, or right after one that is wrong. */
  static final class TornException extends RuntimeException {
    private final long line;
    private final RuntimeException reason;

    /**
     * @param line the event's first line
     * @param reason the error if the event is not torn but wrong
     */
    TornException(long line, RuntimeException reason) {
      super(reason);
      this.line = line;
      this.reason = reason;
    }
  }

  /** Tracks whether the text read so far ends with a complete line. */
  private static final class Lines extends FilterReader {
    private boolean isAtLineEnd;

    Lines(Reader in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      int c = in.read();
      isAtLineEnd = c < 0 ? isAtLineEnd : c == '\n';
      return c;
    }

    @Override
    public int read(char[] buffer, int offset, int length) throws IOException {
      int count = in.read(buffer, offset, length);
      isAtLineEnd = count <= 0 ? isAtLineEnd : buffer[offset + count - 1] == '\n';
      return count;
    }
  }

  private final InputStream in;
  private final String source;
  private final HistoryFormat format;
  private final EventSource events;
  private final Lines lines;
  private long lastIndex = -1;
  private boolean isAtEnd;
  private final List<Long> eventLines = new ArrayList<>();
  private Optional<String> note = Optional.empty();
  private Optional<String> remark = Optional.empty();

  private HistoryReader(InputStream in, String source) throws IOException {
    this.in = in;
    this.source = source;
    byte[] head = in.readNBytes(HEAD_BYTES);
    Charset charset = Charsets.tell(head);
    this.format = tell(head, charset, source);
    InputStream whole = new SequenceInputStream(new ByteArrayInputStream(head), in);
    this.lines = new Lines(new InputStreamReader(whole, charset));
    this.events = events(whole);
  }

  /** A history of several files. */
  private HistoryReader(HistoryFormat format, EventSource events, String source) {
    this.in = InputStream.nullInputStream();
    this.source = source;
    this.format = format;
    this.lines = new Lines(Reader.nullReader());
    this.events = events;
  }

  private static HistoryFormat tell(byte[] head, Charset charset, String source) {
    if (JepsenStore.isStore(head)) {
      return HistoryFormat.JEPSEN_STORE;
    }
    if (Fressian.isMap(head)) {
      return HistoryFormat.FRESSIAN;
    }
    if (DbcopEvents.isBinary(head)) {
      return HistoryFormat.DBCOP_BINARY;
    }
    return HistorySniffer.tell(new String(head, charset), source);
  }

  private EventSource events(InputStream whole) throws IOException {
    BufferedReader text = new BufferedReader(lines, HEAD_BYTES);
    return switch (format) {
      case EDN, EDN_LINES -> new EdnEvents(lines, source);
      case JSON -> new JsonEvents(lines, source);
      case CSV -> new CsvEvents(text, source);
      case ETCD_LOG, JEPSEN_LOG, HISTORY_TEXT -> new JepsenLines(text, source, format);
      case JEPSEN_STORE ->
          new RecordEvents(new JepsenStore(whole.readAllBytes(), source).history(), source);
      case FRESSIAN -> new RecordEvents(Fressian.history(whole.readAllBytes(), source), source);
      case CALL_RETURN -> {
        CallReturnEvents operations = new CallReturnEvents();
        operations.read(text, source);
        yield operations.events();
      }
      case PLUME -> new SessionTexts(text, source).plume();
      case AWDIT -> new SessionTexts(text, source).awdit();
      case DBCOP -> new DbcopEvents(source).json(text);
      case DBCOP_TEXT -> new SessionTexts(text, source).dbcop();
      case DBCOP_BINARY -> new DbcopEvents(source).binary(whole.readAllBytes());
      case COBRA -> throw new IllegalStateException("Cobra's logs are a folder");
    };
  }

  /**
   * @throws HistoryException if the file is missing, cannot be read, or is in none of the formats
   */
  public static HistoryReader open(Path file) {
    try {
      if (Files.isDirectory(file)) {
        return ofFolder(file);
      }
      return ofFile(file);
    } catch (NoSuchFileException _) {
      throw new HistoryException(file.toString(), 0, "no such file");
    } catch (IOException e) {
      throw new HistoryException(file.toString(), 0, "cannot be read: " + e);
    }
  }

  private static HistoryReader ofFile(Path file) throws IOException {
    InputStream in = Files.newInputStream(file);
    try {
      return of(in, file.toString());
    } catch (RuntimeException e) {
      in.close();
      throw e;
    }
  }

  private static HistoryReader ofFolder(Path folder) throws IOException {
    List<Path> files = StoreFolder.files(folder);
    if (files.size() == 1) {
      HistoryReader reader = ofFile(files.getFirst());
      Path file = files.getFirst();
      Path shown = file.startsWith(folder) ? folder.relativize(file) : file;
      reader.remark = Optional.of("read from " + shown);
      return reader;
    }
    boolean isCobra = files.getFirst().toString().endsWith(".log");
    try {
      return isCobra ? ofCobra(files, folder) : ofClients(files, folder);
    } catch (EdnException e) {
      throw new HistoryException(folder.toString(), 0, e.getMessage());
    }
  }

  private static HistoryReader ofCobra(List<Path> files, Path folder) throws IOException {
    CobraLogs logs = new CobraLogs();
    for (Path file : files) {
      try (DataInputStream in =
          new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
        logs.read(in, file.toString());
      }
    }
    return new HistoryReader(HistoryFormat.COBRA, logs.events(), folder.toString());
  }

  private static HistoryReader ofClients(List<Path> files, Path folder) throws IOException {
    CallReturnEvents operations = new CallReturnEvents();
    for (Path file : files) {
      try (Reader text = Files.newBufferedReader(file)) {
        operations.read(text, file.toString());
      }
    }
    return new HistoryReader(HistoryFormat.CALL_RETURN, operations.events(), folder.toString());
  }

  /** A reader of this stream; errors name it {@code source}. */
  public static HistoryReader of(InputStream given, String source) {
    try {
      Unpacking.Content content = Unpacking.open(given, source);
      return new HistoryReader(content.in(), content.source());
    } catch (EdnException e) {
      throw new HistoryException(source, e.line(), e.reason());
    } catch (IOException e) {
      throw new HistoryException(source, 0, "cannot be read: " + e.getMessage());
    }
  }

  /** The whole history of a file, with its pairs of invocation and completion checked. */
  public static History<UntypedCall> read(Path file) {
    try (HistoryReader reader = open(file)) {
      return reader.readAll();
    }
  }

  public HistoryFormat format() {
    return format;
  }

  /** The name of the file in errors. */
  public String source() {
    return source;
  }

  /** The line, from 1, on which the last event ended. */
  public long line() {
    return events.line();
  }

  /** The defects that were tolerated so far, for people: a torn last line. */
  public List<String> notes() {
    return note.stream().toList();
  }

  /** How the events so far were interpreted, if a person must know; this weakens no verdict. */
  public List<String> remarks() {
    List<String> all = new ArrayList<>(events.remarks());
    remark.ifPresent(all::add);
    return all;
  }

  /** The next event, or nothing at the end. */
  public Optional<Event<UntypedCall>> next() {
    if (isAtEnd) {
      return Optional.empty();
    }
    try {
      Event<UntypedCall> event = nextOrTorn();
      if (event == null) {
        isAtEnd = true;
        return Optional.empty();
      }
      if (event.index() <= lastIndex) {
        throw error("indices do not grow: " + event.index() + " after " + lastIndex);
      }
      lastIndex = event.index();
      return Optional.of(event);
    } catch (EdnException e) {
      throw new HistoryException(source, e.line(), e.reason());
    } catch (IllegalArgumentException e) {
      throw error(e.getMessage());
    } catch (IOException e) {
      throw error("cannot be read: " + e.getMessage());
    }
  }

  private Event<UntypedCall> nextOrTorn() throws IOException {
    try {
      return events.next(lastIndex + 1);
    } catch (TornException e) {
      if (lines.isAtLineEnd) {
        throw e.reason;
      }
      note = Optional.of(source + ":" + e.line + ": the last event is torn and left out");
      return null;
    }
  }

  /** An error at the line of the last event. */
  public HistoryException error(String reason) {
    return new HistoryException(source, line(), reason);
  }

  /** The remaining events, unpaired: completions may come without an invocation. */
  public List<Event<UntypedCall>> readEvents() {
    List<Event<UntypedCall>> all = new ArrayList<>();
    for (var event = next(); event.isPresent(); event = next()) {
      all.add(event.get());
    }
    return all;
  }

  /** The history of the remaining events, with its pairs of invocation and completion checked. */
  public History<UntypedCall> readAll() {
    List<Event<UntypedCall>> all = new ArrayList<>();
    Map<Process, Long> open = new HashMap<>();
    for (var next = next(); next.isPresent(); next = next()) {
      Event<UntypedCall> event = next.get();
      all.add(event);
      eventLines.add(line());
      if (event.isClient()) {
        checkPair(open, event);
      }
    }
    return History.of(all);
  }

  /** The lines of the events of {@link #readAll}, in their order. */
  public List<Long> lines() {
    return Collections.unmodifiableList(eventLines);
  }

  private void checkPair(Map<Process, Long> open, Event<UntypedCall> event) {
    if (event.isInvoke()) {
      Long earlier = open.put(event.process(), line());
      if (earlier != null) {
        throw error(event.process() + " invokes while its call of line " + earlier + " is open");
      }
    } else if (open.remove(event.process()) == null) {
      throw error(event.process() + " completes (" + event.type() + ") what it did not invoke");
    }
  }

  @Override
  public void close() {
    try {
      in.close();
    } catch (IOException e) {
      throw new HistoryException(source, 0, "cannot be closed: " + e.getMessage());
    }
  }
}
