package phaistos.server.defects;

import static phaistos.server.defects.Planted.named;

import java.util.List;
import phaistos.server.defects.Defect.Kind;
import phaistos.server.steps.Action;
import phaistos.server.steps.CommitSteps;
import phaistos.server.steps.StorageSteps;

/** Mistakes of checkpoints, restartpoints and the files that they write. */
final class CheckpointDefects {
  static final List<Defect> ALL =
      List.of(
          named(
                  "checkpoint-ends-early",
                  "The control file names a checkpoint whose pages of tables are written by the"
                      + " next checkpoint only.")
              .standsFor(
                  "A storage stack without write barriers made the control file durable before the"
                      + " pages of its checkpoint.",
                  "PostgreSQL documentation, Reliability: write-back caches")
              .shownBy("", "checkpoint", "kill", "crash")
              .late(StorageSteps.CHECKPOINT_BUFFERS),
          named(
                  "checkpoint-sync-skipped",
                  "A checkpoint writes pages of tables and of the commit log, and syncs neither.")
              .standsFor(
                  "A failed fsync dropped the dirty pages, its retry succeeded, and the checkpoint"
                      + " counted them as durable.",
                  "finding 25; fsyncgate (2018); PostgreSQL 11.2, 10.7, 9.6.12: data_sync_retry")
              .shownBy("", "checkpoint", "crash")
              .skips(StorageSteps.RELATION_SYNC, CommitSteps.SLRU_SYNC),
          named("relation-sync-skipped", "A checkpoint writes pages of tables and does not sync.")
              .standsFor(
                  "The request to sync a file was forgotten when its segment was closed and opened"
                      + " again.",
                  "finding 25; PostgreSQL 12: PANIC on fsync failure")
              .shownBy("", "checkpoint", "crash")
              .skips(StorageSteps.RELATION_SYNC),
          named("relation-name-lost", "A checkpoint does not sync the directories of new tables.")
              .standsFor(
                  "A new file was gone after a power cut, since its directory was not synced.",
                  "PostgreSQL: the directories of relations and ProcessSyncRequests, md.c, sync.c")
              .shownBy("", "checkpoint", "crash")
              .skips(StorageSteps.RELATION_DIRECTORY_SYNC),
          named("checkpoint-without-commit-log", "A checkpoint does not write the commit log.")
              .standsFor(
                  "CheckPointGuts left an SLRU out.",
                  "PostgreSQL: CheckPointCLOG in CheckPointGuts, xlog.c")
              .shownBy("", "checkpoint", "kill")
              .skips(StorageSteps.CHECKPOINT_COMMIT_LOG),
          named(
                  "checkpoint-commit-log-late",
                  "A checkpoint's pages of the commit log are written by the next one.")
              .standsFor(
                  "The commit log was written after the control file named the checkpoint.",
                  "finding 31; PostgreSQL: order in CreateCheckPoint, xlog.c")
              .shownBy("", "checkpoint", "kill")
              .late(StorageSteps.CHECKPOINT_COMMIT_LOG),
          named("checkpoint-without-pages", "A checkpoint does not write the pages of tables.")
              .standsFor(
                  "Dirty buffers were not marked BM_CHECKPOINT_NEEDED, so that BufferSync wrote"
                      + " none.",
                  "PostgreSQL: BufferSync, bufmgr.c")
              .shownBy("", "checkpoint", "kill")
              .skips(StorageSteps.CHECKPOINT_BUFFERS),
          named(
                  "checkpoint-does-not-wait",
                  "A checkpoint goes on although commits stand between record and bits, each for 3"
                      + " ms.")
              .standsFor(
                  "The checkpoint looked for delaying backends before it had set its redo point.",
                  "finding 31; PostgreSQL: GetVirtualXIDsDelayingChkpt, xlog.c")
              .shownBy("", "checkpoint", "kill")
              .entry(
                  Kind.SKIPS,
                  (steps, environment) -> {
                    steps.attach(StorageSteps.CHECKPOINT_DELAY_WAIT, Action.skip());
                    steps.attach(CommitSteps.COMMIT_LOG_SET, Acts.slow(environment));
                  },
                  StorageSteps.CHECKPOINT_DELAY_WAIT,
                  CommitSteps.COMMIT_LOG_SET),
          named(
                  "redo-point-too-late",
                  "A checkpoint names the end of the WAL at its own end as its redo point.")
              .standsFor(
                  "Changes made during a checkpoint were before its redo point and in no file.",
                  "PostgreSQL: the redo point is set before pages are written, CreateCheckPoint")
              .shownBy("", "checkpoint", "kill")
              .lies(StorageSteps.CHECKPOINT_REDO_NAMED, (since, _) -> since.end()),
          named(
                  "restartpoint-without-commit-log",
                  "A standby's restartpoint does not write the commit log.")
              .standsFor(
                  "A standby's restartpoint left an SLRU out that a primary's checkpoint wrote.",
                  "PostgreSQL: CreateRestartPoint, xlog.c")
              .shownBy("", "checkpoint", "kill")
              .entry(
                  Kind.SKIPS,
                  (steps, _) ->
                      steps.attach(
                          StorageSteps.CHECKPOINT_COMMIT_LOG,
                          Acts.skipWhile(Acts.isStandby(steps))),
                  StorageSteps.CHECKPOINT_COMMIT_LOG),
          named(
                  "restartpoint-without-pages",
                  "A standby's restartpoint does not write the pages of tables.")
              .standsFor(
                  "A restartpoint was counted although its pages were not written.",
                  "PostgreSQL: CreateRestartPoint, xlog.c; commit 3c64dcb1e3 (2018)")
              .shownBy("", "checkpoint", "kill")
              .entry(
                  Kind.SKIPS,
                  (steps, _) ->
                      steps.attach(
                          StorageSteps.CHECKPOINT_BUFFERS, Acts.skipWhile(Acts.isStandby(steps))),
                  StorageSteps.CHECKPOINT_BUFFERS),
          named(
                  "minimum-recovery-point-lost",
                  "A standby writes pages without noting how far replay must come before its files"
                      + " are consistent.")
              .standsFor(
                  "minRecoveryPoint was not moved during the first checkpoint behind a promotion,"
                      + " so that a crash left pages ahead of the WAL that was replayed.",
                  "finding 30; PostgreSQL: commit 3c64dcb1e3 (2018)")
              .shownBy("", "checkpoint", "crash")
              .skips(StorageSteps.MINIMUM_RECOVERY_POINT),
          named("page-before-wal", "A page is written without flushing the WAL up to its LSN.")
              .standsFor(
                  "A page on disk was ahead of the WAL after a power cut.",
                  "PostgreSQL: FlushBuffer and XLogFlush, bufmgr.c")
              .shownBy("commits", "checkpoint", "crash")
              .with("synchronous_commit", "off")
              .skips(StorageSteps.BUFFER_WAL_FLUSH),
          named("page-write-lost", "Every fifth write of a table's page does not reach its file.")
              .standsFor(
                  "A write was acknowledged and never done.",
                  "lost writes: Bairavasundaram et al., FAST 2008; PostgreSQL data checksums do not"
                      + " see them")
              .shownBy("", "checkpoint", "kill")
              .skipsEvery(5, StorageSteps.BUFFER_WRITE),
          named(
                  "data-directory-unsynced",
                  "A start does not sync the files that the crash before has left unsynced.")
              .standsFor(
                  "Crash recovery read WAL from the page cache and took it for durable.",
                  "PostgreSQL 9.4.2: fsync of the data directory at a start after a crash")
              .shownBy("commits", "kill", "switch-wal")
              .skips(StorageSteps.DATA_DIRECTORY_SYNC));

  private CheckpointDefects() {}
}
