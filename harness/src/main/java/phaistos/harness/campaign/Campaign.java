package phaistos.harness.campaign;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.stream.Stream;
import phaistos.cluster.machine.MachineFiles;
import phaistos.harness.Cutoff;
import phaistos.harness.Revision;

/**
 * One night: worker processes make runs, this process notes each in the journal as soon as it is
 * over. Whatever is killed, the next night with the same options goes on where this one was: a run
 * that is in the journal counts, one that is not is made again. Thread-safe.
 */
public final class Campaign {
  /** Of one finding, in all nights. */
  private static final int KEPT_MAX = 2;

  /** A night that nobody has gone on with for so long is over. */
  private static final Duration STALE = Duration.ofHours(12);

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss.SSS'Z'").withZone(ZoneOffset.UTC);

  private final CampaignOptions options;
  private final LongFunction<String> mix;
  private final Cutoff cutoff;
  private final Consumer<String> tell;
  private final ReentrantLock lock = new ReentrantLock();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final List<WorkerProcess> processes = new ArrayList<>();
  private final Explanations explanations;

  /**
   * @param mix gives the options of {@code run} for a fresh seed
   * @param cutoff ends the night early: no run begins any more
   * @param tell receives lines for people while it goes on
   */
  public Campaign(
      CampaignOptions options, LongFunction<String> mix, Cutoff cutoff, Consumer<String> tell) {
    this.options = options;
    this.mix = mix;
    this.cutoff = cutoff;
    this.tell = tell;
    this.explanations = new Explanations(options.folder(), options.explainLimit());
  }

  /** The campaign cannot go on; what is in the journal stays. */
  public static final class CampaignException extends RuntimeException {
    CampaignException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * Runs the night, or the rest of it.
   *
   * @throws CampaignException if the store cannot be written, or another campaign is at work
   */
  public CampaignReport run() {
    try (Journal journal = Journal.open(options.folder())) {
      Entry.Night night = begin(journal);
      removeUnknown(journal);
      work(journal, night);
      Throwable failed = failure.get();
      if (failed != null) {
        throw new CampaignException(
            failed.getMessage() + "; every run that is over is kept, and the next call goes on",
            failed);
      }
      boolean isCut = cutoff.isRequested();
      if (!isCut) {
        journal.append(new Entry.Ended(night.id(), Instant.now()));
      }
      return new CampaignReport(
          options, journal.entries(), night, isCut ? cutoff.cause() : Optional.empty());
    } catch (Journal.JournalException e) {
      throw new CampaignException(e.getMessage(), e);
    }
  }

  /**
   * The report of the last night of a store, which may still go on. Nothing is run.
   *
   * @return empty if there was none
   * @throws CampaignException if the journal cannot be read
   */
  public static Optional<CampaignReport> last(CampaignOptions options) {
    try {
      List<Entry> entries = Journal.read(options.folder());
      Optional<Entry.Night> night =
          entries.stream()
              .filter(Entry.Night.class::isInstance)
              .map(Entry.Night.class::cast)
              .reduce((_, later) -> later);
      return night.map(
          last -> {
            boolean isOver =
                entries.stream()
                    .anyMatch(e -> e instanceof Entry.Ended end && end.night().equals(last.id()));
            return new CampaignReport(
                options,
                entries,
                last,
                isOver ? Optional.empty() : Optional.of("a kill, or it still goes on"));
          });
    } catch (Journal.JournalException e) {
      throw new CampaignException(e.getMessage(), e);
    }
  }

  private Entry.Night begin(Journal journal) {
    Instant now = Instant.now();
    Optional<Entry.Night> open = open(journal.entries(), now);
    if (open.isPresent()) {
      journal.append(new Entry.Resumed(open.get().id(), now));
      long done = runs(journal.entries(), open.get().id());
      tell.accept(
          "goes on with the campaign of %s: %,d runs are over".formatted(open.get().began(), done));
      return open.get();
    }
    long first = options.firstSeed().orElse(1 + lastFresh(journal.entries()));
    Entry.Night night =
        new Entry.Night(TIME.format(now), now, options.asked(), Revision.describe(), first);
    journal.append(night);
    return night;
  }

  private static long runs(List<Entry> entries, String night) {
    return entries.stream()
        .filter(entry -> entry instanceof Entry.Run run && run.night().equals(night))
        .count();
  }

  /** The last night, if it asked for the same and did not end. */
  private Optional<Entry.Night> open(List<Entry> entries, Instant now) {
    Entry.Night last = null;
    Instant heard = Instant.MIN;
    boolean isOver = false;
    for (Entry entry : entries) {
      switch (entry) {
        case Entry.Night night -> {
          last = night;
          heard = night.began();
          isOver = false;
        }
        case Entry.Resumed resumed -> heard = resumed.at();
        case Entry.Run run -> heard = run.ended();
        case Entry.Ended _ -> isOver = true;
        case Entry.Explained _ -> {}
      }
    }
    boolean goesOn =
        last != null
            && !isOver
            && last.asked().equals(options.asked())
            && Duration.between(heard, now).compareTo(STALE) < 0;
    return goesOn ? Optional.of(last) : Optional.empty();
  }

  private static long lastFresh(List<Entry> entries) {
    return entries.stream()
        .filter(entry -> entry instanceof Entry.Run run && run.why() == Entry.Why.FRESH)
        .mapToLong(entry -> ((Entry.Run) entry).seed())
        .max()
        .orElse(0);
  }

