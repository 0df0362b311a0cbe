package phaistos.server.replication;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import phaistos.environment.Environment;
import phaistos.environment.Latch;
import phaistos.environment.Network.Connection;
import phaistos.formats.Lsn;
import phaistos.formats.PgTime;
import phaistos.formats.TimelineHistory;
import phaistos.formats.wal.WalLayout;
import phaistos.server.errors.PgError;
import phaistos.server.replication.WalSenderSlot.State;
import phaistos.server.steps.ReplicationSteps;
import phaistos.server.steps.Steps;
import phaistos.server.wal.SegmentReader;
import phaistos.server.wire.Frame;
import phaistos.server.wire.MessageReader;
import phaistos.server.wire.MessageWriter;
import phaistos.server.wire.MessageWriter.Column;
import phaistos.server.xact.Proc;

/**
 * Streams WAL to one standby (walsender.c). The session's task sends; a task of its own reads the
 * standby's replies. Only flushed WAL is sent, in messages of at most 128 kB. A message ends at a
 * page boundary or at the end of the flushed WAL.
 */
public final class WalSender {
  private static final int MESSAGE_MAX = 16 * 8192;
  private static final long IDLE_NANOS = 1_000_000_000L;

  private final Environment environment;
  private final ReplicationSource source;
  private final SyncRep syncRep;
  private final WalSenderSlot slot;
  private final Connection connection;
  private final MessageReader in;
  private final MessageWriter out;
  private final LongSupplier timeout;
  private final Consumer<String> log;
  private final Steps steps;
  private final Latch latch;

  private volatile boolean ended;
  private volatile boolean terminating;

  /** Held while a message is put together and written. */
  private final ReentrantLock sending = new ReentrantLock();

  private volatile boolean copyDoneReceived;
  private volatile boolean keepaliveWanted;
  private volatile long lastReply;
  private boolean pinged;

  /**
   * @param timeout wal_sender_timeout in nanoseconds; 0 for none
   * @param log takes lines of severity LOG
   */
  public WalSender(
      Environment environment,
      ReplicationSource source,
      SyncRep syncRep,
      WalSenderSlot slot,
      Connection connection,
      MessageReader in,
      MessageWriter out,
      LongSupplier timeout,
      Consumer<String> log,
      Steps steps) {
    this.steps = steps;
    this.environment = environment;
    this.source = source;
    this.syncRep = syncRep;
    this.slot = slot;
    this.connection = connection;
    this.in = in;
    this.out = out;
    this.timeout = timeout;
    this.log = log;
    this.latch = environment.tasks().newLatch();
  }

  /**
   * Ends the stream, from another task. Between two messages the standby is told why; a message
   * that is under way is cut off with the connection, since what is written beside it would become
   * part of its WAL.
   */
  public void terminate() {
    terminating = true;
    if (sending.tryLock()) {
      sending.unlock();
      latch.set();
      return;
    }
    ended = true;
    try {
      connection.close();
    } catch (IOException e) {
      // gone
    }
  }

  /** Writes a message, or the error that ends the stream in its place. */
  private void write(Message message) throws IOException {
    sending.lock();
    try {
      checkTerminating();
      message.compose();
      out.flush();
    } finally {
      sending.unlock();
    }
  }

  private void checkTerminating() {
    if (terminating) {
      throw Proc.terminated();
    }
  }

  /** Puts a message into {@link #out}. */
  private interface Message {
    void compose() throws IOException;
  }

  /** The streamed timeline; for one that has ended, also where it ended and the next timeline. */
  private record Range(int timeline, Optional<Lsn> end, int next) {}

  /**
   * Runs START_REPLICATION until the standby or the connection ends it. Returns whether the session
   * continues.
   *
   * @throws PgError if the position is not one that this server can stream from
   */
  public boolean stream(Lsn start, OptionalInt requested) throws IOException {
    Range range = range(start, requested.orElse(source.timeline()));
    if (range.end.isEmpty() || start.compareTo(range.end.get()) < 0) {
      syncRep.state(slot, State.CATCHUP);
      out.begin('W').int8(0).int16(0).end();
      out.flush();
      Runnable wake = latch::set;
      AtomicBoolean reading = new AtomicBoolean(true);
      source.onSendLimit(wake);
      lastReply = environment.clock().monotonicNanos();
      environment.tasks().spawn("walsender replies", () -> readReplies(reading));
      try (SegmentReader reader = new SegmentReader(source.walFiles())) {
        sendLoop(start, range, reader);
      } finally {
        source.removeSendLimitListener(wake);
        syncRep.state(slot, State.STARTUP);
      }
      if (ended || !awaitCopyDone()) {
        return false;
      }
    }
    if (range.end.isPresent()) {
      sendNextTimeline(range);
    }
    out.commandComplete("START_STREAMING");
    return true;
  }

