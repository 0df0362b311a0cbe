package phaistos.server.xact;

/** The setting synchronous_commit, from the weakest promise to the strongest. */
public enum CommitLevel {
  OFF("off"),
  LOCAL("local"),
  REMOTE_WRITE("remote_write"),
  ON("on"),
  REMOTE_APPLY("remote_apply");

  private final String label;

  CommitLevel(String label) {
    this.label = label;
  }

  /** From the setting's canonical value. */
  public static CommitLevel of(String value) {
    for (CommitLevel level : values()) {
      if (level.label.equals(value)) {
        return level;
      }
    }
    throw new IllegalArgumentException("no level of synchronous_commit: " + value);
  }

  public boolean waitsForStandby() {
    return compareTo(LOCAL) > 0;
  }
}
