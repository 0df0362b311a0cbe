package phaistos.nemesis;

import java.time.Duration;

/**
 * What one fault does to one node's disk and clock.
 *
 * @param roomBytes how many bytes more the disk takes; negative for no bound
 */
record Trouble(
    boolean syncsFail, boolean syncsLie, long roomBytes, long slowNanos, Duration offset) {
  static final Trouble NONE = new Trouble(false, false, -1, 0, Duration.ZERO);
  static final Trouble SYNCS_FAIL = new Trouble(true, false, -1, 0, Duration.ZERO);
  static final Trouble SYNCS_LIE = new Trouble(false, true, -1, 0, Duration.ZERO);

  static Trouble room(long bytes) {
    return new Trouble(false, false, bytes, 0, Duration.ZERO);
  }

  static Trouble slow(long nanos) {
    return new Trouble(false, false, -1, nanos, Duration.ZERO);
  }

  static Trouble clock(Duration offset) {
    return new Trouble(false, false, -1, 0, offset);
  }

  /** The combination of both. */
  Trouble and(Trouble other) {
    long room =
        roomBytes < 0 || (other.roomBytes >= 0 && other.roomBytes < roomBytes)
            ? other.roomBytes
            : roomBytes;
    return new Trouble(
        syncsFail || other.syncsFail,
        syncsLie || other.syncsLie,
        room,
        slowNanos + other.slowNanos,
        offset.plus(other.offset));
  }
}
