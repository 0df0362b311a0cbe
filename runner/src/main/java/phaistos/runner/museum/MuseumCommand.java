package phaistos.runner.museum;

import java.io.PrintWriter;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import phaistos.cluster.ClusterException;
import phaistos.cluster.postgres.PostgresVersion;
import phaistos.runner.options.Suggestions;
import phaistos.runner.options.UsageException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ./phaistos museum}: finds known bugs of PostgreSQL where they are, and only there. */
@Command(
    name = "museum",
    description = {
      "Finds known bugs of real PostgreSQL again: each in versions that have it, and not in the"
          + " first ones without it. Exit code 0: all as expected; 1: a bug where none is expected;"
          + " 2: a bug that did not show."
    },
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class MuseumCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "EXHIBIT", arity = "0..*", description = "all of them if none is named")
  private List<String> names = new ArrayList<>();

  @Option(names = "--list", description = "the exhibits, each with its versions")
  private boolean list;

  @Option(
      names = "--db",
      paramLabel = "DATABASE",
      description = "only this version, whatever is expected of it: postgres:15.12")
  private String database;

  @Option(names = "--tries", paramLabel = "N", description = "on each version")
  private Integer tries;

  @Option(names = "--seed", paramLabel = "N", description = "of the control party")
  private long seed = 1;

  @Option(
      names = "--cluster",
      paramLabel = "KIND",
      description = "where the nodes run: processes or containers")
  private Place.Kind kind = Place.Kind.PROCESSES;

  private boolean foundUnexpected;
  private boolean missed;

  @Override
  public Integer call() throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    List<Exhibit> chosen = chosen();
    if (list) {
      chosen.forEach(exhibit -> describe(exhibit, out));
      out.flush();
      return 0;
    }
    if (tries != null && tries < 1) {
      throw new ParameterException(
          spec.commandLine(),
          "Invalid value for option --tries: " + tries + " (expected 1 or more)");
    }
    for (Exhibit exhibit : chosen) {
      show(exhibit, out);
    }
    return foundUnexpected ? 1 : missed ? 2 : 0;
  }

  private List<Exhibit> chosen() {
    List<Exhibit> all = Exhibit.all();
    List<String> known = all.stream().map(Exhibit::name).toList();
    for (String name : names) {
      if (!known.contains(name)) {
        throw new ParameterException(
            spec.commandLine(),
            "no exhibit '%s' (there are %s)%s"
                .formatted(name, String.join(", ", known), Suggestions.text(name, known)));
      }
    }
    return all.stream().filter(each -> names.isEmpty() || names.contains(each.name())).toList();
  }

  private static void describe(Exhibit exhibit, PrintWriter out) {
    out.println(exhibit.name());
    out.println("  shows:   " + exhibit.sentence());
    out.println("  source:  " + exhibit.source());
    out.println("  present: " + String.join(", ", exhibit.present()));
    out.println(
        "  absent:  "
            + (exhibit.absent().isEmpty()
                ? "in no version yet"
                : String.join(", ", exhibit.absent())));
  }

  private void show(Exhibit exhibit, PrintWriter out) throws Exception {
    out.println(exhibit.name() + ": " + exhibit.sentence());
    out.flush();
    if (database != null) {
      visit(exhibit, version(), Optional.empty(), out);
      return;
    }
    for (String version : exhibit.present()) {
      visit(exhibit, PostgresVersion.parse(version), Optional.of(true), out);
    }
    for (String version : exhibit.absent()) {
      visit(exhibit, PostgresVersion.parse(version), Optional.of(false), out);
    }
  }

  private PostgresVersion version() {
    String prefix = "postgres:";
    try {
      if (!database.startsWith(prefix)) {
        throw new IllegalArgumentException("'" + database + "' (expected postgres:VERSION)");
      }
      return PostgresVersion.parse(database.substring(prefix.length()));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(
          spec.commandLine(), "Invalid value for option --db: " + e.getMessage());
    }
  }

  /** Tries it so often; answers why it could not go on. */
  private Optional<String> play(Exhibit exhibit, Place place, int count, List<Exhibit.Try> seen)
      throws Exception {
    try {
      exhibit.play().run(place, count, seed, seen::add);
      return Optional.empty();
    } catch (ClusterException | SQLException | IllegalStateException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /** Tries a bug on a version, and prints the verdict with the first find. */
  private void visit(
      Exhibit exhibit, PostgresVersion version, Optional<Boolean> expected, PrintWriter out)
      throws Exception {
    Place place;
    try {
      place = kind.of(version);
    } catch (ClusterException e) {
      throw new UsageException(e.getMessage(), e);
    }
    int count = tries == null ? exhibit.tries() : tries;
    List<Exhibit.Try> seen = new ArrayList<>();
    Optional<String> problem = play(exhibit, place, count, seen);
    if (problem.isPresent()) {
      missed = true;
      out.printf(
          "  PostgreSQL %s: not measured after %d tries: %s%n",
          place.words(), seen.size(), problem.get());
      out.flush();
    }
    if (seen.isEmpty()) {
      return;
    }
    List<Exhibit.Try> found = seen.stream().filter(Exhibit.Try::found).toList();
    Exhibit.Try shown = found.isEmpty() ? seen.getFirst() : found.getFirst();
    out.printf(
        "  PostgreSQL %s: %s  found in %d of %d tries: %s%n",
        place.words(),
        found.isEmpty() ? "VALID" : "INVALID",
        found.size(),
        seen.size(),
        shown.evidence());
    shown.detail().forEach(line -> out.println("    " + line));
    out.flush();
    if (expected.isPresent() && expected.get() && found.isEmpty()) {
      missed = true;
      out.println("    not as expected: this version has the bug, and it did not show");
    }
    if (expected.isPresent() && !expected.get() && !found.isEmpty()) {
      foundUnexpected = true;
      out.println("    not as expected: this version is said to be without it");
    }
    out.flush();
  }
}
