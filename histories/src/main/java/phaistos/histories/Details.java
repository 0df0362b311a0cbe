package phaistos.histories;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * The details of an event beyond Jepsen's five keys, if known.
 *
 * @param node the node that answered
 * @param timeline the timeline that the node was on
 * @param xid the transaction's 64-bit id
 * @param lsn the position of its commit record's end, as a 64-bit unsigned number; in the file
 *     "0/16B3748"
 * @param marker the unique value in the transaction's row
 * @param synchronousCommit the level in force for it
 * @param standbyNames synchronous_standby_names in force for it
 * @param unreplicated an ok whose wait for the standbys was cut short
 * @param error Jepsen's {@code :error}
 * @param unknown every other key, kept and written back
 */
public record Details(
    Optional<String> node,
    OptionalInt timeline,
    OptionalLong xid,
    OptionalLong lsn,
    Optional<Edn> marker,
    Optional<String> synchronousCommit,
    Optional<String> standbyNames,
    boolean unreplicated,
    Optional<Edn> error,
    Edn.Table unknown) {
  public static final Details NONE = new Builder().build();

  public static Builder builder() {
    return new Builder();
  }

  public Builder toBuilder() {
    Builder builder = new Builder();
    builder.node = node;
    builder.timeline = timeline;
    builder.xid = xid;
    builder.lsn = lsn;
    builder.marker = marker;
    builder.synchronousCommit = synchronousCommit;
    builder.standbyNames = standbyNames;
    builder.unreplicated = unreplicated;
    builder.error = error;
    builder.unknown = unknown;
    return builder;
  }

  /** Not thread-safe. */
  public static final class Builder {
    private Optional<String> node = Optional.empty();
    private OptionalInt timeline = OptionalInt.empty();
    private OptionalLong xid = OptionalLong.empty();
    private OptionalLong lsn = OptionalLong.empty();
    private Optional<Edn> marker = Optional.empty();
    private Optional<String> synchronousCommit = Optional.empty();
    private Optional<String> standbyNames = Optional.empty();
    private boolean unreplicated;
    private Optional<Edn> error = Optional.empty();
    private Edn.Table unknown = Edn.Table.EMPTY;

    private Builder() {}

    public Builder node(String value) {
      node = Optional.of(value);
      return this;
    }

    public Builder timeline(int value) {
      timeline = OptionalInt.of(value);
      return this;
    }

    public Builder xid(long value) {
      xid = OptionalLong.of(value);
      return this;
    }

    public Builder lsn(long value) {
      lsn = OptionalLong.of(value);
      return this;
    }

    public Builder marker(Edn value) {
      marker = Optional.of(value);
      return this;
    }

    public Builder synchronousCommit(String value) {
      synchronousCommit = Optional.of(value);
      return this;
    }

    public Builder standbyNames(String value) {
      standbyNames = Optional.of(value);
      return this;
    }

    public Builder unreplicated(boolean value) {
      unreplicated = value;
      return this;
    }

    public Builder error(Edn value) {
      error = Optional.of(value);
      return this;
    }

    public Builder unknown(Edn.Table value) {
      unknown = value;
      return this;
    }

    public Details build() {
      return new Details(
          node,
          timeline,
          xid,
          lsn,
          marker,
          synchronousCommit,
          standbyNames,
          unreplicated,
          error,
          unknown);
    }
  }
}
