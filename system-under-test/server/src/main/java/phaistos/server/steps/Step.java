package phaistos.server.steps;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * The name of an act of the server. Its sentence says what the act does, not what follows. All
 * steps are in {@link CommitSteps}, {@link StorageSteps}, {@link ReplicationSteps}, {@link
 * RecoverySteps} and {@link SessionSteps}. Immutable; there is one instance of each.
 *
 * @param <A> what a step is about: an LSN, a transaction id, a file
 * @param <R> the result of its act; {@link Void} if none
 */
public final class Step<A, R> {
  /** A part of the server. */
  public enum Part {
    COMMIT("xact.c, procarray.c"),
    WAL("xlog.c, xloginsert.c"),
    COMMIT_LOG("clog.c, slru.c"),
    STORAGE("bufmgr.c, md.c"),
    HEAP("heapam.c, heapam_visibility.c"),
    CHECKPOINT("checkpointer.c, xlog.c"),
    PRIMARY_REPLICATION("walsender.c, syncrep.c"),
    STANDBY_REPLICATION("walreceiver.c"),
    RECOVERY("xlogrecovery.c"),
    PROMOTION("xlog.c, timeline.c"),
    SESSION("postgres.c, xact.c");

    private final String files;

    Part(String files) {
      this.files = files;
    }

    /** The source files of PostgreSQL where these steps have their counterparts. */
    public String files() {
      return files;
    }

    /** The name that users see: {@code commit-log}. */
    public String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** How many there are until now. */
  private static final AtomicInteger COUNT = new AtomicInteger();

  private final Part part;
  private final String label;
  private final String sentence;
  private final int number;

  Step(Part part, String label, String sentence) {
    this.number = COUNT.getAndIncrement();
    this.part = part;
    this.label = label;
    this.sentence = sentence;
  }

  /** A separate class, since the classes with the steps need this one initialized first. */
  private static final class All {
    static final List<Step<?, ?>> STEPS =
        Stream.of(
                CommitSteps.ALL,
                StorageSteps.ALL,
                ReplicationSteps.ALL,
                RecoverySteps.ALL,
                SessionSteps.ALL)
            .flatMap(List::stream)
            .toList();
  }

  /** All steps, by part. */
  public static List<Step<?, ?>> all() {
    return All.STEPS;
  }

  /** The step of this label. */
  public static Optional<Step<?, ?>> labelled(String label) {
    return all().stream().filter(step -> step.label.equals(label)).findFirst();
  }

  /** Its place in tables of this JVM. */
  int number() {
    return number;
  }

  public Part part() {
    return part;
  }

  /** The name that users see: {@code wal-flush}. */
  public String label() {
    return label;
  }

  /** What the act does, in one sentence. */
  public String sentence() {
    return sentence;
  }

  /** The same in every JVM, unlike an identity's. */
  @Override
  public int hashCode() {
    return label.hashCode();
  }

  @Override
  public boolean equals(Object other) {
    return this == other;
  }

  @Override
  public String toString() {
    return label;
  }
}
