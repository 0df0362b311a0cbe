package phaistos.server.replication;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import phaistos.environment.DiskFile;
import phaistos.environment.Environment;
import phaistos.environment.Latch;
import phaistos.formats.Lsn;
import phaistos.formats.PgTime;
import phaistos.formats.wal.WalLayout;
import phaistos.server.errors.CriticalSections;
import phaistos.server.errors.PgError;
import phaistos.server.settings.ConnectionInfo;
import phaistos.server.steps.ReplicationSteps;
import phaistos.server.steps.StandbyReply;
import phaistos.server.steps.Steps;
import phaistos.server.wal.WalFiles;
import phaistos.server.wire.Frame;

/**
 * Receives WAL from the primary, writes and flushes it, and reports its positions (walreceiver.c).
 * One task reads, writes and flushes; another reports when a position has moved, and at intervals.
 *
 * <p>A position is reported as flushed only after this receiver's own sync, or in a completed
 * earlier segment: streaming begins at a segment's start, and a segment is synced before the next
 * is opened. So a power cut cannot lose WAL that was reported as flushed. After a restart replay
 * may be ahead of the flush position; the reported apply position never is.
 *
 * <p>One object serves one attempt to stream; {@link #run} is called once.
 */
public final class WalReceiver {
  /** How an attempt ended. */
  public sealed interface Ending {
    /** The primary has no more WAL on the timeline. */
    record EndOfTimeline() implements Ending {}

    /** The connection failed or was lost; {@code reason} is for the log. */
    record Disconnected(String reason) implements Ending {}
  }

  /** The interface to the startup process. Thread-safe. */
  public interface Host {
    long systemId();

    WalFiles walFiles();

    /** How far replay has come. */
    Lsn lastApplied();

    /** WAL up to here is on this node's disk, on this timeline. */
    void received(int timeline, Lsn flushed);
  }

  /**
   * @param statusIntervalNanos wal_receiver_status_interval; 0 for none
   * @param timeoutNanos wal_receiver_timeout; 0 for none
   * @param fillTimelines whether the first segment of a new timeline begins with the old one's
   *     records (phaistos.timeline_fill)
   */
  public record Options(long statusIntervalNanos, long timeoutNanos, boolean fillTimelines) {}

  private static final long CONNECT_LIMIT_NANOS = 10_000_000_000L;

  private final Environment environment;
  private final Host host;
  private final ConnectionInfo info;
  private final Supplier<Options> settings;
  private final Steps steps;
  private final CriticalSections critical;
  private final Consumer<String> log;
  private final Latch reportLatch;
  private final ReentrantLock sendLock = new ReentrantLock();

  private volatile Lsn written = Lsn.INVALID;
  private volatile Lsn flushed = Lsn.INVALID;
  private volatile boolean replyWanted;
  private volatile boolean stopped;
  private volatile Optional<PrimaryConnection> primary = Optional.empty();
  private volatile long lastReceived;
  private volatile Instant lastMessageTime = Instant.EPOCH;
  private int timeline;
  private Optional<DiskFile> segment = Optional.empty();
  private Lsn segmentEnd = Lsn.INVALID;

  /**
   * @param log takes lines of severity LOG
   */
  public WalReceiver(
      Environment environment,
      Host host,
      ConnectionInfo info,
      Supplier<Options> options,
      Steps steps,
      CriticalSections critical,
      Consumer<String> log) {
    this.environment = environment;
    this.host = host;
    this.info = info;
    this.settings = options;
    this.steps = steps;
    this.critical = critical;
    this.log = log;
    this.reportLatch = environment.tasks().newLatch();
  }

  public Lsn written() {
    return written;
  }

  public Lsn flushed() {
    return flushed;
  }

  public Instant lastMessageTime() {
    return lastMessageTime;
  }

  /** Called when replay has moved, as the primary may wait for the apply position. */
  public void applied() {
    reportLatch.set();
  }

  /**
   * Ends the attempt from another task.
   *
   * @return whether it may still write; an attempt that has not connected yet never will
   */
  public boolean stop() {
    stopped = true;
    reportLatch.set();
    Optional<PrimaryConnection> connected = primary;
    connected.ifPresent(WalReceiver::closeQuietly);
    return connected.isPresent();
  }

  /**
   * Streams until the timeline or the connection ends.
   *
   * @param start where to begin; streaming starts at the beginning of its segment
   * @throws PgError FATAL if this is not a primary that the standby can follow
   */
  public Ending run(Lsn start, int startTimeline) {
    try (PrimaryConnection connected =
        PrimaryConnection.open(environment, info, CONNECT_LIMIT_NANOS)) {
      primary = Optional.of(connected);
      if (stopped) {
        return new Ending.Disconnected("terminating walreceiver process");
      }
      return stream(connected, start, startTimeline);
    } catch (PrimaryConnection.RefusedException e) {
      return new Ending.Disconnected("could not receive data from WAL stream: " + e.getMessage());
    } catch (EOFException e) {
      return new Ending.Disconnected(
          "could not receive data from WAL stream: server closed the connection unexpectedly");
    } catch (IOException e) {
      return new Ending.Disconnected("could not connect to the primary server: " + e.getMessage());
    } finally {
      stopped = true;
      reportLatch.set();
    }
  }

