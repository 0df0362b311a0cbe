package phaistos.simulator;

/** What a power cut does to writes and directory changes that were not synced. */
public enum UnsyncedWrites {
  /** None of them reaches the disk. */
  LOSE_ALL,
  /** Each page of 4 kB is on the disk as it was at some moment since the last sync. */
  LOSE_SOME,
  /** The same for each sector of 512 bytes: a page may be half new and half old. */
  TEAR,
  /** All of them reached the disk just in time. */
  KEEP_ALL
}
