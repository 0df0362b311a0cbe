package phaistos.checker.replication;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import phaistos.checker.replication.ReplyReport.Claim;
import phaistos.checker.replication.ReplyReport.Violation;
import phaistos.formats.DataDirectory;
import phaistos.formats.Lsn;
import phaistos.formats.wal.WalLayout;
import phaistos.histories.Event;
import phaistos.histories.UntypedCall;

/**
 * Holds each reply of a standby against the standby's files at the moment at which it is sent:
 *
 * <ul>
 *   <li>what it reports as flushed must be there after a power cut at that moment;
 *   <li>what it reports as written must be there after a SIGKILL;
 *   <li>what it reports as applied must have been replayed, and be there after a power cut.
 * </ul>
 *
 * "There" means: the segment file has a name, its bytes on the platter are those in the page cache,
 * and they are one chain of valid records. The chain begins with the segment in which the stream
 * begins; what lies before is not judged. Each byte is looked at once for each stream, so the cost
 * is that of reading the WAL twice. The primary's promise to its clients rests on these replies
 * (PostgreSQL: XLogWalRcvSendReply, walreceiver.c).
 *
 * <p>A standby whose disk lies or is damaged cannot keep to this, and is not judged. Not
 * thread-safe.
 */
public final class ReplyAudit {
  private static final int CHUNK = 64 << 10;
  private static final int VIOLATIONS_MAX = 10;

  private final WalLayout layout;
  private final TreeMap<String, Stream> streams = new TreeMap<>();
  private final Acknowledgements acknowledgements = new Acknowledgements();

  /** Up to where each node has sent WAL of each segment's file. */
  private final TreeMap<String, Lsn> sent = new TreeMap<>();

  private final List<Violation> violations = new ArrayList<>();
  private final byte[] buffer = new byte[CHUNK];
  private final byte[] other = new byte[CHUNK];
  private long replies;
  private long bytes;
  private Optional<String> problem = Optional.empty();

  /**
   * What a standby reports, and how it is.
   *
   * @param timeNanos since some moment, the same for all replies
   * @param timeline that it streams
   * @param replayed how far it has replayed
   * @param durable its files after a power cut now, without unsynced writes
   * @param cached its files after a SIGKILL now
   */
  public record Reply(
      String standby,
      long timeNanos,
      int timeline,
      Lsn written,
      Lsn flushed,
      Lsn applied,
      Lsn replayed,
      DataDirectory durable,
      DataDirectory cached) {}

  /** What is known of the WAL of one stream. */
  private static final class Stream {
    private final int timeline;
    private final WalChain durable;
    private final WalChain cached;
    private boolean isBroken;

    Stream(WalLayout layout, int timeline, Lsn start, Acknowledgements acknowledgements) {
      this.timeline = timeline;
      this.durable = new WalChain(layout, start);
      this.cached =
          new WalChain(layout, start, (xid, end) -> acknowledgements.commit(timeline, xid, end));
    }
  }

  public ReplyAudit(int walSegmentSize) {
    this.layout = new WalLayout(walSegmentSize);
  }

  /** A standby begins to stream. */
  public void streams(String standby) {
    streams.remove(standby);
  }

  /** A standby is about to report these positions, whether they are judged or not. */
  public void reports(
      String standby, int timeline, long timeNanos, Lsn written, Lsn flushed, Lsn applied) {
    acknowledgements.reports(standby, timeline, timeNanos, written, flushed, applied);
  }

  /**
   * A primary is about to send WAL up to here to one of its standbys. It must be durable on the
   * primary itself, or a standby would be ahead of it after a power cut (XLogSendPhysical,
   * walsender.c). Each byte is looked at once; of a former timeline none.
   */
  public void sends(
      String node,
      long timeNanos,
      int timeline,
      Lsn end,
      DataDirectory durable,
      DataDirectory cached) {
    Lsn segment = layout.segmentStart(end.plus(-1));
    String path = "pg_wal/" + layout.segmentName(timeline, segment);
    String key = node + " " + path;
    Lsn from = sent.getOrDefault(key, segment);
    if (from.compareTo(end) >= 0 || problem.isPresent()) {
      return;
    }
    sent.put(key, end);
    long offset = layout.segmentOffset(from);
    int length = (int) end.minus(from);
    try {
      byte[] written = cached.read(path, offset, length);
      byte[] synced;
      String why = "its bytes are not synced";
      try {
        synced = durable.read(path, offset, length);
      } catch (NoSuchFileException _) {
        synced = new byte[0];
        why = "no file of this name is left";
      }
      int same = Arrays.mismatch(written, synced);
      if (same >= 0 && violations.size() < VIOLATIONS_MAX) {
        violations.add(
            new Violation(
                node, timeNanos, Claim.SENT, end, from.plus(same), path, offset + same, why));
      }
    } catch (NoSuchFileException _) {
      // a segment of a former timeline
    } catch (IOException | RuntimeException e) {
      problem = Optional.of(node + " sends: " + e);
    }
  }