  private void work(Journal journal, Entry.Night night) {
    Schedule schedule = new Schedule(journal.entries(), night, options, mix);
    Instant deadline =
        options
            .duration()
            .map(
                all ->
                    Instant.now().plus(all.minus(Schedule.worked(journal.entries(), night.id()))))
            .orElse(Instant.MAX);
    List<Thread> threads = new ArrayList<>();
    for (int i = 1; i <= options.workers(); i++) {
      WorkerProcess process = new WorkerProcess(options.worker());
      processes.add(process);
      threads.add(
          Thread.ofPlatform()
              .name("worker " + i)
              .start(() -> serve(process, schedule, journal, night, deadline)));
    }
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        fail(e);
        Thread.currentThread().interrupt();
      }
    }
  }

  private void serve(
      WorkerProcess process,
      Schedule schedule,
      Journal journal,
      Entry.Night night,
      Instant deadline) {
    try (process) {
      while (true) {
        Optional<Job> job = next(schedule, journal, night, deadline);
        if (job.isEmpty()) {
          return;
        }
        long began = System.nanoTime();
        if (job.get().explains().isPresent()) {
          explained(job.get(), process.explain(job.get(), options.explainLimit()), journal);
        } else {
          Path folder = folder(job.get().number());
          RunResult result = process.run(job.get(), folder, options.seedLimit());
          over(job.get(), result, schedule, journal, night);
        }
        spent(job.get(), Duration.ofNanos(System.nanoTime() - began));
      }
    } catch (InterruptedException | RuntimeException e) {
      fail(e);
    }
  }

  private void spent(Job job, Duration time) {
    lock.lock();
    try {
      explanations.add(job, time);
    } finally {
      lock.unlock();
    }
  }

  private void fail(Throwable cause) {
    if (failure.compareAndSet(null, cause)) {
      // The others are killed in the middle of their runs: those are made again.
      processes.forEach(WorkerProcess::kill);
    }
  }

  private Optional<Job> next(
      Schedule schedule, Journal journal, Entry.Night night, Instant deadline) {
    lock.lock();
    try {
      if (failure.get() != null || cutoff.isRequested()) {
        return Optional.empty();
      }
      return explanations
          .due(journal.entries(), night.id())
          .or(() -> schedule.next(Instant.now(), deadline))
          .or(() -> explanations.last(journal.entries(), night.id()));
    } finally {
      lock.unlock();
    }
  }

  private void explained(Job job, Optional<Explainer.Explanation> found, Journal journal) {
    lock.lock();
    try {
      if (failure.get() == null) {
        journal.append(new Entry.Explained(job.number(), found));
        tell.accept(
            "run %d  seed %d  explained: %s"
                .formatted(
                    job.number(),
                    job.seed(),
                    found.map(Explainer.Explanation::word).orElse("no answer in time")));
      }
    } finally {
      lock.unlock();
    }
  }

  /** Notes a run, first in the journal; then its files go, if nobody needs them. */
  private void over(
      Job job, RunResult result, Schedule schedule, Journal journal, Entry.Night night) {
    lock.lock();
    try {
      if (failure.get() != null) {
        return;
      }
      Entry.Run run =
          new Entry.Run(
              job.number(),
              night.id(),
              job.why(),
              job.seed(),
              job.options(),
              Instant.now(),
              result);
      Optional<String> kept =
          result.folder().filter(_ -> keeps(run, journal.entries())).map(this::inCampaign);
      journal.append(run.withFolder(kept));
      if (job.why() == Entry.Why.CANARY) {
        schedule.canaryEnded(Schedule.isFound(run));
      }
      tell.accept(
          "run %d  seed %d  %s".formatted(run.number(), run.seed(), result.ending().word()));
      if (kept.isEmpty()) {
        delete(folder(job.number()));
      }
    } finally {
      lock.unlock();
    }
  }

  /** A path as the journal has it, so that a store can be moved. */
  private String inCampaign(String path) {
    Path root = options.folder().toAbsolutePath();
    return root.relativize(Path.of(path).toAbsolutePath()).toString();
  }

  /** A failure keeps its files, if its finding has not enough of them. */
  private static boolean keeps(Entry.Run run, List<Entry> entries) {
    if (!run.isFailure()) {
      return false;
    }
    List<Entry> all = new ArrayList<>(entries);
    all.add(run);
    Map<Integer, Cause> causes = Cause.all(all);
    long kept =
        entries.stream()
            .filter(
                entry ->
                    entry instanceof Entry.Run other
                        && other.isFailure()
                        && other.result().folder().isPresent()
                        && causes.get(other.number()).equals(causes.get(run.number())))
            .count();
    return kept < KEPT_MAX;
  }

  /** The root of the store of one run. */
  private Path folder(int number) {
    return options.folder().resolve("runs").resolve("%06d".formatted(number));
  }

  /** Removes what runs have left that are not in the journal, and files that nobody needs. */
  private void removeUnknown(Journal journal) {
    Set<String> kept = new HashSet<>();
    for (Entry entry : journal.entries()) {
      if (entry instanceof Entry.Run run && run.result().folder().isPresent()) {
        kept.add("%06d".formatted(run.number()));
      }
    }
    Path runs = options.folder().resolve("runs");
    if (!Files.isDirectory(runs)) {
      return;
    }
    try (Stream<Path> found = Files.list(runs)) {
      found.filter(path -> !kept.contains(path.getFileName().toString())).forEach(Campaign::delete);
    } catch (IOException e) {
      throw new CampaignException(runs + " cannot be read: " + Journal.reason(e), e);
    }
  }

  private static void delete(Path root) {
    try {
      MachineFiles.delete(root);
    } catch (IOException e) {
      throw new CampaignException(root + " cannot be deleted: " + Journal.reason(e), e);
    }
  }
}
