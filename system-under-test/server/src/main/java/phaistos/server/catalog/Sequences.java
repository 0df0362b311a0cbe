package phaistos.server.catalog;

import java.util.List;
import phaistos.formats.RelationLocator;
import phaistos.formats.Xid;
import phaistos.formats.record.SequenceBody;
import phaistos.formats.record.StorageBody;
import phaistos.server.errors.CriticalSections;
import phaistos.server.errors.PgError;
import phaistos.server.steps.Steps;
import phaistos.server.steps.StorageSteps;
import phaistos.server.storage.Buffer;
import phaistos.server.storage.BufferPool;
import phaistos.server.wal.BlockChange;
import phaistos.server.wal.Wal;
import phaistos.server.xact.Transaction;

/**
 * The sequences of serial columns, each in a file of its own (sequence.c). A record names a value
 * 32 ahead, so that a value that a commit may depend on is not given out again after a crash, nor
 * by a standby that is promoted. Thread-safe.
 */
public final class Sequences {
  /** SEQ_LOG_VALS. */
  private static final int AHEAD = 32;

  private final BufferPool buffers;
  private final Wal wal;
  private final Steps steps;
  private final CriticalSections critical;

  public Sequences(BufferPool buffers, Wal wal, Steps steps, CriticalSections critical) {
    this.buffers = buffers;
    this.wal = wal;
    this.steps = steps;
    this.critical = critical;
  }

  /** Makes the sequences of a new table. */
  public void create(Table table, Transaction own) {
    for (RelationLocator file : table.sequences()) {
      wal.insert(own.currentXid(), new StorageBody.Create(file, 0));
      buffers.create(file);
      own.created(file);
      Buffer buffer = buffers.extend(file);
      byte[] row = new SequencePage.State(1, 0, false).tuple();
      buffer.lock().lock();
      try {
        change(buffer, row, row, own);
      } finally {
        buffer.lock().unlock();
      }
    }
  }

  /**
   * The next number for a serial column (nextval_internal).
   *
   * @throws PgError 2200H beyond the greatest of its type
   */
  public long next(Table table, int column, Transaction own) {
    Table.Column of = table.columns().get(column);
    long greatest = Long.MAX_VALUE >>> 64 - 8 * of.type().length();
    Buffer buffer = buffers.get(CatalogRows.locator(of.sequence()), 0);
    buffer.lock().lock();
    try {
      SequencePage.State state = SequencePage.read(buffer.page());
      if (state.called() && state.last() >= greatest) {
        throw PgError.error(
            "2200H",
            "nextval: reached maximum value of sequence \"%s_%s_seq\" (%d)"
                .formatted(table.name(), of.name(), greatest));
      }
      long value = state.called() ? state.last() + 1 : state.last();
      boolean logged =
          state.called() && state.logged() > 0 && buffer.pageLsn().compareTo(wal.redoLsn()) > 0;
      if (logged) {
        buffer.markDirty();
        SequencePage.advance(buffer.page(), value, state.logged() - 1);
      } else {
        long ahead = Math.min(AHEAD, greatest - value);
        byte[] shown = new SequencePage.State(value, ahead, true).tuple();
        change(buffer, new SequencePage.State(value + ahead, 0, true).tuple(), shown, own);
      }
      return value;
    } finally {
      buffer.lock().unlock();
    }
  }

  /**
   * @param row what replay makes of the page
   * @param shown the page until then
   */
  private void change(Buffer buffer, byte[] row, byte[] shown, Transaction own) {
    Xid xid = own.currentXid();
    steps.step(
        StorageSteps.HEAP_CHANGE,
        xid,
        () ->
            critical.run(
                "changing a sequence",
                () -> {
                  buffer.markDirty();
                  BlockChange page = new BlockChange(0, buffer, true, new byte[0]);
                  SequenceBody body = new SequenceBody(buffer.relation(), row);
                  buffer.pageLsn(wal.insert(xid, body, List.of(page)).end());
                  SequencePage.write(buffer.page(), shown);
                }));
    own.wroteWal();
  }
}