  /** A standby is about to send this. After a false reply the rest of its stream is not judged. */
  public void replies(Reply reply) {
    Stream stream = streams.get(reply.standby);
    if (stream == null || stream.timeline != reply.timeline) {
      stream =
          new Stream(layout, reply.timeline, layout.segmentStart(reply.flushed), acknowledgements);
      streams.put(reply.standby, stream);
    }
    if (stream.isBroken) {
      return;
    }
    replies++;
    try {
      Optional<Violation> violation = judge(reply, stream);
      stream.isBroken = violation.isPresent();
      violation.ifPresent(violations::add);
    } catch (IOException | RuntimeException e) {
      stream.isBroken = true;
      problem = problem.isPresent() ? problem : Optional.of(reply.standby + ": " + e);
    }
  }

  /**
   * @param events the history of the run
   * @param startNanos when the history's time is 0, in the time of the replies
   */
  public ReplyReport report(List<Event<UntypedCall>> events, long startNanos) {
    return new ReplyReport(
            replies,
            bytes,
            List.copyOf(violations),
            acknowledgements.violation(events, startNanos),
            Optional.empty(),
            problem)
        .since(startNanos);
  }

  private Optional<Violation> judge(Reply reply, Stream stream) throws IOException {
    Optional<Violation> flushed = judge(reply, stream.durable, Claim.FLUSHED, reply.flushed);
    if (flushed.isPresent()) {
      return flushed;
    }
    Optional<Violation> written = judge(reply, stream.cached, Claim.WRITTEN, reply.written);
    if (written.isPresent()) {
      return written;
    }
    if (reply.applied.compareTo(reply.replayed) > 0) {
      return Optional.of(
          violation(reply, Claim.APPLIED, reply.applied, reply.replayed, "it has not replayed it"));
    }
    return judge(reply, stream.durable, Claim.APPLIED, reply.applied);
  }

  /** Takes the WAL up to {@code claimed} into the chain; it must all be there. */
  private Optional<Violation> judge(Reply reply, WalChain chain, Claim claim, Lsn claimed)
      throws IOException {
    while (chain.position().compareTo(claimed) < 0) {
      Lsn from = chain.position();
      long left = Math.min(claimed.minus(from), layout.segmentSize() - layout.segmentOffset(from));
      int length = (int) Math.min(left, CHUNK);
      Optional<Violation> missing = read(reply, claim, claimed, from, length);
      if (missing.isPresent()) {
        return missing;
      }
      chain.take(buffer, length);
      bytes += Math.max(0, chain.position().minus(from));
      if (chain.problem().isPresent()) {
        return Optional.of(
            violation(reply, claim, claimed, chain.position(), chain.problem().get()));
      }
      if (chain.position().equals(from)) {
        return Optional.empty();
      }
    }
    return Optional.empty();
  }

  /** Reads WAL into the buffer; a violation if a part of it is not there. */
  private Optional<Violation> read(Reply reply, Claim claim, Lsn claimed, Lsn from, int length)
      throws IOException {
    String path = path(reply, from);
    long offset = layout.segmentOffset(from);
    boolean isDurable = claim != Claim.WRITTEN;
    DataDirectory files = isDurable ? reply.durable : reply.cached;
    int there;
    try {
      there = read(files, path, offset, buffer, length);
    } catch (NoSuchFileException _) {
      String what = isDurable ? "no file of this name is left" : "there is no file of this name";
      return Optional.of(violation(reply, claim, claimed, from, what));
    }
    int same = there;
    if (isDurable) {
      int inCache = read(reply.cached, path, offset, other, length);
      same = mismatch(Math.min(there, inCache));
    }
    return same == length
        ? Optional.empty()
        : Optional.of(
            violation(
                reply,
                claim,
                claimed,
                from.plus(same),
                there > same ? "its bytes are not synced" : "the file ends here"));
  }

  private int read(DataDirectory files, String path, long offset, byte[] into, int length)
      throws IOException {
    if (length == into.length) {
      return files.read(path, offset, into);
    }
    // most replies add little, and a directory fills the array that it gets
    byte[] few = new byte[length];
    int read = files.read(path, offset, few);
    System.arraycopy(few, 0, into, 0, read);
    return read;
  }

  /** How many bytes of both buffers are the same. */
  private int mismatch(int length) {
    int at = java.util.Arrays.mismatch(buffer, 0, length, other, 0, length);
    return at < 0 ? length : at;
  }

  private String path(Reply reply, Lsn at) {
    return "pg_wal/" + layout.segmentName(reply.timeline, at);
  }

  private Violation violation(Reply reply, Claim claim, Lsn claimed, Lsn left, String why) {
    return new Violation(
        reply.standby,
        reply.timeNanos,
        claim,
        claimed,
        left,
        path(reply, left),
        layout.segmentOffset(left),
        why);
  }
}
