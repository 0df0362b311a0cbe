package phaistos.checker.durability;

/**
 * What a client was promised when its commit was acknowledged.
 *
 * @param level {@code synchronous_commit} in force for it
 * @param standbys {@code synchronous_standby_names} in force for it
 * @param unreplicated its wait for the standbys was cancelled: it is committed only locally
 * @param assumed the history does not state all of this; PostgreSQL's defaults fill the gaps
 */
public record Promise(
    CommitLevel level, StandbyRule standbys, boolean unreplicated, boolean assumed) {
  /** How many standbys must hold it. */
  int standbysOwed() {
    return unreplicated || !level.waitsForStandbys() ? 0 : standbys.count();
  }

  /** Whether the primary answered only after its own flush. */
  boolean flushedLocally() {
    return level != CommitLevel.OFF;
  }

  @Override
  public String toString() {
    String names = level.waitsForStandbys() && standbys.count() > 0 ? ", " + standbys : "";
    return level.word() + names + (unreplicated ? ", wait cut short" : "");
  }
}
