package phaistos.formats.wal;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import phaistos.formats.Lsn;

/**
 * Reads WAL in pieces on several threads and returns the results in WAL order, the same as one
 * {@link WalReader} would. Pieces are read ahead, each from the first record that seems to begin in
 * it. A piece counts only if the reader before it ends exactly at this record and the record points
 * back to its last one. Otherwise the earlier reader reads the piece itself. Memory: the pieces
 * read ahead, two for each thread. Not thread-safe; the files' directory must be, if there are
 * threads.
 */
public final class WalScan<P extends WalScan.Piece> implements AutoCloseable {
  /** Bytes of WAL in a piece if its result is small. */
  public static final int LARGE = 1 << 22;

  /** Bytes of WAL in a piece if its result is as large as the WAL. */
  public static final int SMALL = 1 << 20;

  private static final int AHEAD_FOR_EACH_THREAD = 2;

  private final WalFiles files;
  private final Lsn requestedEnd;
  private final int pieceBytes;
  private final int threads;
  private final Supplier<P> pieces;
  private final long lastNumber;
  private final Deque<Ahead<P>> ahead = new ArrayDeque<>();
  private Optional<ExecutorService> workers = Optional.empty();
  private WalReader reader;
  private boolean isOver;

  /** The result of the records that begin in a piece of the WAL. Filled by one thread. */
  public interface Piece {
    /** Takes the reader's current record; returns false to stop after it. */
    boolean record(WalReader reader) throws IOException;
  }

  private record Ahead<P>(long number, Future<Optional<Read<P>>> result) {}

  private record Read<P>(WalReader reader, P piece) {}

  /**
   * @param reader positioned where reading begins
   * @param pieceBytes {@link #LARGE} or {@link #SMALL}
   * @param threads number of threads; 1 for the caller alone
   * @param pieces makes a piece before its first record, on any thread
   */
  public WalScan(WalReader reader, int pieceBytes, int threads, Supplier<P> pieces) {
    this.reader = reader;
    this.files = reader.files();
    this.requestedEnd = reader.requestedEnd();
    this.pieceBytes = pieceBytes;
    this.threads = threads;
    this.pieces = pieces;
    long last = files.last().map(Lsn::value).orElse(0L) - 1;
    if (requestedEnd.isValid() && Long.compareUnsigned(requestedEnd.value() - 1, last) < 0) {
      last = requestedEnd.value() - 1;
    }
    this.lastNumber = number(last);
  }

  private long number(long lsn) {
    return Long.divideUnsigned(lsn, pieceBytes);
  }

  /**
   * The next piece; empty at the end of the WAL or after a piece that stopped.
   *
   * @throws RuntimeException what a piece throws for a record, after all earlier pieces were
   *     returned
   */
  public Optional<P> next() throws IOException {
    if (isOver || reader.end().isPresent()) {
      return Optional.empty();
    }
    long number = number(reader.position().value());
    readAhead(number + 1);
    Optional<Read<P>> read = takeAhead(number);
    if (read.isPresent() && read.get().reader.continues(reader)) {
      reader = read.get().reader;
      return Optional.of(read.get().piece);
    }
    P piece = pieces.get();
    isOver = !fill(piece, reader, number);
    return Optional.of(piece);
  }

  /** The reader after the last returned piece; at the end of the WAL it says why. */
  public WalReader reader() {
    return reader;
  }

  /** Returns false if the piece has stopped. */
  private boolean fill(Piece piece, WalReader from, long number) throws IOException {
    long behind = (number + 1) * pieceBytes;
    while (Long.compareUnsigned(from.position().value(), behind) < 0 && from.next()) {
      if (!piece.record(from)) {
        return false;
      }
    }
    return true;
  }

  private void readAhead(long from) {
    long next = ahead.isEmpty() ? from : ahead.getLast().number + 1;
    while (threads > 1
        && ahead.size() < threads * AHEAD_FOR_EACH_THREAD
        && Long.compareUnsigned(next, lastNumber) <= 0) {
      long number = next++;
      if (workers.isEmpty()) {
        workers =
            Optional.of(
                Executors.newFixedThreadPool(
                    threads, Thread.ofPlatform().daemon().name("wal-scan-", 0).factory()));
      }
      ahead.add(new Ahead<>(number, workers.get().submit(() -> read(number))));
    }
  }

  /**
   * Empty if the piece stopped or failed: the reader that reaches it in order repeats it. If the
   * WAL seems to end in the piece, it counts up to there, and {@link #next} finds out why.
   */
  private Optional<Read<P>> read(long number) {
    try {
      WalReader own = WalReader.ahead(files, new Lsn(number * pieceBytes), requestedEnd);
      P piece = pieces.get();
      return fill(piece, own, number) ? Optional.of(new Read<>(own, piece)) : Optional.empty();
    } catch (IOException | RuntimeException e) {
      return Optional.empty();
    }
  }

  private Optional<Read<P>> takeAhead(long number) throws IOException {
    while (!ahead.isEmpty() && ahead.getFirst().number <= number) {
      Ahead<P> first = ahead.removeFirst();
      if (first.number == number) {
        return result(first.result);
      }
      first.result.cancel(true);
    }
    return Optional.empty();
  }

  private static <R> R result(Future<R> future) throws IOException {
    try {
      return future.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new java.io.InterruptedIOException("interrupted while WAL was read");
    } catch (CancellationException | ExecutionException e) {
      throw new IllegalStateException("WAL could not be read ahead", e);
    }
  }

  /** Ends the threads. */
  @Override
  public void close() {
    workers.ifPresent(ExecutorService::shutdownNow);
  }
}
