package phaistos.checker.durability;

import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import phaistos.formats.wal.WalScan;

/** The input of an audit beside the history: images of the nodes, and optional knowledge. */
public final class AuditInput {
  /**
   * Three cycles of the WAL writer with PostgreSQL's default {@code wal_writer_delay} of 200 ms.
   */
  public static final long DEFAULT_ASYNC_WINDOW_NANOS = 600_000_000L;

  private final List<NodeImage> nodes;
  private final Builder settings;

  private AuditInput(Builder settings) {
    this.nodes = List.copyOf(settings.nodes);
    this.settings = settings;
    Set<String> names = new HashSet<>();
    for (NodeImage node : nodes) {
      if (!names.add(node.name())) {
        throw new IllegalArgumentException("two images of one node: " + node.name());
      }
    }
    if (settings.promoted.isPresent() && !names.contains(settings.promoted.get())) {
      throw new IllegalArgumentException(
          "no image of the promoted node: " + settings.promoted.get());
    }
  }

  /**
   * The primary lost its memory.
   *
   * @param index of the event that says so, in the history
   * @param nanos in the history's time
   */
  public record Crash(long index, long nanos) {}

  /** The images, each node once. */
  public static Builder of(List<NodeImage> nodes) {
    return new Builder(nodes);
  }

  /** Optional knowledge. Each method documents its default. Use once. */
  public static final class Builder {
    private final List<NodeImage> nodes;
    private Optional<String> promoted = Optional.empty();
    private Optional<FinalRead> finalRead = Optional.empty();
    private boolean finalReadExpected;
    private boolean isRestored;
    private OptionalLong until = OptionalLong.empty();
    private List<Crash> crashes = List.of();
    private long asyncWindowNanos = DEFAULT_ASYNC_WINDOW_NANOS;
    private MarkerColumn markerColumn = MarkerColumn.ANY;
    private boolean arePlain;
    private LsnMeaning lsnMeaning = LsnMeaning.EXACT;
    private CommitLevel defaultLevel = CommitLevel.ON;
    private Optional<StandbyRule> defaultStandbys = Optional.empty();
    private Set<String> spoiled = Set.of();
    private Set<String> aside = Set.of();
    private boolean isOneInstant;
    private int threads = 1;
    private int pieceBytes = WalScan.LARGE;

    private Builder(List<NodeImage> nodes) {
      this.nodes = nodes;
    }

    /**
     * The node promoted by a failover, whose timeline counts. Default: the highest timeline of any
     * node, for transactions of an earlier one.
     */
    public Builder promoted(String node) {
      promoted = Optional.of(node);
      return this;
    }

    /**
     * A later timeline belongs to a server restored from a backup, not to a failover. Default:
     * decided from the files.
     */
    public Builder restored(boolean isSo) {
      isRestored = isSo;
      return this;
    }

    /** The rows visible at the end. Default: rows are judged by the WAL alone. */
    public Builder finalRead(FinalRead read) {
      finalRead = Optional.of(read);
      return expectFinalRead();
    }

    /** Makes the verdict unknown if no final read is given. */
    public Builder expectFinalRead() {
      finalReadExpected = true;
      return this;
    }

    /**
     * The images were taken at this event. Only completions before this index are owed, and later
     * invocations cannot be in the images. Default: the whole history counts.
     */
    public Builder until(long index) {
      until = OptionalLong.of(index);
      return this;
    }

    /**
     * When the primary lost its memory, and how old an asynchronous commit may be to be lost then
     * (three times {@code wal_writer_delay}). Default: the window is checked by WAL positions only.
     */
    public Builder crashes(List<Crash> when, long windowNanos) {
      crashes = when.stream().sorted(Comparator.comparingLong(Crash::index)).toList();
      asyncWindowNanos = windowNanos;
      return this;
    }

    /**
     * The images are of one instant and hold what was flushed then, so that no standby may have
     * more than the primary: only flushed WAL is sent. Default: they may be of different moments.
     */
    public Builder oneInstant() {
      isOneInstant = true;
      return this;
    }

    /** The column of markers in rows. Default: any column. */
    public Builder markerColumn(MarkerColumn column) {
      markerColumn = column;
      return this;
    }

    /**
     * Each transaction wrote its markers into rows of its own, as they are in the history. Default:
     * a table in which no marker is seen may have some that cannot be read.
     */
    public Builder plainMarkers() {
      arePlain = true;
      return this;
    }

    /** The meaning of the history's LSNs. Default: exact. */
    public Builder lsnMeaning(LsnMeaning meaning) {
      lsnMeaning = meaning;
      return this;
    }

    /** The level of transactions for which the history has none. Default: on. */
    public Builder defaultLevel(CommitLevel level) {
      defaultLevel = level;
      return this;
    }

    /**
     * The standbys of transactions for which the history has none. Default: any one, if there are
     * images of standbys.
     */
    public Builder defaultStandbys(StandbyRule standbys) {
      defaultStandbys = Optional.of(standbys);
      return this;
    }

    /**
     * Standbys without an image whose files were spoiled on purpose: they count as if they held
     * what they acknowledged. Default: none.
     */
    public Builder spoiled(Set<String> standbys) {
      spoiled = Set.copyOf(standbys);
      return this;
    }

    /** Nodes without an image that hold nothing that is owed. Default: none. */
    public Builder aside(Set<String> nodesAside) {
      aside = Set.copyOf(nodesAside);
      return this;
    }

    /**
     * How many threads read a node's WAL; the images must support concurrent reads. Default: the
     * caller's thread.
     */
    public Builder threads(int count) {
      threads = count;
      return this;
    }

    /** How much WAL is read at once, a power of two. Default: {@link WalScan#LARGE}. */
    Builder pieces(int bytes) {
      pieceBytes = bytes;
      return this;
    }

    /**
     * @throws IllegalArgumentException if a node has two images, or the promoted one has none
     */
    public AuditInput build() {
      return new AuditInput(this);
    }
  }

  public List<NodeImage> nodes() {
    return nodes;
  }

  Optional<String> promoted() {
    return settings.promoted;
  }

  Optional<FinalRead> finalRead() {
    return settings.finalRead;
  }

  boolean isRestored() {
    return settings.isRestored;
  }

  boolean finalReadExpected() {
    return settings.finalReadExpected;
  }

  OptionalLong until() {
    return settings.until;
  }

  List<Crash> crashes() {
    return settings.crashes;
  }

  long asyncWindowNanos() {
    return settings.asyncWindowNanos;
  }

  boolean arePlain() {
    return settings.arePlain;
  }

  boolean isOneInstant() {
    return settings.isOneInstant;
  }

  MarkerColumn markerColumn() {
    return settings.markerColumn;
  }

  LsnMeaning lsnMeaning() {
    return settings.lsnMeaning;
  }

  CommitLevel defaultLevel() {
    return settings.defaultLevel;
  }

  Optional<StandbyRule> defaultStandbys() {
    return settings.defaultStandbys;
  }

  Set<String> spoiled() {
    return settings.spoiled;
  }

  /** The standbys that are known to have no image. */
  Set<String> withoutImage() {
    Set<String> all = new HashSet<>(settings.spoiled);
    all.addAll(settings.aside);
    return all;
  }

  int threads() {
    return settings.threads;
  }

  int pieceBytes() {
    return settings.pieceBytes;
  }

  boolean hasStandbys() {
    return nodes.stream().anyMatch(node -> node.role() == NodeImage.Role.STANDBY);
  }
}
