package phaistos.formats;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The pages of {@code pg_xact} in a data directory. Caches the pages read last. Not thread-safe.
 */
public final class CommitLogFiles {
  private static final int CACHED_PAGES = 64;

  private final DataDirectory directory;
  private final String folder;
  private final Map<Integer, Found> cache =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Integer, Found> eldest) {
          return size() > CACHED_PAGES;
        }
      };

  public CommitLogFiles(DataDirectory directory) {
    this(directory, CommitLog.DIRECTORY);
  }

  /** Segments in another folder than {@code pg_xact}; empty for the directory itself. */
  public CommitLogFiles(DataDirectory directory, String folder) {
    this.directory = directory;
    this.folder = folder;
  }

  /** A page, or why there is none. */
  public sealed interface Found {
    record Page(byte[] bytes) implements Found {}

    /** The segment file is not there. */
    record NoFile(String path) implements Found {}

    /** The segment file ends before the page does; {@code length} is the file's. */
    record NoPage(String path, long length) implements Found {}
  }

  /** The status of a transaction, or why it is unknown. */
  public sealed interface Lookup {
    record Known(CommitLog.Status status) implements Lookup {}

    record Missing(String reason) implements Lookup {}
  }

  /** The page with this number. */
  public Found page(int number) throws IOException {
    Found found = cache.get(number);
    if (found == null) {
      found = read(number);
      cache.put(number, found);
    }
    return found;
  }

  private Found read(int number) throws IOException {
    String path = path(CommitLog.segment(number));
    long offset = (long) CommitLog.pageInSegment(number) * CommitLog.PAGE_BYTES;
    try {
      byte[] bytes = directory.read(path, offset, CommitLog.PAGE_BYTES);
      return bytes.length == CommitLog.PAGE_BYTES
          ? new Found.Page(bytes)
          : new Found.NoPage(path, directory.size(path));
    } catch (NoSuchFileException e) {
      return new Found.NoFile(path);
    }
  }

  private String path(int segment) {
    String name = CommitLog.segmentName(segment);
    return folder.isEmpty() ? name : folder + "/" + name;
  }

  /** The two bits of a transaction as they are. */
  public Lookup lookup(Xid xid) throws IOException {
    return switch (page(CommitLog.page(xid))) {
      case Found.Page(byte[] bytes) -> new Lookup.Known(CommitLog.get(bytes, xid));
      case Found.NoFile(String path) -> new Lookup.Missing("%s is not there".formatted(path));
      case Found.NoPage(String path, long length) ->
          new Lookup.Missing(
              "%s ends after %d bytes, before page %d"
                  .formatted(path, length, CommitLog.page(xid)));
    };
  }

  /**
   * The existing segments, by number, with their lengths in bytes.
   *
   * @throws NoSuchFileException if the folder does not exist
   */
  public Map<Integer, Long> segments() throws IOException {
    Map<Integer, Long> segments = new TreeMap<>();
    List<String> names = directory.list(folder);
    for (String name : names) {
      Optional<Integer> number = CommitLog.parseSegmentName(name);
      if (number.isPresent()) {
        segments.put(number.get(), directory.size(path(number.get())));
      }
    }
    return segments;
  }
}
