package phaistos.formats.wal;

import phaistos.formats.Lsn;

/**
 * Why a stream of WAL records ended. PostgreSQL's recovery treats all but the first as the end of
 * WAL.
 */
public sealed interface WalEnd {
  /** Where valid WAL ends: the end of the last valid record, where the next one would begin. */
  Lsn lsn();

  /** The file and the offset in it at which the finding was made. */
  Spot spot();

  /** What was found, in one line, without the position. */
  String reason();

  /**
   * Whether a stopped, killed or running server leaves such an end; otherwise something is damaged.
   */
  boolean isNormal();

  /**
   * A page after the end that is valid at its position, which suggests that pages between were
   * lost; or invalid.
   */
  default Lsn goesOnAt() {
    return switch (this) {
      case EndOfData end -> end.goesOn;
      case StaleSegment end -> end.goesOn;
      case TornPage end -> end.goesOn;
      case Requested _, MissingSegment _, BadCrc _, BadPreviousLink _, BadPage _, BadRecord _ ->
          Lsn.INVALID;
    };
  }

  /** A place in a file, for messages; empty path if there is no file. */
  record Spot(String path, long offset) {
    @Override
    public String toString() {
      return path.isEmpty() ? "no file" : path + ", offset " + offset;
    }
  }

  /** The whole sentence: what, where. */
  default String describe() {
    return "%s at %s (%s)".formatted(reason(), lsn(), spot());
  }

  /** The end that the reader was asked for. */
  record Requested(Lsn lsn, Spot spot) implements WalEnd {
    @Override
    public String reason() {
      return "requested end reached";
    }

    @Override
    public boolean isNormal() {
      return true;
    }
  }

  /**
   * Zeros: nothing was written from here on.
   *
   * @param goesOn the first page after the end that is valid at its position, which means that WAL
   *     between was lost; or invalid
   */
  record EndOfData(Lsn lsn, Spot spot, Lsn goesOn) implements WalEnd {
    @Override
    public String reason() {
      return goesOn.isValid()
          ? "no record, although the page at %s is valid: pages between are lost".formatted(goesOn)
          : "end of data";
    }

    @Override
    public boolean isNormal() {
      return !goesOn.isValid();
    }
  }

  /**
   * Old content of a recycled file that is not overwritten yet.
   *
   * @param oldAddress the address in the page header, or the old record's xl_prev
   * @param goesOn as in {@link EndOfData}
   */
  record StaleSegment(Lsn lsn, Spot spot, Lsn oldAddress, Lsn goesOn) implements WalEnd {
    @Override
    public String reason() {
      String stale =
          "stale content of a recycled segment (its address is %s)".formatted(oldAddress);
      return goesOn.isValid()
          ? stale + ", although the page at %s is valid: pages between are lost".formatted(goesOn)
          : stale;
    }

    @Override
    public boolean isNormal() {
      return !goesOn.isValid();
    }
  }

  /**
   * The next file is missing.
   *
   * @param inRecord a record has begun before it
   * @param later a later file of the same timeline exists
   */
  record MissingSegment(Lsn lsn, Spot spot, String name, boolean inRecord, boolean later)
      implements WalEnd {
    @Override
    public String reason() {
      return "segment %s is missing%s%s"
          .formatted(
              name,
              inRecord ? ", a record continues there" : "",
              later ? ", although a later one is there" : "");
    }

    @Override
    public boolean isNormal() {
      return !later;
    }
  }

  /**
   * A record began, but a later page does not have its continuation.
   *
   * @param isUnfinished nothing was written there, as after a kill
   * @param goesOn as in {@link EndOfData}
   */
  record TornPage(Lsn lsn, Spot spot, String reason, boolean isUnfinished, Lsn goesOn)
      implements WalEnd {
    /** What was written there is something else. */
    TornPage(Lsn lsn, Spot spot, String reason) {
      this(lsn, spot, reason, false, Lsn.INVALID);
    }

    @Override
    public boolean isNormal() {
      return isUnfinished && !goesOn.isValid();
    }
  }

  /** A record is complete, but its CRC is wrong. */
  record BadCrc(Lsn lsn, Spot spot, int stored, int computed) implements WalEnd {
    @Override
    public String reason() {
      return "record has CRC %08X, computed %08X".formatted(stored, computed);
    }

    @Override
    public boolean isNormal() {
      return false;
    }
  }

  record BadPreviousLink(Lsn lsn, Spot spot, Lsn found, Lsn expected) implements WalEnd {
    @Override
    public String reason() {
      return "record says that the one before begins at %s, not %s".formatted(found, expected);
    }

    @Override
    public boolean isNormal() {
      return false;
    }
  }

  /** A page header that is neither empty nor stale nor right. */
  record BadPage(Lsn lsn, Spot spot, String reason) implements WalEnd {
    @Override
    public boolean isNormal() {
      return false;
    }
  }

  /** An impossible record header, or a record with a valid CRC whose parts do not fit together. */
  record BadRecord(Lsn lsn, Spot spot, String reason) implements WalEnd {
    @Override
    public boolean isNormal() {
      return false;
    }
  }
}
