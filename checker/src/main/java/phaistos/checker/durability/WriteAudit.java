package phaistos.checker.durability;

import java.util.LinkedHashMap;
import java.util.List;
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
 * is set, too: from then on the page may be written, after the WAL up to the page's LSN. And no
 * commit record may stay unflushed for longer than the WAL writer's cycles allow; time in which the
 * node neither commits nor writes does not count, since it may stand still. Not thread-safe.
 */
public final class WriteAudit {
  private static final String COMMIT_LOG = "pg_xact/";

  /** So much of the time between two acts of a node counts. */
  private static final long GAP_NANOS_MAX = 100_000_000L;

  private final long unflushedNanosMax;
  private final Map<String, Node> nodes = new LinkedHashMap<>();
  private Optional<Early> first = Optional.empty();

  /** The first finding. */
  private record Early(long timeNanos, String sentence) {}

  /**
   * A commit record that was not flushed yet.
   *
   * @param activeNanos the node's time when it came
   */
  private record Open(long end, long activeNanos) {}

  private static final class Node {
    /** By transaction, in the order in which they came. */
    private final Map<Integer, Open> open = new LinkedHashMap<>();

    private long lastNanos;
    private long activeNanos;

    private void acts(long timeNanos) {
      activeNanos += Math.min(GAP_NANOS_MAX, Math.max(0, timeNanos - lastNanos));
      lastNanos = timeNanos;
    }
  }

  /**
   * @param unflushedNanosMax how long an asynchronous commit may stay unflushed
   */
  public WriteAudit(long unflushedNanosMax) {
    this.unflushedNanosMax = unflushedNanosMax;
  }

  private Node node(String name) {
    return nodes.computeIfAbsent(name, _ -> new Node());
  }

  /** A node's server has started. */
  public void starts(String node) {
    nodes.remove(node);
  }

  /**
   * The commit record of transactions was put into the WAL.
   *
   * @param end of the record
   * @param flushed up to where the node counts its WAL as flushed
   */
  public void commits(String name, long timeNanos, List<Xid> xids, Lsn end, Lsn flushed) {
    Node node = node(name);
    node.acts(timeNanos);
    var oldest = node.open.entrySet().iterator();
    while (oldest.hasNext()) {
      Map.Entry<Integer, Open> each = oldest.next();
      if (Long.compareUnsigned(each.getValue().end, flushed.value()) > 0) {
        late(name, timeNanos, node, each, flushed);
        break;
      }
      oldest.remove();
    }
    for (Xid xid : xids) {
      node.open.remove(xid.value());
      node.open.put(xid.value(), new Open(end.value(), node.activeNanos));
    }
  }

  private void late(
      String name, long timeNanos, Node node, Map.Entry<Integer, Open> oldest, Lsn flushed) {
    long age = node.activeNanos - oldest.getValue().activeNanos;
    if (first.isEmpty() && age > unflushedNanosMax) {
      first =
          Optional.of(
              new Early(
                  timeNanos,
                  "%s has flushed its WAL up to %s only: the commit record of transaction %s ends at"
                          .formatted(name, flushed, new Xid(oldest.getKey()))
                      + " %s, and is not flushed after %.1f s"
                          .formatted(new Lsn(oldest.getValue().end), age / 1e9)));
    }
  }

  /**
   * A page is about to be written.
   *
   * @param path below the data directory
   * @param flushed up to where the node counts its WAL as flushed
   */
  public void writes(
      String name, long timeNanos, String path, long offset, byte[] page, Lsn flushed) {
    if (first.isPresent()) {
      return;
    }
    Node node = node(name);
    node.acts(timeNanos);
    node.open.values().removeIf(each -> Long.compareUnsigned(each.end, flushed.value()) <= 0);
    Optional<String> early =
        path.startsWith(COMMIT_LOG)
            ? commitLog(path, offset, page, node.open)
            : table(path, page, node.open, flushed);
    first =
        early.map(
            what ->
                new Early(
                    timeNanos,
                    "%s writes %s, offset %d, while its WAL is flushed up to %s: %s"
                        .formatted(name, path, offset, flushed, what)));
  }

  /**
   * A hint bit is about to say that a transaction committed.
   *
   * @param page the LSN of its page, up to which the WAL is flushed before the page is written
   */
  public void hints(String name, long timeNanos, Xid xid, Lsn page, Lsn flushed) {
    Open of = first.isPresent() ? null : node(name).open.get(xid.value());
    if (of != null
        && Long.compareUnsigned(of.end, flushed.value()) > 0
        && Long.compareUnsigned(of.end, page.value()) > 0) {
      String what = committed("a hint bit on a page of " + page, xid, of);
      first =
          Optional.of(
              new Early(
                  timeNanos,
                  "%s may write a page at any time while its WAL is flushed up to %s: %s"
                      .formatted(name, flushed, what)));
    }
  }

  private static Optional<String> commitLog(
      String path, long offset, byte[] page, Map<Integer, Open> open) {
    int segment = Integer.parseInt(path.substring(COMMIT_LOG.length()), 16);
    long number = (long) segment * CommitLog.PAGES_PER_SEGMENT + offset / CommitLog.PAGE_BYTES;
    for (Map.Entry<Integer, Open> each : open.entrySet()) {
      Xid xid = new Xid(each.getKey());
      if (CommitLog.page(xid) == number && CommitLog.get(page, xid) == CommitLog.Status.COMMITTED) {
        return Optional.of(committed("the page", xid, each.getValue()));
      }
    }
    return Optional.empty();
  }

  private static Optional<String> table(
      String path, byte[] bytes, Map<Integer, Open> open, Lsn flushed) {
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
          Xid of = new Xid(hinted.getAsInt());
          String row = "a hint bit of row " + line.offset();
          return Optional.of(committed(row, of, open.get(hinted.getAsInt())));
        }
      }
    }
    return Optional.empty();
  }

  /** One of these transactions that a hint bit of the row says to have committed. */
  private static OptionalInt hinted(TupleHeader header, Map<Integer, Open> open) {
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

  private static String committed(String what, Xid xid, Open commit) {
    return "%s says that transaction %s committed, whose record ends at %s"
        .formatted(what, xid, new Lsn(commit.end));
  }

  /**
   * The first page that was written too early, or WAL that was flushed too late, in one sentence.
   *
   * @param sinceNanos times count from then on
   */
  public Optional<String> early(long sinceNanos) {
    return first.map(
        early -> "%s (at %.6f s)".formatted(early.sentence, (early.timeNanos - sinceNanos) / 1e9));
  }
}
