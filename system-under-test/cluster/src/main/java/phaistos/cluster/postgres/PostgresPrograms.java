package phaistos.cluster.postgres;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import phaistos.cluster.ClusterException;
import phaistos.cluster.machine.Command;

/**
 * PostgreSQL's programs on this machine.
 *
 * @param folder with initdb and postgres at least
 * @param version what postgres says it is
 * @param text all of that: "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"
 */
public record PostgresPrograms(Path folder, PostgresVersion version, String text) {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final List<String> NEEDED = List.of("initdb", "postgres");

  /** Where packages put a major version: Debian, Red Hat, Homebrew. */
  private static final List<String> USUAL =
      List.of(
          "/usr/lib/postgresql/%d/bin",
          "/usr/pgsql-%d/bin",
          "/opt/homebrew/opt/postgresql@%d/bin",
          "/usr/local/opt/postgresql@%d/bin");

  /** The exact version that Maven has of a major version that no package of this machine has. */
  private static final Map<Integer, String> LATEST =
      Map.of(
          12, "12.22", 13, "13.23", 14, "14.24", 15, "15.19", 16, "16.15", 17, "17.11", 18, "18.6");

  /**
   * Finds a version: among the packages of this machine, then among Maven's binaries, which are
   * fetched when they are needed for the first time.
   *
   * @throws ClusterException if there is none; says what was tried
   */
  public static PostgresPrograms find(PostgresVersion wanted) {
    List<String> tried = new ArrayList<>();
    for (String pattern : USUAL) {
      Path folder = Path.of(pattern.formatted(wanted.major()));
      if (lacking(folder).isEmpty()) {
        PostgresPrograms found = of(folder);
        if (wanted.isMetBy(found.version)) {
          return found;
        }
        tried.add(folder + " has " + found.version);
      }
    }
    try {
      return fromMaven(wanted);
    } catch (ClusterException e) {
      tried.add(e.getMessage());
      throw new ClusterException(
          "no programs of PostgreSQL %s: %s. Install it, or name its folder (--postgres-bin)"
              .formatted(wanted, String.join("; ", tried)),
          e);
    }
  }

  /**
   * Maven's binaries of a version, fetched when they are needed for the first time.
   *
   * @throws ClusterException if Maven does not have it, or does not answer
   */
  public static PostgresPrograms fromMaven(PostgresVersion wanted) {
    return of(
        MavenBinaries.fetch(
            wanted.minor().isPresent() ? wanted.toString() : LATEST.get(wanted.major())));
  }

  /**
   * The programs in a given folder.
   *
   * @throws ClusterException if they are not there or are of another version
   */
  public static PostgresPrograms in(Path folder, PostgresVersion wanted) {
    Optional<String> lacking = lacking(folder);
    if (lacking.isPresent()) {
      throw new ClusterException(folder + " has no program " + lacking.get());
    }
    PostgresPrograms found = of(folder.toAbsolutePath().normalize());
    if (!wanted.isMetBy(found.version)) {
      throw new ClusterException(
          "%s is of PostgreSQL %s, not %s".formatted(folder, found.version, wanted));
    }
    return found;
  }

  private static Optional<String> lacking(Path folder) {
    return NEEDED.stream().filter(name -> !isIn(folder, name)).findFirst();
  }

  private static boolean isIn(Path folder, String program) {
    return Files.isExecutable(folder.resolve(program));
  }

  private static PostgresPrograms of(Path folder) {
    String said =
        Command.mustRun(List.of(folder.resolve("postgres").toString(), "--version"), folder, LIMIT);
    try {
      return new PostgresPrograms(folder, PostgresVersion.said(said), said);
    } catch (IllegalArgumentException e) {
      throw new ClusterException(folder.resolve("postgres") + ": " + e.getMessage(), e);
    }
  }

  /** Maven's binaries have no pg_rewind and no pg_basebackup. */
  public boolean has(String program) {
    return isIn(folder, program);
  }

  /** The path of a program, for a command. */
  public String path(String program) {
    return folder.resolve(program).toString();
  }
}
