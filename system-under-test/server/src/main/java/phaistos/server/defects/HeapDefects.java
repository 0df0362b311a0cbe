package phaistos.server.defects;

import static phaistos.server.defects.Planted.named;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import phaistos.environment.Environment;
import phaistos.formats.Xid;
import phaistos.server.defects.Defect.Kind;
import phaistos.server.steps.Action;
import phaistos.server.steps.CommitSteps;
import phaistos.server.steps.Steps;
import phaistos.server.steps.StorageSteps;
import phaistos.server.xact.Snapshot;

/** Mistakes of rows, hint bits and snapshots. */
final class HeapDefects {
  static final List<Defect> ALL =
      List.of(
          named(
                  "hint-bit-too-early",
                  "A hint bit says committed before the commit record is durable.")
              .standsFor(
                  "A hint bit of an asynchronous commit reached the disk before its commit record.",
                  "PostgreSQL: SetHintBits and BufferGetLSNAtomic, heapam_visibility.c")
              .shownBy("savepoints", "checkpoint", "crash")
              .with("synchronous_commit", "off")
              .lies(StorageSteps.HINT_BIT_ALLOWED, (_, _) -> true),
          named("row-change-lost", "Every 29th change of a row is not made.")
              .standsFor(
                  "An update was acknowledged and its row unchanged.",
                  "finding 56; CloudNativePG: Jepsen append found lost writes")
              .skipsEvery(29, StorageSteps.HEAP_CHANGE),
          named(
                  "lost-update",
                  "A row that another transaction has changed meanwhile is changed as it was"
                      + " before.")
              .standsFor(
                  "Two read committed updates of one row both began from the old version.",
                  "PostgreSQL: EvalPlanQual and heap_update's TM_Updated, heapam.c")
              .shownBy("register")
              .lies(StorageSteps.ROW_REPLACED, (_, _) -> false),
          named(
                  "dirty-write",
                  "A row that a running transaction has changed is changed by another one too.")
              .standsFor(
                  "The tuple lock was released before the transaction id was in the header.",
                  "PostgreSQL: heap_update and heap_lock_tuple, heapam.c; the races fixed in 9.3.x"
                      + " around multixacts")
              .shownBy("register")
              .lies(StorageSteps.ROW_LOCKED, (_, _) -> false),
          named("duplicate-key", "A key may be inserted although it is there.")
              .standsFor(
                  "Two live rows had one key, since the check and the insertion were not atomic.",
                  "PostgreSQL 9.6.x and 14.0-14.3: corrupt unique indexes by concurrent"
                      + " builds")
              .shownBy("register")
              .lies(StorageSteps.KEY_TAKEN, (_, _) -> false),
          named("row-hidden", "Every 101st row that a statement may see is not shown to it.")
              .standsFor(
                  "An index scan missed rows that were there.",
                  "PostgreSQL 14.0-14.3: CREATE INDEX CONCURRENTLY, indexes that lack rows")
              .acts(Kind.LIES, StorageSteps.ROW_SHOWN, () -> Acts.changedEvery(101, _ -> false)),
          named(
                  "snapshot-without-running",
                  "Every eighth snapshot does not know which transactions run.")
              .standsFor(
                  "A snapshot was taken while the array of running transactions was changed.",
                  "PostgreSQL 14: GetSnapshotData, procarray.c")
              .acts(
                  Kind.LIES,
                  CommitSteps.SNAPSHOT_TAKE,
                  () -> Acts.changedEvery(8, HeapDefects::withoutRunning)),
          named("snapshot-kept", "A session takes a new snapshot for every second statement only.")
              .standsFor(
                  "A snapshot was reused because nothing seemed to have committed since.",
                  "PostgreSQL 14: GetSnapshotDataReuse and xactCompletionCount, procarray.c")
              .shownBy("register")
              .entry(Kind.LIES, HeapDefects::snapshotKept, CommitSteps.SNAPSHOT_TAKE),
          named(
                  "snapshot-too-old",
                  "A snapshot may be the one that another session took some time before.")
              .standsFor(
                  "Sessions shared a snapshot that was refreshed too seldom.",
                  "finding 8; etcd #20418: stale reads; follower reads without a lease")
              .shownBy("register")
              .entry(Kind.LIES, HeapDefects::snapshotTooOld, CommitSteps.SNAPSHOT_TAKE),
          named(
                  "standby-snapshot-without-running",
                  "A standby's snapshot does not know which transactions run on the primary.")
              .standsFor(
                  "A standby took a snapshot before it knew all running transactions.",
                  "finding 9; PostgreSQL: ProcArrayApplyRecoveryInfo and suboverflowed snapshots")
              .shownBy("standby-reads", "failover")
              .entry(Kind.LIES, HeapDefects::standbyWithoutRunning, CommitSteps.SNAPSHOT_TAKE),
          named("oid-given-twice", "OIDs are given out without a record.")
              .standsFor(
                  "After a crash an OID was given out again, and two tables had one file.",
                  "PostgreSQL: XLogPutNextOid and GetNewRelFileNumber")
              .shownBy("ddl", "kill")
              .skips(StorageSteps.OID_RECORD));

  private HeapDefects() {}

  private static Object withoutRunning(Object snapshot) {
    Snapshot right = (Snapshot) snapshot;
    Xid xmax = right.xmax();
    return new Snapshot(xmax, xmax, new int[0], Optional.empty());
  }

  private static void snapshotKept(Steps steps, Environment environment) {
    ConcurrentHashMap<Integer, Object> kept = new ConcurrentHashMap<>();
    Action<Integer, Object> action =
        (pid, act) -> {
          Object fresh = act.run();
          Object old = kept.remove(pid);
          if (old == null) {
            kept.put(pid, fresh);
            return fresh;
          }
          return old;
        };
    steps.attach(CommitSteps.SNAPSHOT_TAKE, Acts.later(environment, action));
  }

  private static void snapshotTooOld(Steps steps, Environment environment) {
    AtomicInteger passed = new AtomicInteger();
    Object[] shared = new Object[1];
    Action<Integer, Object> action =
        (_, act) -> {
          Object fresh = act.run();
          if (passed.incrementAndGet() % 16 == 1) {
            shared[0] = fresh;
          }
          return passed.get() % 4 == 0 ? shared[0] : fresh;
        };
    steps.attach(CommitSteps.SNAPSHOT_TAKE, Acts.later(environment, action));
  }

  private static void standbyWithoutRunning(Steps steps, Environment environment) {
    var isStandby = Acts.isStandby(steps);
    steps.attach(
        CommitSteps.SNAPSHOT_TAKE,
        (_, act) -> isStandby.getAsBoolean() ? withoutRunning(act.run()) : act.run());
  }
}