  private Ending stream(PrimaryConnection connected, Lsn start, int startTimeline)
      throws IOException {
    PrimaryConnection.SystemIdentity identity = connected.identifySystem();
    if (identity.systemId() != host.systemId()) {
      throw new PgError(
          PgError.Severity.FATAL,
          "XX000",
          "database system identifier differs between the primary and standby",
          "The primary's identifier is %s, the standby's identifier is %s."
              .formatted(
                  Long.toUnsignedString(identity.systemId()),
                  Long.toUnsignedString(host.systemId())),
          "");
    }
    if (identity.timeline() < startTimeline) {
      return new Ending.Disconnected(
          "highest timeline %d of the primary is behind recovery timeline %d"
              .formatted(identity.timeline(), startTimeline));
    }
    fetchHistories(connected, startTimeline, identity.timeline());
    timeline = startTimeline;
    Lsn from = host.walFiles().layout().segmentStart(start);
    written = from;
    flushed = steps.answer(ReplicationSteps.RECEIVER_START, host.lastApplied(), () -> from);
    Optional<Integer> following = connected.startReplication(from, timeline);
    if (following.isPresent()) {
      return endOfTimeline(connected, from, following.get());
    }
    log.accept("started streaming WAL from primary at %s on timeline %d".formatted(from, timeline));
    lastReceived = environment.clock().monotonicNanos();
    environment.tasks().spawn("walreceiver reports", () -> report(connected));
    try {
      return receive(connected);
    } finally {
      stopped = true;
      reportLatch.set();
      // replay goes on with what is written, and others may stream it from here (WalRcvDie)
      critical.run("flushing received WAL", this::syncSegment);
      closeSegment();
    }
  }

  private void syncSegment() throws IOException {
    if (written.compareTo(flushed) > 0 && segment.isPresent()) {
      steps.step(ReplicationSteps.STANDBY_SYNC, written, () -> segment.orElseThrow().sync());
    }
  }

  /** The startup process finds the histories up to the following timeline (WalReceiverMain). */
  private Ending endOfTimeline(PrimaryConnection connected, Lsn at, int following)
      throws IOException {
    log.accept("replication terminated by primary server");
    log.accept("DETAIL:  End of WAL reached on timeline %d at %s.".formatted(timeline, at));
    fetchHistories(connected, timeline, following);
    return new Ending.EndOfTimeline();
  }

  private void fetchHistories(PrimaryConnection connected, int first, int last) throws IOException {
    for (int number = Math.max(first, 2); number <= last; number++) {
      if (host.walFiles().history(number).isEmpty()) {
        log.accept(
            "fetching timeline history file for timeline %d from primary server".formatted(number));
        PrimaryConnection.HistoryFile file = connected.timelineHistory(number);
        host.walFiles().writeHistory(number, file.content());
      }
    }
  }

  private Ending receive(PrimaryConnection connected) throws IOException {
    while (true) {
      while (!connected.in.hasNext()) {
        if (!receiveSome(connected)) {
          throw new EOFException();
        }
      }
      Frame frame = connected.in.next();
      lastMessageTime = environment.clock().wallClock();
      switch (frame.type()) {
        case 'd' -> handle(frame);
        case 'c' -> {
          flushOrPanic();
          send(connected, false);
          stopped = true;
          reportLatch.set();
          sendLock.lock();
          try {
            connected.out.begin('c').end();
            connected.out.flush();
          } finally {
            sendLock.unlock();
          }
          return endOfTimeline(connected, written, connected.finishStreaming());
        }
        case 'E' -> throw new PrimaryConnection.RefusedException(PrimaryConnection.message(frame));
        default -> {
          // notices and parameters
        }
      }
      if (!connected.in.hasNext() && written.compareTo(flushed) > 0) {
        send(connected, false);
        flushOrPanic();
        send(connected, false);
      }
    }
  }

  /** After half a timeout of silence it requests a reply; after a whole one it ends the attempt. */
  private boolean receiveSome(PrimaryConnection connected) throws IOException {
    while (true) {
      Options options = settings.get();
      if (options.timeoutNanos == 0) {
        return connected.in.receive(Long.MAX_VALUE);
      }
      long silent = environment.clock().monotonicNanos() - lastReceived;
      if (silent >= options.timeoutNanos) {
        throw new IOException("terminating walreceiver due to timeout");
      }
      boolean half = silent >= options.timeoutNanos / 2;
      if (half) {
        send(connected, true);
      }
      long limit = half ? options.timeoutNanos - silent : options.timeoutNanos / 2 - silent;
      try {
        boolean more = connected.in.receive(limit);
        lastReceived = environment.clock().monotonicNanos();
        return more;
      } catch (SocketTimeoutException e) {
        // looked at again above
      }
    }
  }

