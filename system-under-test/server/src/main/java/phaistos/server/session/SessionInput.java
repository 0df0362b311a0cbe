package phaistos.server.session;

import java.io.IOException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import phaistos.server.errors.Log;
import phaistos.server.errors.PgError;
import phaistos.server.wire.Frame;
import phaistos.server.wire.MessageReader;
import phaistos.server.xact.Proc;

/**
 * Reads a session's messages. While it waits for one, other tasks may end the session: the error is
 * sent and the connection closed, which ends the wait.
 */
final class SessionInput {
  private static final String FRONTEND = "QPBDECHSXdcf";

  private final Log log;
  private final Proc proc;
  private final MessageReader in;
  private final Consumer<PgError> end;
  private final ReentrantLock lock = new ReentrantLock();
  private boolean reading;
  private Runnable streaming;

  /**
   * @param end sends an error and closes the connection
   */
  SessionInput(Log log, Proc proc, MessageReader in, Consumer<PgError> end) {
    this.log = log;
    this.proc = proc;
    this.in = in;
    this.end = end;
  }

  /**
   * The next message.
   *
   * @param arrives called when its first byte is there
   */
  Frame read(Runnable arrives) throws IOException {
    reading(true);
    boolean waits = !in.hasNext();
    if (waits) {
      proc.waitEvent("Client/ClientRead");
    }
    try {
      int type = in.awaitType();
      arrives.run();
      if (FRONTEND.indexOf(type) < 0) {
        throw PgError.fatal("08P01", "invalid frontend message type %d".formatted(type));
      }
      return in.next();
    } finally {
      if (waits) {
        proc.waitEvent("");
      }
      reading(false);
    }
  }

  private void reading(boolean begins) {
    lock.lock();
    try {
      if (begins && proc.isDiePending()) {
        proc.checkInterrupts();
      }
      reading = begins;
    } finally {
      lock.unlock();
    }
  }

  /** The session has waited too long; a message may just have come. */
  void endIfReading(PgError error) {
    lock.lock();
    try {
      if (reading) {
        log.error(error);
        end.accept(error);
      }
    } finally {
      lock.unlock();
    }
  }

  /** The session's snapshot is in the way of replay. */
  void conflict() {
    lock.lock();
    try {
      if (reading) {
        proc.requestDie();
        end.accept(
            new PgError(
                PgError.Severity.FATAL,
                "40001",
                "terminating connection due to conflict with recovery",
                Proc.CONFLICT_DETAIL,
                "In a moment you should be able to reconnect to the database and repeat your"
                    + " command."));
      } else {
        proc.requestConflict();
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * The session streams WAL, and reads no messages here.
   *
   * @param terminate ends the stream; null when it has ended
   */
  void streams(Runnable terminate) {
    lock.lock();
    try {
      streaming = terminate;
    } finally {
      lock.unlock();
    }
  }

  /**
   * The server stops or somebody ends the session. Only the task that writes to the client may tell
   * it so: between two of its messages.
   */
  void terminate() {
    lock.lock();
    try {
      if (reading) {
        end.accept(Proc.terminated());
      } else if (streaming != null) {
        streaming.run();
      }
    } finally {
      lock.unlock();
    }
  }
}
