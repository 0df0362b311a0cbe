package phaistos.server.defects;

import static phaistos.server.defects.Planted.named;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import phaistos.environment.Environment;
import phaistos.formats.Lsn;
import phaistos.server.defects.Defect.Kind;
import phaistos.server.steps.RecoverySteps;
import phaistos.server.steps.Steps;

/** Mistakes of replay, promotion and timelines. */
final class RecoveryDefects {
  static final List<Defect> ALL =
      List.of(
          named(
                  "replay-skips-segment-end",
                  "Replay leaves out changes of rows whose records end in a segment's last pages.")
              .standsFor(
                  "The last record of a segment was not read when its continuation was in the next"
                      + " one.",
                  "finding 27; PostgreSQL: XLogReadRecord and missing contrecords, ff9f111bce24")
              .acts(Kind.SKIPS, RecoverySteps.REDO_HEAP, () -> Acts.skipIf(Acts::isNearSegmentEnd)),
          named(
                  "replay-skips-rows-at-page-border",
                  "Replay leaves out changes of rows whose records cross a page of the WAL.")
              .standsFor(
                  "A record that continued on the next page was taken for the end of the WAL.",
                  "finding 27; PostgreSQL commit ff9f111bce24")
              .acts(Kind.SKIPS, RecoverySteps.REDO_HEAP, () -> Acts.skipIf(Acts::crossesPage)),
          named(
                  "replay-skips-commits-at-page-border",
                  "Replay leaves out commits whose records cross a page of the WAL.")
              .standsFor(
                  "A commit record that continued on the next page was not replayed.",
                  "finding 28; pgsql-hackers 2022, broken contrecords and promotion")
              .acts(
                  Kind.SKIPS, RecoverySteps.REDO_TRANSACTION, () -> Acts.skipIf(Acts::crossesPage)),
          named("replay-skips-a-commit", "Replay leaves out every 17th end of a transaction.")
              .standsFor(
                  "A standby did not apply a commit that its primary had acknowledged.",
                  "PostgreSQL: xact_redo_commit, xact.c")
              .skipsEvery(17, RecoverySteps.REDO_TRANSACTION),
          named("replay-skips-a-row", "Replay leaves out every 31st change of a row.")
              .standsFor(
                  "A parallel or batched applier dropped a change.",
                  "MySQL: slave_parallel_workers, lost events; finding 49")
              .skipsEvery(31, RecoverySteps.REDO_HEAP),
          named(
                  "commits-replayed-late",
                  "The end of a transaction is replayed when the next one's record comes.")
              .standsFor(
                  "A delayed apply kept the last commit back, and the promotion did not wait for"
                      + " it.",
                  "finding 59; PostgreSQL: recovery_min_apply_delay and promotion")
              .late(RecoverySteps.REDO_TRANSACTION),
          named(
                  "rows-replayed-late",
                  "The change of a row is replayed when the next one's record comes.")
              .standsFor(
                  "A transaction's end was applied before its last change.",
                  "MySQL: replica_preserve_commit_order=OFF")
              .late(RecoverySteps.REDO_HEAP),
          named("xids-not-learned", "Replay does not learn which transaction ids were given out.")
              .standsFor(
                  "After a crash or a promotion ids were handed out again, and pg_xact_status"
                      + " answered for the wrong transaction.",
                  "finding 21; pgsql-hackers 2001, reuse of transaction ids")
              .skips(RecoverySteps.XID_SEEN),
          named(
                  "promotion-does-not-replay",
                  "Replay is slow, and a promotion ends it at once, whatever WAL was received.")
              .standsFor(
                  "A standby was promoted before it had replayed what it had acknowledged.",
                  "finding 71; multigres decision log 2026; pg_promote and paused recovery,"
                      + " finding 59")
              .shownBy("", "failover")
              .entry(
                  Kind.LIES,
                  RecoveryDefects::promotionDoesNotReplay,
                  RecoverySteps.REPLAY_GOES_ON,
                  RecoverySteps.REDO_TRANSACTION),
          named(
                  "timeline-kept",
                  "A promoted standby goes on on the timeline of its former primary.")
              .standsFor(
                  "Two nodes wrote one timeline number, and their files mixed.",
                  "finding 50; Mats Kindahl: a TLA+ model of timelines, 2026-04-30")
              .shownBy("", "failover", "partition")
              .lies(RecoverySteps.TIMELINE_SELECT, (old, _) -> old),
          named(
                  "fork-point-too-late",
                  "The history of a new timeline says that it forks off 512 bytes later than it"
                      + " does.")
              .standsFor(
                  "A standby followed the old timeline beyond the fork, and its WAL differed.",
                  "finding 49; PostgreSQL: writeTimeLineHistory, timeline.c; finding 73")
              .shownBy("", "failover")
              .lies(RecoverySteps.FORK_POINT, (end, _) -> new Lsn(end.value() + 512)),
          named(
                  "fork-point-too-early",
                  "The history of a new timeline says that it forks off 4 kB earlier than it does.")
              .standsFor(
                  "The fork's position in the history went backwards, below what was acknowledged.",
                  "finding 79; PostgreSQL: timeline.c")
              .shownBy("", "failover")
              .lies(RecoverySteps.FORK_POINT, (end, _) -> new Lsn(end.value() - 4096)),
          named(
                  "replay-waits-for-ever",
                  "Replay waits for ever at its fifth record of running transactions.")
              .standsFor(
                  "The startup process waited for a lock that nobody would release.",
                  "PostgreSQL: ResolveRecoveryConflictWithLock, standby.c; deadlocks of the startup"
                      + " process fixed in 9.6 and 14")
              .entry(
                  Kind.DELAYS,
                  (steps, environment) -> {
                    AtomicInteger passed = new AtomicInteger();
                    steps.attach(
                        RecoverySteps.REDO_STANDBY,
                        (_, act) -> {
                          if (passed.incrementAndGet() == 5) {
                            environment.tasks().sleep(3_600_000_000_000L);
                          }
                          return act.run();
                        });
                  },
                  RecoverySteps.REDO_STANDBY));

  private RecoveryDefects() {}

  private static void promotionDoesNotReplay(Steps steps, Environment environment) {
    steps.attach(RecoverySteps.REPLAY_GOES_ON, (_, _) -> false);
    steps.attach(
        RecoverySteps.REDO_TRANSACTION,
        (_, act) -> {
          environment.tasks().sleep(8_000_000);
          return act.run();
        });
  }
}
