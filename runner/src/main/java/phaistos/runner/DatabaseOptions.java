package phaistos.runner;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import phaistos.cluster.postgres.PostgresChoice;
import phaistos.cluster.postgres.PostgresVersion;
import phaistos.harness.Deployment;
import phaistos.runner.options.GivenPath;
import phaistos.runner.options.Suggestions;
import phaistos.runner.options.UsageException;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options for the database of a run and where its nodes run. */
final class DatabaseOptions {
  private static final String OURS = "phaistos";
  private static final String POSTGRES = "postgres:";
  private static final List<String> CLUSTERS = List.of("simulated", "containers", "processes");

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--cluster",
      paramLabel = "KIND",
      description = "simulated, containers or processes")
  private String cluster = "simulated";

  @Option(
      names = "--db",
      paramLabel = "DATABASE",
      description =
          "phaistos, or real PostgreSQL in containers or processes: postgres:15 (12 to 18), or"
              + " exactly postgres:15.12")
  private String database = OURS;

  @Option(
      names = "--postgres-bin",
      paramLabel = "DIR",
      description = "the folder with PostgreSQL's programs; looked for if not given")
  private Path programs;

  @Option(
      names = "--setting",
      paramLabel = "NAME=VALUE",
      description = "a setting of all nodes, by PostgreSQL's name; may be repeated",
      showDefaultValue = CommandLine.Help.Visibility.NEVER)
  private Map<String, String> settings = new TreeMap<>();

  Map<String, String> settings() {
    return settings;
  }

  boolean isPostgres() {
    return !database.equals(OURS);
  }

  /**
   * The deployment, with all that it needs on this machine.
   *
   * @throws UsageException naming what is missing
   */
  Deployment presentDeployment() {
    Deployment deployment = deployment();
    deployment
        .missing()
        .ifPresent(
            missing -> {
              throw new UsageException(missing);
            });
    return deployment;
  }

  Deployment deployment() {
    if (!CLUSTERS.contains(cluster)) {
      throw wrong(
          "--cluster: '%s' (expected one of %s)%s"
              .formatted(
                  cluster, String.join(", ", CLUSTERS), Suggestions.text(cluster, CLUSTERS)));
    }
    if (database.equals(OURS)) {
      if (programs != null) {
        throw wrong("--postgres-bin: it needs --db " + POSTGRES + "VERSION");
      }
      return Deployment.named(cluster)
          .orElseThrow(
              () -> wrong("--cluster: %s needs --db %sVERSION".formatted(cluster, POSTGRES)));
    }
    PostgresChoice postgres = postgres();
    return switch (cluster) {
      case "processes" -> Deployment.processes(postgres);
      case "containers" -> {
        if (programs != null) {
          throw wrong("--postgres-bin: containers bring programs of their own");
        }
        yield Deployment.containers(postgres);
      }
      default ->
          throw wrong("--cluster: %s needs --db %s, not %s".formatted(cluster, OURS, database));
    };
  }

  private PostgresChoice postgres() {
    if (!database.startsWith(POSTGRES)) {
      throw wrong(
          "--db: '%s' (expected %s, or %sVERSION such as postgres:15)"
              .formatted(database, OURS, POSTGRES));
    }
    try {
      return new PostgresChoice(
          PostgresVersion.parse(database.substring(POSTGRES.length())),
          Optional.ofNullable(programs).map(GivenPath::directory));
    } catch (IllegalArgumentException e) {
      throw wrong("--db: " + e.getMessage());
    }
  }

  /** The options that ask for the same database again. */
  List<String> words() {
    List<String> words = new ArrayList<>(List.of("--cluster", cluster));
    if (!database.equals(OURS)) {
      words.addAll(List.of("--db", database));
    }
    if (programs != null) {
      words.addAll(List.of("--postgres-bin", quoted(programs.toString())));
    }
    settings.forEach(
        (name, value) -> words.addAll(List.of("--setting", quoted(name + "=" + value))));
    return words;
  }

  private static String quoted(String word) {
    return word.matches("[\\w./+=,:@%-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }

  private ParameterException wrong(String text) {
    return new ParameterException(spec.commandLine(), "Invalid value for option " + text);
  }
}
