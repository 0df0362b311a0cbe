package phaistos.checker.durability;

/**
 * The place of each claim's commit record on one node, in arrays: 29 bytes a claim. Stronger
 * evidence replaces weaker.
 */
final class CommitPlaces {
  private static final Presence[] PRESENCES = Presence.values();

  private final byte[] presence;
  private final long[] lsn;
  private final long[] end;
  private final int[] timeline;
  private final int[] crc;
  private final int[] rows;

  /** A commit or abort record in its place. */
  record Place(int timeline, long lsn, long end, int crc) {}

  CommitPlaces(int claims) {
    presence = new byte[claims];
    lsn = new long[claims];
    end = new long[claims];
    timeline = new int[claims];
    crc = new int[claims];
    rows = new int[claims];
  }

  void put(int claim, Presence found, Place place, int markers) {
    if (found.ordinal() <= presence[claim]) {
      return;
    }
    presence[claim] = (byte) found.ordinal();
    lsn[claim] = place.lsn;
    end[claim] = place.end;
    timeline[claim] = place.timeline;
    crc[claim] = place.crc;
    rows[claim] = markers;
  }

  /** The record taken for the claim's commit may belong to another transaction. */
  void doubt(int claim) {
    presence[claim] = (byte) Presence.UNPROVEN.ordinal();
  }

  Presence presence(int claim) {
    return PRESENCES[presence[claim]];
  }

  long lsn(int claim) {
    return lsn[claim];
  }

  long end(int claim) {
    return end[claim];
  }

  int timeline(int claim) {
    return timeline[claim];
  }

  int crc(int claim) {
    return crc[claim];
  }

  int rows(int claim) {
    return rows[claim];
  }
}
