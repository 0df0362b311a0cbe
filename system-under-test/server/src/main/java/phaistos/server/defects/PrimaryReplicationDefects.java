package phaistos.server.defects;

import static phaistos.server.defects.Planted.named;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import phaistos.environment.Environment;
import phaistos.formats.Lsn;
import phaistos.server.defects.Defect.Kind;
import phaistos.server.steps.ReplicationSteps;
import phaistos.server.steps.Steps;

/** Mistakes of walsenders, and of the commits that wait for standbys. */
final class PrimaryReplicationDefects {
  static final List<Defect> ALL =
      List.of(
          named(
                  "released-too-early",
                  "The first reply of a standby settles all commits, also those whose records it"
                      + " does not have.")
              .standsFor(
                  "A race in SyncRepWakeQueue woke commits that no standby had yet.",
                  "finding 16; PostgreSQL bug #14721")
              .lies(ReplicationSteps.SYNC_REP_POSITION, (_, _) -> new Lsn(-1L)),
          named(
                  "released-a-record-early",
                  "Commits are released up to 512 bytes beyond the position that is settled.")
              .standsFor(
                  "The queue was walked one waiter too far.",
                  "finding 16; PostgreSQL: SyncRepWakeQueue, syncrep.c")
              .lies(
                  ReplicationSteps.SYNC_REP_POSITION, (_, act) -> new Lsn(act.run().value() + 512)),
          named(
                  "released-on-write",
                  "A commit that waits for a flush is released when a standby has written.")
              .standsFor(
                  "The write position of a reply was taken for its flush position.",
                  "finding 19; PostgreSQL: remote_write taken for on")
              .entry(
                  Kind.LIES,
                  PrimaryReplicationDefects::releasedOnWrite,
                  ReplicationSteps.SYNC_REP_POSITION),
          named(
                  "waits-for-write",
                  "Every commit that waits for standbys waits for their write position.")
              .standsFor(
                  "The mode of the wait was read before the setting was, and stayed at the lowest.",
                  "finding 19; PostgreSQL: assign_synchronous_commit, syncrep.c")
              .lies(ReplicationSteps.SYNC_REP_MODE, (_, _) -> "WRITE"),
          named("apply-taken-for-flush", "A commit at remote_apply waits for the flush position.")
              .standsFor(
                  "A read on the standby did not see a commit that was acknowledged at"
                      + " remote_apply.",
                  "finding 5; PostgreSQL 9.6: remote_apply, syncrep.c")
              .shownBy("standby-reads")
              .with("synchronous_commit", "remote_apply")
              .lies(
                  ReplicationSteps.SYNC_REP_MODE,
                  (right, _) -> right.equals("APPLY") ? "FLUSH" : right),
          named(
                  "one-standby-suffices",
                  "One standby releases a commit, whatever number synchronous_standby_names asks"
                      + " for.")
              .standsFor(
                  "With several synchronous standbys the first reply released the commit.",
                  "finding 54; Patroni #3638; PostgreSQL 9.6: priority-based multiple standbys")
              .shownBy("", "partition", "crash", "failover")
              .with("synchronous_standby_names", "ANY 2 (n1, n2, n3)")
              .lies(ReplicationSteps.SYNC_REP_NEEDED, (_, _) -> 1),
          named(
                  "asynchronous-standby-counts",
                  "A standby that synchronous_standby_names does not name releases commits.")
              .standsFor(
                  "A candidate that was not synchronous, or not streaming yet, was counted.",
                  "finding 17; PostgreSQL: SyncRepGetCandidateStandbys, syncrep.c")
              .shownBy("", "partition", "crash", "failover")
              .with("synchronous_standby_names", "ANY 1 (n1, n2)")
              .lies(ReplicationSteps.SYNC_REP_CANDIDATE, (_, _) -> true),
          named(
                  "cancelled-wait-unreported",
                  "A client whose wait for the standbys was cancelled gets no warning.")
              .standsFor(
                  "A cancelled wait was reported as success, and the client could not know.",
                  "finding 11; Patroni #1412, stolon PR#514, CloudNativePG #7407")
              .shownBy("cancel", "partition", "failover")
              .skips(ReplicationSteps.SYNC_REP_WARNING),
          named(
                  "sends-unflushed-wal",
                  "A walsender sends WAL that the primary has written and not synced.")
              .standsFor(
                  "A standby was ahead of its primary after the primary's power cut.",
                  "finding 53; PostgreSQL: GetFlushRecPtr in XLogSendPhysical, walsender.c")
              .lies(ReplicationSteps.WAL_SENDER_LIMIT, (written, _) -> written),
          named("releases-cease", "A server releases 60 times commits that wait, and then no more.")
              .standsFor(
                  "A walsender kept the priority that it had before a reload, and released nobody.",
                  "PostgreSQL: SyncRepInitConfig and SyncRepReleaseWaiters, syncrep.c; finding 16")
              .acts(
                  Kind.SKIPS,
                  ReplicationSteps.SYNC_REP_RELEASE,
                  () -> {
                    AtomicInteger passed = new AtomicInteger();
                    return (_, act) -> passed.incrementAndGet() > 60 ? null : act.run();
                  }),
          named("send-skipped", "Every 17th message of WAL is not sent.")
              .standsFor(
                  "A message was dropped from a full buffer, and the stream went on behind it.",
                  "MySQL semisync, lost events")
              .skipsEvery(17, ReplicationSteps.WAL_SENDER_SEND),
          named("sends-zeroes", "Every 17th message of WAL holds zeroes.")
              .standsFor(
                  "A walsender read a segment that was being recycled.",
                  "finding 66; PostgreSQL: WALRead and CheckXLogRemoved, walsender.c")
              .acts(
                  Kind.LIES,
                  ReplicationSteps.WAL_SENDER_READ,
                  () -> Acts.changedEvery(17, right -> new byte[right.length])),
          named("sends-flipped-bit", "Every 17th message of WAL has a bit flipped.")
              .standsFor(
                  "A bit flipped in memory or on the way, and TCP's checksum did not see it.",
                  "finding 26; Stone and Partridge, SIGCOMM 2000")
              .acts(
                  Kind.LIES,
                  ReplicationSteps.WAL_SENDER_READ,
                  () -> Acts.changedEvery(17, PrimaryReplicationDefects::flipped)));

  private PrimaryReplicationDefects() {}

  private static byte[] flipped(byte[] right) {
    byte[] wrong = right.clone();
    wrong[wrong.length / 2] ^= 0x10;
    return wrong;
  }

  /** The position for WRITE is asked for first. */
  private static void releasedOnWrite(Steps steps, Environment environment) {
    AtomicReference<Lsn> write = new AtomicReference<>(Lsn.INVALID);
    steps.attach(
        ReplicationSteps.SYNC_REP_POSITION,
        (mode, act) -> {
          Lsn right = act.run();
          if (mode.equals("WRITE")) {
            write.set(right);
          }
          return mode.equals("FLUSH") ? write.get() : right;
        });
  }
}