  private Range range(Lsn start, int timeline) throws IOException {
    int current = source.timeline();
    Range range = new Range(current, Optional.empty(), 0);
    if (timeline != current) {
      TimelineHistory history =
          source.walFiles().history(current).orElse(TimelineHistory.root(current));
      List<TimelineHistory.Entry> ancestors = history.ancestors();
      int at = 0;
      while (at < ancestors.size() && ancestors.get(at).timeline() != timeline) {
        at++;
      }
      if (at == ancestors.size()) {
        throw PgError.error(
            "XX000", "requested timeline %d is not in this server's history".formatted(timeline));
      }
      Lsn end = ancestors.get(at).end();
      if (start.compareTo(end) > 0) {
        throw PgError.error(
            "XX000",
            "requested starting point %s on timeline %d is not in this server's history"
                .formatted(start, timeline),
            "This server's history forked from timeline %d at %s.".formatted(timeline, end));
      }
      int next = at + 1 < ancestors.size() ? ancestors.get(at + 1).timeline() : current;
      range = new Range(timeline, Optional.of(end), next);
    } else if (start.compareTo(source.sendLimit()) > 0) {
      throw PgError.error(
          "XX000",
          "requested starting point %s is ahead of the WAL flush position of this server %s"
              .formatted(start, source.sendLimit()));
    }
    return range;
  }

  private void sendLoop(Lsn start, Range range, SegmentReader reader) throws IOException {
    Lsn sent = start;
    boolean streaming = false;
    while (!ended && !copyDoneReceived) {
      latch.reset();
      checkTerminating();
      if (range.end.isEmpty() && source.timeline() != range.timeline) {
        // promoted meanwhile: what is streamed has an end now
        range = range(sent, range.timeline);
      }
      Lsn limit = range.end.isPresent() ? range.end.get() : sendLimit();
      if (sent.compareTo(limit) < 0) {
        syncRep.sends(slot, limit);
        sent = send(sent, limit, range, reader);
        syncRep.sent(slot, sent);
        continue;
      }
      if (range.end.isPresent()) {
        write(() -> out.begin('c').end());
        return;
      }
      if (!streaming) {
        streaming = true;
        syncRep.state(slot, State.STREAMING);
      }
      if (keepaliveWanted) {
        keepaliveWanted = false;
        keepalive(sent, false);
      }
      if (!checkTimeout(sent)) {
        return;
      }
      long timeoutNanos = timeout.getAsLong();
      latch.await(timeoutNanos == 0 ? IDLE_NANOS : Math.max(1, timeoutNanos / 4));
    }
    if (copyDoneReceived && !ended) {
      write(() -> out.begin('c').end());
    }
  }

  private Lsn sendLimit() {
    return steps.answer(ReplicationSteps.WAL_SENDER_LIMIT, source.written(), source::sendLimit);
  }

  private Lsn send(Lsn from, Lsn limit, Range range, SegmentReader reader) throws IOException {
    Lsn end = limit;
    if (limit.minus(from) > MESSAGE_MAX) {
      end = WalLayout.pageStart(from.plus(MESSAGE_MAX));
    }
    Lsn to = end;
    byte[] data =
        steps.answer(
            ReplicationSteps.WAL_SENDER_READ, from, () -> readAll(reader, range, from, to));
    steps.step(ReplicationSteps.WAL_SENDER_SEND, end, () -> sendMessage(from, limit, data));
    return end;
  }

  private void sendMessage(Lsn from, Lsn limit, byte[] data) throws IOException {
    write(
        () -> {
          out.begin('d').int8('w').int64(from.value()).int64(limit.value()).int64(now());
          out.bytes(data).end();
        });
  }

