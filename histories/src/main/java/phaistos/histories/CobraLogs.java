package phaistos.histories;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;

/**
 * Cobra's logs, one a session (the loaders of PolySI and AWDIT read them too): S and C with the
 * transaction's number begin and commit it, W is a write (its id, key, value), R a read (the
 * writer's transaction and id, key, value), big-endian numbers of eight bytes. Values are the ids
 * of writes; the ids of the initial state and of no write at all mean the initial state. Not
 * thread-safe.
 */
final class CobraLogs {
  static final int HEAD = 1 + 2 * Long.BYTES;

  private static final long INITIAL_WRITE = 0xbebeebeeL;
  private static final long NO_WRITE = 0xdeadbeefL;

  private final SessionEvents events = new SessionEvents();
  private long sessions;

  /** Whether a log may begin with these bytes. */
  static boolean isLog(byte[] head) {
    return head.length >= HEAD && head[0] == 'S' && "WRC".indexOf(head[9]) >= 0;
  }

  /** Adds the log of a session. */
  void read(DataInputStream in, String source) throws IOException {
    Edn session = Edn.of(sessions++);
    Edn txn = Edn.NIL;
    long at = 0;
    try {
      for (int op = in.read(); op >= 0; op = in.read()) {
        if (op != 'S' && txn == Edn.NIL) {
          throw new EdnException(source, 1, "byte " + at + " is in no transaction");
        }
        switch (op) {
          case 'S' -> {
            in.readLong();
            txn = events.begin(session, false, 1);
            at += Long.BYTES;
          }
          case 'C' -> {
            in.readLong();
            txn = Edn.NIL;
            at += Long.BYTES;
          }
          case 'W' -> {
            long write = in.readLong();
            events.step(txn, true, Edn.of(in.readLong()), Edn.of(write));
            in.readLong();
            at += 3 * Long.BYTES;
          }
          case 'R' -> {
            in.readLong();
            long write = in.readLong();
            boolean isInitial = write == INITIAL_WRITE || write == NO_WRITE;
            events.step(txn, false, Edn.of(in.readLong()), isInitial ? Edn.NIL : Edn.of(write));
            in.readLong();
            at += 4 * Long.BYTES;
          }
          default ->
              throw new EdnException(source, 1, "byte " + at + " is none of S, C, W and R: " + op);
        }
        at++;
      }
    } catch (EOFException _) {
      throw new EdnException(source, 1, "the log ends within an operation, at byte " + at);
    }
    if (txn != Edn.NIL) {
      throw new EdnException(source, 1, "the log ends within a transaction");
    }
  }

  ListedEvents events() {
    return events.events();
  }
}
