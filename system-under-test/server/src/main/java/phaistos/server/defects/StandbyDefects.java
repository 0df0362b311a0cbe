package phaistos.server.defects;

import static phaistos.server.defects.Planted.named;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import phaistos.formats.Lsn;
import phaistos.server.defects.Defect.Kind;
import phaistos.server.steps.CommitSteps;
import phaistos.server.steps.ReplicationSteps;

/** Mistakes of the walreceiver. */
final class StandbyDefects {
  static final List<Defect> ALL =
      List.of(
          named("standby-sync-skipped", "A standby reports WAL as flushed that it never syncs.")
              .standsFor(
                  "A standby lost WAL in a power cut that it had acknowledged.",
                  "finding 25; fsync=off on standbys, pgsql-general")
              .skips(ReplicationSteps.STANDBY_SYNC),
          named(
                  "standby-sync-late",
                  "A standby reports WAL as flushed when it is written, and syncs it 20 ms later.")
              .standsFor(
                  "A disk's write cache acknowledged a sync before the data was on the platter.",
                  "PostgreSQL documentation, Reliability; diskchecker.pl")
              .entry(
                  Kind.DELAYS,
                  (steps, environment) ->
                      steps.attach(ReplicationSteps.STANDBY_SYNC, Acts.behind(environment)),
                  ReplicationSteps.STANDBY_SYNC),
          named("standby-syncs-one-in-four", "Three of four syncs of a standby do nothing.")
              .standsFor(
                  "A sync that failed was tried again and did nothing the second time.",
                  "finding 25; fsyncgate (2018)")
              .acts(Kind.SKIPS, ReplicationSteps.STANDBY_SYNC, () -> Acts.onlyEvery(4)),
          named(
                  "standby-reports-unsynced",
                  "A standby reports the position up to which it has written WAL as the position up"
                      + " to which it has flushed it; the sync comes later.")
              .standsFor(
                  "The reply was sent between write and flush.",
                  "finding 18; PostgreSQL: XLogWalRcvSendReply, walreceiver.c")
              .lies(ReplicationSteps.STANDBY_POSITION, (written, _) -> written),
          named(
                  "standby-reports-ahead",
                  "A standby reports a flush position that is 8 kB ahead of what it has written.")
              .standsFor(
                  "A position was rounded up to the end of its page.",
                  "finding 58; PostgreSQL: pg_last_wal_receive_lsn and positions at page borders")
              .lies(
                  ReplicationSteps.STANDBY_POSITION,
                  (written, _) -> new Lsn(written.value() + Acts.PAGE)),
          named(
                  "receiver-starts-at-replay",
                  "The first reply of a walreceiver reports what is replayed as flushed.")
              .standsFor(
                  "The first reply of walreceiver reports a flush position that this process has"
                      + " not synced.",
                  "finding 18; PostgreSQL: walreceiver.c begins with GetXLogReplayRecPtr")
              .shownBy("", "kill", "crash", "terminate-walsender")
              .lies(ReplicationSteps.RECEIVER_START, (replayed, _) -> replayed),
          named(
                  "receiver-segment-unsynced",
                  "A standby does not sync the end of a segment before it opens the next one.")
              .standsFor(
                  "The flush at a segment's end was skipped, and the next one synced another file.",
                  "PostgreSQL: XLogWalRcvClose, walreceiver.c")
              .acts(
                  Kind.SKIPS,
                  ReplicationSteps.STANDBY_SYNC,
                  () -> Acts.<Lsn>skipIf(reached -> reached.value() % Acts.SEGMENT == 0)),
          named("standby-write-lost", "Every 31st write of received WAL does nothing.")
              .standsFor(
                  "A write was acknowledged and never done.",
                  "lost writes: Bairavasundaram et al., FAST 2008")
              .skipsEvery(31, ReplicationSteps.STANDBY_WRITE),
          named(
                  "standby-segment-name-lost",
                  "A standby does not sync the directory of a new segment.")
              .standsFor(
                  "A standby lost a whole segment whose name was not durable.",
                  "finding 79; PostgreSQL 9.6: durable_rename, fd.c")
              .entry(
                  Kind.SKIPS,
                  (steps, _) ->
                      steps.attach(
                          CommitSteps.WAL_DIRECTORY_SYNC, Acts.skipWhile(Acts.isStandby(steps))),
                  CommitSteps.WAL_DIRECTORY_SYNC),
          named("replies-cease", "A walreceiver reports its positions 60 times, and then no more.")
              .standsFor(
                  "A standby went on streaming and did not answer, so that every commit waited.",
                  "finding 55; PostgreSQL: XLogWalRcvSendReply and wal_receiver_status_interval ="
                      + " 0")
              .acts(
                  Kind.SKIPS,
                  ReplicationSteps.STANDBY_REPLY,
                  () -> {
                    AtomicInteger passed = new AtomicInteger();
                    return (_, act) -> passed.incrementAndGet() > 60 ? null : act.run();
                  }),
          named(
                  "standby-reports-applied",
                  "A standby reports as applied what it has flushed and not replayed.")
              .standsFor(
                  "remote_apply was acknowledged before the standby showed the commit.",
                  "finding 71; multigres decision log 2026: stalled replay taken for caught up")
              .shownBy("standby-reads")
              .with("synchronous_commit", "remote_apply")
              .lies(ReplicationSteps.STANDBY_APPLIED, (flushed, _) -> flushed));

  private StandbyDefects() {}
}
