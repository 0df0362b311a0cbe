package phaistos.cluster.postgres;

import java.nio.file.Path;
import java.util.Optional;
import phaistos.cluster.ClusterException;

/**
 * Real PostgreSQL in the slot.
 *
 * @param programs the folder with its programs; empty to look for them
 */
public record PostgresChoice(PostgresVersion version, Optional<Path> programs) {
  /** Finds its programs on this machine, or fetches them. */
  public PostgresPrograms find() {
    return programs
        .map(folder -> PostgresPrograms.in(folder, version))
        .orElseGet(() -> PostgresPrograms.find(version));
  }

  /** Why its programs cannot be had, in one line; empty if they can. Fetches them if need be. */
  public Optional<String> missing() {
    try {
      find();
      return Optional.empty();
    } catch (ClusterException e) {
      return Optional.of(e.getMessage());
    }
  }

  /** "postgres:15.12", as on the command line. */
  @Override
  public String toString() {
    return "postgres:" + version;
  }
}