  /** A message may reach into the next segment. */
  private static byte[] readAll(SegmentReader reader, Range range, Lsn from, Lsn to)
      throws IOException {
    WalLayout layout = reader.files().layout();
    Lsn next = layout.segmentStart(from).plus(layout.segmentSize());
    if (to.compareTo(next) <= 0) {
      return read(reader, range, from, (int) to.minus(from));
    }
    byte[] first = read(reader, range, from, (int) next.minus(from));
    byte[] second = read(reader, range, next, (int) to.minus(next));
    byte[] all = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, all, first.length, second.length);
    return all;
  }

  /**
   * A timeline's last segment may exist only under the next timeline's name, with the same bytes.
   */
  private static byte[] read(SegmentReader reader, Range range, Lsn from, int length)
      throws IOException {
    try {
      if (range.end.isPresent() && !reader.files().segmentExists(range.timeline, from)) {
        return reader.read(range.next, from, length);
      }
      return reader.read(range.timeline, from, length);
    } catch (NoSuchFileException e) {
      throw PgError.error(
          "58P01",
          "requested WAL segment %s has already been removed"
              .formatted(reader.files().layout().segmentName(range.timeline, from)));
    }
  }

  private void keepalive(Lsn sent, boolean replyRequested) throws IOException {
    int wanted = replyRequested ? 1 : 0;
    write(() -> out.begin('d').int8('k').int64(sent.value()).int64(now()).int8(wanted).end());
  }

  /** False once the standby has been silent for too long. */
  private boolean checkTimeout(Lsn sent) throws IOException {
    long timeoutNanos = timeout.getAsLong();
    if (timeoutNanos == 0) {
      return true;
    }
    long silent = environment.clock().monotonicNanos() - lastReply;
    if (silent >= timeoutNanos) {
      log.accept("terminating walsender process due to replication timeout");
      ended = true;
      connection.close();
      return false;
    }
    if (silent < timeoutNanos / 2) {
      pinged = false;
    } else if (!pinged) {
      pinged = true;
      keepalive(sent, true);
    }
    return true;
  }

  private void readReplies(AtomicBoolean reading) {
    try {
      while (reading.get()) {
        Frame frame = in.next();
        lastReply = environment.clock().monotonicNanos();
        switch (frame.type()) {
          case 'd' -> handleReply(frame);
          case 'c' -> {
            reading.set(false);
            copyDoneReceived = true;
          }
          case 'X' -> {
            reading.set(false);
            ended = true;
          }
          default ->
              throw PgError.fatal(
                  "08P01", "invalid standby message type \"%c\"".formatted(frame.type()));
        }
      }
    } catch (IOException e) {
      ended = true;
    } catch (PgError e) {
      log.accept(e.getMessage());
      ended = true;
    } finally {
      latch.set();
    }
  }

  private void handleReply(Frame frame) {
    int type = frame.int8();
    switch (type) {
      case 'r' -> {
        Lsn write = new Lsn(frame.int64());
        Lsn flush = new Lsn(frame.int64());
        Lsn apply = new Lsn(frame.int64());
        Instant time = PgTime.instant(frame.int64());
        if (frame.int8() != 0) {
          keepaliveWanted = true;
          latch.set();
        }
        steps.step(
            ReplicationSteps.WAL_SENDER_REPLY,
            slot.applicationName,
            () -> syncRep.reply(slot, write, flush, apply, time));
      }
      case 'h' -> {
        // hot standby feedback: this server never vacuums, so there is no xmin horizon to hold back
      }
      default ->
          throw PgError.fatal("08P01", "invalid standby message type \"%c\"".formatted(type));
    }
  }

  private boolean awaitCopyDone() {
    while (!copyDoneReceived && !ended) {
      latch.reset();
      checkTerminating();
      if (!copyDoneReceived && !ended) {
        latch.await();
      }
    }
    return copyDoneReceived && !ended;
  }

  private void sendNextTimeline(Range range) {
    out.rowDescription(
        List.of(
            new Column("next_tli", 20, 8, -1, 0), new Column("next_tli_startpos", 25, -1, -1, 0)));
    out.textRow(List.of(Integer.toString(range.next), range.end.orElseThrow().toString()));
  }

  private long now() {
    return PgTime.of(environment.clock().wallClock());
  }
}
