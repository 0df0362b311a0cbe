package phaistos.formats.redo;

import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import phaistos.formats.CommitLog;
import phaistos.formats.CommitLogFiles;
import phaistos.formats.Xid;

/**
 * A copy of the commit log that replay changes; the files do not change. A page is copied at its
 * first write. As in recovery, a missing page reads as zeros. Not thread-safe.
 */
final class CommitLogImage {
  private final CommitLogFiles files;
  private final Map<Integer, byte[]> changed = new HashMap<>();
  private final Set<Integer> truncatedSegments = new HashSet<>();

  CommitLogImage(CommitLogFiles files) {
    this.files = files;
  }

  void set(Xid xid, CommitLog.Status status) throws IOException {
    CommitLog.set(writable(CommitLog.page(xid)), xid, status);
  }

  CommitLog.Status get(Xid xid) throws IOException {
    int page = CommitLog.page(xid);
    byte[] bytes = changed.get(page);
    if (bytes != null) {
      return CommitLog.get(bytes, xid);
    }
    return switch (files.page(page)) {
      case CommitLogFiles.Found.Page(byte[] found) -> CommitLog.get(found, xid);
      case CommitLogFiles.Found.NoFile _, CommitLogFiles.Found.NoPage _ ->
          CommitLog.Status.IN_PROGRESS;
    };
  }

  void zero(int page) {
    truncatedSegments.remove(CommitLog.segment(page));
    changed.put(page, new byte[CommitLog.PAGE_BYTES]);
  }

  /** Removes the segments that lie wholly before {@code cutoff}. */
  void truncate(int cutoff) throws IOException {
    int first = cutoff - cutoff % CommitLog.PAGES_PER_SEGMENT;
    Set<Integer> segments = new HashSet<>();
    try {
      segments.addAll(files.segments().keySet());
    } catch (java.nio.file.NoSuchFileException e) {
      // nothing to remove
    }
    changed.keySet().forEach(page -> segments.add(CommitLog.segment(page)));
    for (int segment : segments) {
      int last = (segment + 1) * CommitLog.PAGES_PER_SEGMENT - 1;
      if (CommitLog.pagePrecedes(last, first)) {
        truncatedSegments.add(segment);
        changed.keySet().removeIf(page -> CommitLog.segment(page) == segment);
      }
    }
  }

  /** Whether replay removed the segment, so that the status of its transactions is unknown. */
  boolean isTruncated(Xid xid) {
    return truncatedSegments.contains(CommitLog.segment(CommitLog.page(xid)));
  }

  /** Whether the page exists neither in the files nor by replay: a server could not answer. */
  boolean isMissing(Xid xid) throws IOException {
    int page = CommitLog.page(xid);
    return !changed.containsKey(page) && !(files.page(page) instanceof CommitLogFiles.Found.Page);
  }

  private byte[] writable(int page) throws IOException {
    byte[] bytes = changed.get(page);
    if (bytes == null) {
      bytes =
          switch (files.page(page)) {
            case CommitLogFiles.Found.Page(byte[] found) -> found.clone();
            case CommitLogFiles.Found.NoFile _, CommitLogFiles.Found.NoPage _ ->
                new byte[CommitLog.PAGE_BYTES];
          };
      truncatedSegments.remove(CommitLog.segment(page));
      changed.put(page, bytes);
    }
    return bytes;
  }
}
