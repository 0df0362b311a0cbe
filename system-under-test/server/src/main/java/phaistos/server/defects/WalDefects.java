package phaistos.server.defects;

import static phaistos.server.defects.Planted.named;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import phaistos.formats.Lsn;
import phaistos.server.defects.Defect.Kind;
import phaistos.server.steps.CommitSteps;

/** Mistakes of the write-ahead log. */
final class WalDefects {
  static final List<Defect> ALL =
      List.of(
          named(
                  "wal-sync-late",
                  "A flush of WAL counts as done when it is written, and the sync follows 20 ms"
                      + " later.")
              .standsFor(
                  "A disk's write cache acknowledged a sync before the data was on the platter.",
                  "PostgreSQL documentation, Reliability; diskchecker.pl")
              .entry(
                  Kind.DELAYS,
                  (steps, environment) ->
                      steps.attach(CommitSteps.WAL_SYNC, Acts.behind(environment)),
                  CommitSteps.WAL_SYNC),
          named("wal-sync-skipped", "WAL is written and never synced.")
              .standsFor(
                  "fsync was off, or wal_sync_method did nothing on that platform.",
                  "PostgreSQL: fsync=off; fsync_writethrough on macOS and Windows, pg_test_fsync")
              .skips(CommitSteps.WAL_SYNC),
          named("wal-sync-one-in-eight", "Seven of eight syncs of WAL do nothing.")
              .standsFor(
                  "A failed fsync was tried again and succeeded, since the kernel had marked the"
                      + " pages clean.",
                  "finding 25; fsyncgate (2018), PostgreSQL 11.2, 10.7, 9.6.12")
              .acts(Kind.SKIPS, CommitSteps.WAL_SYNC, () -> Acts.onlyEvery(8)),
          named(
                  "wal-segment-left-unsynced",
                  "A WAL segment is not synced before the next one is written to.")
              .standsFor(
                  "The sync at the end of a segment was left out: a commit in the next segment was"
                      + " durable and WAL before it was not.",
                  "PostgreSQL: XLogWrite and issue_xlog_fsync at a segment's end, xlog.c")
              .skips(CommitSteps.WAL_SEGMENT_LEAVE_SYNC),
          named(
                  "wal-segment-name-lost",
                  "The directory pg_wal is not synced when a segment gets its name.")
              .standsFor(
                  "A renamed WAL file was gone after a power cut, since its directory was not"
                      + " synced.",
                  "PostgreSQL 9.6: durable_rename, fd.c")
              .skips(CommitSteps.WAL_DIRECTORY_SYNC),
          named("torn-pages", "No record carries an image of the page that it changes.")
              .standsFor(
                  "A page that was half written at a power cut stayed half old.",
                  "finding 36; LazyFS, PostgreSQL 15.2 with full_page_writes=off")
              .lies(CommitSteps.FULL_PAGE_IMAGE, (_, _) -> false),
          named(
                  "page-image-left-out",
                  "Every second page image that a record must carry is left out.")
              .standsFor(
                  "A record was assembled with an old redo point, and the check behind it did not"
                      + " build it anew.",
                  "PostgreSQL: XLogInsertRecord and doPageWrites, xlog.c")
              .acts(
                  Kind.LIES,
                  CommitSteps.FULL_PAGE_IMAGE,
                  () -> {
                    AtomicInteger images = new AtomicInteger();
                    return (_, act) -> act.run() && images.incrementAndGet() % 2 == 0;
                  }),
          named(
                  "commit-record-short",
                  "What a commit flushes and waits for ends where its record begins: 64 bytes too"
                      + " early.")
              .standsFor(
                  "The flush position was that of the record's beginning, not of its end.",
                  "PostgreSQL: ProcLastRecPtr and XactLastRecEnd, xlog.c")
              .lies(CommitSteps.COMMIT_RECORD, (_, act) -> new Lsn(act.run().value() - 64)),
          named(
                  "follower-does-not-wait",
                  "A flush that finds another one under way does not wait for it.")
              .standsFor(
                  "In a group commit the followers were answered when the leader began, not when"
                      + " it had ended.",
                  "PostgreSQL: XLogFlush and WaitXLogInsertionsToFinish, xlog.c; MySQL binary log"
                      + " group commit, bug #13669")
              .shownBy("levels", "kill", "crash")
              .acts(
                  Kind.SKIPS,
                  CommitSteps.COMMIT_FLUSH,
                  () -> {
                    AtomicInteger flushing = new AtomicInteger();
                    return (_, act) -> {
                      try {
                        return flushing.incrementAndGet() > 1 ? null : act.run();
                      } finally {
                        flushing.decrementAndGet();
                      }
                    };
                  }),
          named("wal-writer-asleep", "The WAL writer flushes nothing.")
              .standsFor(
                  "Asynchronous commits were lost beyond three cycles of the WAL writer, which"
                      + " hibernated.",
                  "finding 20; PostgreSQL: hibernation of the WAL writer, walwriter.c")
              .shownBy("levels", "kill", "crash")
              .with("synchronous_commit", "off")
              .skips(CommitSteps.WAL_BACKGROUND_FLUSH),
          named("wal-write-lost", "Every 29th write of WAL does not reach its file.")
              .standsFor(
                  "A write was acknowledged and never done, so that valid WAL ended before flushed"
                      + " WAL.",
                  "lost writes, Bairavasundaram et al., FAST 2008")
              .skipsEvery(29, CommitSteps.WAL_WRITE));

  private WalDefects() {}
}
