package phaistos.checker.durability;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import phaistos.formats.CommitLog;
import phaistos.formats.FormatException;
import phaistos.formats.Lsn;
import phaistos.formats.Xid;
import phaistos.formats.heap.HeapPage;
import phaistos.formats.heap.TupleHeader;

/**
 * Holds every page that a primary writes against the WAL that it has flushed by then: the page may
 * reach the disk at once, and a power cut take all other WAL. So no page of a table may have
 * changed behind the flushed WAL, and neither a hint bit nor the commit log may say of a
 * transaction that it committed whose commit record is not flushed. A hint bit is looked at when it
 * is set, too: from then on the page may be written, after the WAL up to the page's LSN. Not
 * thread-safe.
 */
public final class WriteAudit {
  private static final String COMMIT_LOG = "pg_xact/";

  /** By node: transactions, by their ids, whose commit records were not flushed yet. */
  private final Map<String, Map<Integer, Long>> unflushed = new LinkedHashMap<>();

  private Optional<Early> first = Optional.empty();

  /** The first page that came too early. */
  private record Early(long timeNanos, String sentence) {}

  /** A node's server has started. */
  public void starts(String node) {
    unflushed.remove(node);
  }

  /** The commit record of a transaction, or of its parent, ends there in the WAL. */
  public void commits(String node, Xid xid, Lsn end) {
    unflushed.computeIfAbsent(node, _ -> new LinkedHashMap<>()).put(xid.value(), end.value());
  }

  /**
   * A page is about to be written.
   *
   * @param path below the data directory
   * @param flushed up to where the node counts its WAL as flushed
   */
  public void writes(
      String node, long timeNanos, String path, long offset, byte[] page, Lsn flushed) {
    if (first.isPresent()) {
      return;
    }
    Map<Integer, Long> open = unflushed.computeIfAbsent(node, _ -> new LinkedHashMap<>());
    open.values().removeIf(end -> Long.compareUnsigned(end, flushed.value()) <= 0);
    Optional<String> early =
        path.startsWith(COMMIT_LOG)
            ? commitLog(path, offset, page, open)
            : table(path, page, open, flushed);
    first =
        early.map(
            what ->
                new Early(
                    timeNanos,
                    "%s writes %s, offset %d, while its WAL is flushed up to %s: %s"
                        .formatted(node, path, offset, flushed, what)));
  }

  /**
   * A hint bit is about to say that a transaction committed.
   *
   * @param page the LSN of its page, up to which the WAL is flushed before the page is written
   */
  public void hints(String node, long timeNanos, Xid xid, Lsn page, Lsn flushed) {
    Long end = unflushed.getOrDefault(node, Map.of()).get(xid.value());
    if (first.isEmpty()
        && end != null
        && Long.compareUnsigned(end, flushed.value()) > 0
        && Long.compareUnsigned(end, page.value()) > 0) {
      String what = committed("a hint bit on a page of " + page, Map.entry(xid.value(), end));
      first =
          Optional.of(
              new Early(
                  timeNanos,
                  "%s may write a page at any time while its WAL is flushed up to %s: %s"
                      .formatted(node, flushed, what)));
    }
  }

  private static Optional<String> commitLog(
      String path, long offset, byte[] page, Map<Integer, Long> open) {
    int segment = Integer.parseInt(path.substring(COMMIT_LOG.length()), 16);
    long number = (long) segment * CommitLog.PAGES_PER_SEGMENT + offset / CommitLog.PAGE_BYTES;
    for (Map.Entry<Integer, Long> each : open.entrySet()) {
      Xid xid = new Xid(each.getKey());
      if (CommitLog.page(xid) == number && CommitLog.get(page, xid) == CommitLog.Status.COMMITTED) {
        return Optional.of(committed("the page", each));
      }
    }
    return Optional.empty();
  }

  private static Optional<String> table(
      String path, byte[] bytes, Map<Integer, Long> open, Lsn flushed) {
    HeapPage page;
    try {
      page = HeapPage.of(bytes);
    } catch (FormatException _) {
      return Optional.empty();
    }
    if (path.contains("_") || page.isNew() || page.special() != HeapPage.BYTES) {
      return Optional.empty();
    }
    if (page.lsn().compareTo(flushed) > 0) {
      return Optional.of("the page was changed at " + page.lsn());
    }
    if (open.isEmpty()) {
      return Optional.empty();
    }
    for (HeapPage.Line line : page.lines()) {
      if (line.state() == HeapPage.LineState.NORMAL) {
        OptionalInt hinted = hinted(page.header(line.offset()), open);
        if (hinted.isPresent()) {
          Map.Entry<Integer, Long> of = Map.entry(hinted.getAsInt(), open.get(hinted.getAsInt()));
          return Optional.of(committed("a hint bit of row " + line.offset(), of));
        }
      }
    }
    return Optional.empty();
  }

  /** One of these transactions that a hint bit of the row says to have committed. */
  private static OptionalInt hinted(TupleHeader header, Map<Integer, Long> open) {
    if (header.has(TupleHeader.XMIN_COMMITTED)
        && !header.isFrozen()
        && open.containsKey(header.xmin().value())) {
      return OptionalInt.of(header.xmin().value());
    }
    boolean deletes =
        header.has(TupleHeader.XMAX_COMMITTED)
            && !header.has(TupleHeader.XMAX_LOCK_ONLY)
            && !header.has(TupleHeader.XMAX_IS_MULTI)
            && !header.has(TupleHeader.XMAX_INVALID);
    return deletes && open.containsKey(header.xmax().value())
        ? OptionalInt.of(header.xmax().value())
        : OptionalInt.empty();
  }

  private static String committed(String what, Map.Entry<Integer, Long> commit) {
    return "%s says that transaction %s committed, whose record ends at %s"
        .formatted(what, new Xid(commit.getKey()), new Lsn(commit.getValue()));
  }

  /**
   * The first page that was written too early, in one sentence.
   *
   * @param sinceNanos times count from then on
   */
  public Optional<String> early(long sinceNanos) {
    return first.map(
        early -> "%s (at %.6f s)".formatted(early.sentence, (early.timeNanos - sinceNanos) / 1e9));
  }
}
