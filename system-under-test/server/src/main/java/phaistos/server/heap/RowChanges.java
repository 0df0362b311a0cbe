package phaistos.server.heap;

import java.util.List;
import java.util.Optional;
import phaistos.formats.Xid;
import phaistos.formats.record.RecordBody;
import phaistos.server.errors.CriticalSections;
import phaistos.server.errors.PgError;
import phaistos.server.steps.Steps;
import phaistos.server.steps.StorageSteps;
import phaistos.server.storage.Buffer;
import phaistos.server.wal.BlockChange;
import phaistos.server.wal.Wal;

/** What all changes of rows have in common. Thread-safe. */
final class RowChanges {
  private final Wal wal;
  private final Steps steps;
  private final CriticalSections critical;

  RowChanges(Wal wal, Steps steps, CriticalSections critical) {
    this.wal = wal;
    this.steps = steps;
    this.critical = critical;
  }

  /**
   * A change of pages with its WAL record, in one critical section: there is never one without the
   * other.
   */
  void run(Xid xid, CriticalSections.Silent change) {
    steps.step(StorageSteps.HEAP_CHANGE, xid, () -> critical.run("changing a row", change));
  }

  /**
   * @throws PgError 42P01 if the table was dropped meanwhile
   */
  static void requireThere(Buffer buffer) {
    if (buffer.isGone()) {
      throw PgError.error(
          "42P01", "relation with OID %d does not exist".formatted(buffer.relation().relation()));
    }
  }

  void log(Xid xid, RecordBody body, BlockChange change) {
    change.buffer().pageLsn(wal.insert(xid, body, List.of(change)).end());
  }

  static Optional<Heap.Outcome> obstacle(Visibility.Change change) {
    return switch (change) {
      case Visibility.Change.Allowed _ -> Optional.empty();
      case Visibility.Change.BySelf _ -> Optional.of(new Heap.Outcome.AlreadyBySelf());
      case Visibility.Change.InProgress p -> Optional.of(new Heap.Outcome.MustWait(p.xid()));
      case Visibility.Change.Updated u -> Optional.of(new Heap.Outcome.Updated(u.next()));
      case Visibility.Change.Deleted _ -> Optional.of(new Heap.Outcome.Deleted());
    };
  }
}