  private void handle(Frame frame) throws IOException {
    int type = frame.int8();
    switch (type) {
      case 'w' -> {
        Lsn at = new Lsn(frame.int64());
        frame.int64();
        frame.int64();
        write(at, frame.bytes(frame.body().remaining()));
      }
      case 'k' -> {
        frame.int64();
        frame.int64();
        if (frame.int8() != 0) {
          replyWanted = true;
          reportLatch.set();
        }
      }
      default ->
          throw PgError.error("08P01", "invalid replication message type %d".formatted(type));
    }
  }

  private void write(Lsn at, byte[] data) throws IOException {
    WalLayout layout = host.walFiles().layout();
    int done = 0;
    while (done < data.length) {
      Lsn from = at.plus(done);
      if (segment.isEmpty()
          || !layout.segmentStart(from).plus(layout.segmentSize()).equals(segmentEnd)) {
        flushOrPanic();
        closeSegment();
        if (settings.get().fillTimelines) {
          host.walFiles().beginFromParent(timeline, from);
        }
        segment = Optional.of(host.walFiles().openForWriting(timeline, from));
        segmentEnd = layout.segmentStart(from).plus(layout.segmentSize());
      }
      int part = (int) Math.min(data.length - done, segmentEnd.minus(from));
      ByteBuffer bytes = ByteBuffer.wrap(data, done, part);
      DiskFile file = segment.get();
      critical.run(
          "writing received WAL",
          () ->
              steps.step(
                  ReplicationSteps.STANDBY_WRITE,
                  from.plus(part),
                  () -> file.write(layout.segmentOffset(from), bytes)));
      done += part;
      // At once: where the message goes on in the next segment, this one's end is synced first.
      written = at.plus(done);
    }
  }

  /** After a failed fsync the content of the disk is unknown (XLogWalRcvFlush). */
  private void flushOrPanic() {
    critical.run("flushing received WAL", this::flush);
  }

  private void flush() throws IOException {
    if (written.compareTo(flushed) > 0 && segment.isPresent()) {
      Lsn reached = written;
      steps.step(ReplicationSteps.STANDBY_SYNC, reached, () -> segment.orElseThrow().sync());
      flushed = reached;
      host.received(timeline, reached);
    }
  }

  private void closeSegment() throws IOException {
    if (segment.isPresent()) {
      segment.get().close();
      segment = Optional.empty();
    }
  }

  private void report(PrimaryConnection connected) {
    Lsn reported = Lsn.INVALID;
    try {
      send(connected, false);
      while (!stopped) {
        long interval = settings.get().statusIntervalNanos;
        boolean woken = interval == 0 ? await() : reportLatch.await(interval);
        reportLatch.reset();
        if (stopped) {
          return;
        }
        Lsn applied = host.lastApplied();
        boolean moved = !applied.equals(reported);
        if (moved || replyWanted || !woken) {
          replyWanted = false;
          reported = applied;
          send(connected, false);
        }
      }
    } catch (IOException e) {
      closeQuietly(connected);
    } catch (PgError e) {
      log.accept(e.getMessage());
      closeQuietly(connected);
    }
  }

  private boolean await() {
    reportLatch.await();
    return true;
  }

  private void send(PrimaryConnection connected, boolean replyRequested) throws IOException {
    sendLock.lock();
    try {
      if (stopped) {
        return; // the next attempt may write other WAL to these files already
      }
      Lsn before = written;
      Lsn durable = steps.answer(ReplicationSteps.STANDBY_POSITION, before, () -> flushed);
      Lsn reported =
          steps.answer(ReplicationSteps.STANDBY_APPLIED, durable, () -> appliedUpTo(durable));
      StandbyReply reply = new StandbyReply(timeline, written, durable, reported);
      steps.step(
          ReplicationSteps.STANDBY_REPLY, reply, () -> reply(connected, reply, replyRequested));
    } finally {
      sendLock.unlock();
    }
  }

  private Lsn appliedUpTo(Lsn durable) {
    Lsn applied = host.lastApplied();
    return applied.compareTo(durable) > 0 ? durable : applied;
  }

  private void reply(PrimaryConnection connected, StandbyReply reply, boolean replyRequested)
      throws IOException {
    critical.check();
    connected.out.begin('d').int8('r');
    connected.out.int64(reply.written().value()).int64(reply.flushed().value());
    connected.out.int64(reply.applied().value());
    connected.out.int64(PgTime.of(environment.clock().wallClock()));
    connected.out.int8(replyRequested ? 1 : 0).end();
    connected.out.flush();
  }

  private static void closeQuietly(PrimaryConnection connected) {
    try {
      connected.close();
    } catch (IOException e) {
      // the connection is closed in any case
    }
  }
}
