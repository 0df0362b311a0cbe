package phaistos.checker.durability;

/** What a copy of a data directory can prove. */
public enum ImageKind {
  /** Every unsynced write is dropped: all content was flushed. */
  SYNCED_ONLY("without unsynced writes: what is there was flushed"),
  /** Unsynced writes were lost, kept or torn, as by a power cut. */
  POWER_CUT("as a power cut left it"),
  /** Plain files, the operating system's cache included. */
  WRITTEN("plain files: written, flush not proven"),
  /** Plain files of a node that has recovered since. */
  RECOVERED("after the node's own recovery"),
  /** Plain files of a node that has recovered since it lost unsynced writes. */
  RECOVERED_FROM_POWER_CUT("after the node's own recovery from a power cut");

  private final String meaning;

  ImageKind(String meaning) {
    this.meaning = meaning;
  }

  /** One phrase, for reports. */
  public String meaning() {
    return meaning;
  }

  /** Whether unflushed writes may be missing from it. */
  boolean losesUnsynced() {
    return this == SYNCED_ONLY || this == POWER_CUT || this == RECOVERED_FROM_POWER_CUT;
  }
}
