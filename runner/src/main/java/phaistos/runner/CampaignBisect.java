package phaistos.runner;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import phaistos.cluster.machine.MachineFiles;
import phaistos.runner.options.ExitCode;
import phaistos.runner.options.UsageException;

/**
 * Finds the first revision of the project with which a seed fails. Each revision that is tried is
 * checked out in a work tree of its own below the temporary folder, built and run by its own
 * launcher. A revision that does not build, or gives no verdict, is passed over, as git bisect does
 * with exit code 125. Not thread-safe.
 */
final class CampaignBisect {
  private final Path home;
  private final List<String> run;
  private final Consumer<String> tell;
  private final Map<String, Outcome> tried = new HashMap<>();
  private Path tree;

  private enum Outcome {
    GOOD,
    BAD,
    SKIPPED
  }

  /**
   * @param home a work tree of the project's repository
   * @param options of {@code run}, seed included
   */
  CampaignBisect(Path home, List<String> options, Consumer<String> tell) {
    this.home = home;
    this.run = options;
    this.tell = tell;
  }

  /**
   * @param range "GOOD..BAD", two revisions as git names them; the first is an ancestor
   * @return 0 if the first bad revision is found, 2 if not
   * @throws UsageException if there are no such revisions, or they are not good and bad
   */
  int search(String range) {
    int dots = range.indexOf("..");
    if (dots < 1 || dots + 2 >= range.length() || range.contains("...")) {
      throw new UsageException("--bisect: '" + range + "' (expected GOOD..BAD)");
    }
    String good = revision(range.substring(0, dots));
    String bad = revision(range.substring(dots + 2));
    List<String> between =
        git("rev-list", "--reverse", "--first-parent", good + ".." + bad)
            .orElseThrow()
            .lines()
            .toList();
    if (between.isEmpty() || git("merge-base", "--is-ancestor", good, bad).isEmpty()) {
      throw new UsageException("--bisect: " + range + ": the first is no ancestor of the second");
    }
    Path folder = temporary();
    tree = folder.resolve("tree");
    try {
      require(git("worktree", "add", "--detach", tree.toString(), bad), "git worktree add");
      require(good, Outcome.GOOD, range);
      require(bad, Outcome.BAD, range);
      return search(between);
    } finally {
      git("worktree", "remove", "--force", tree.toString());
      delete(folder);
    }
  }

  private int search(List<String> between) {
    int good = -1;
    int bad = between.size() - 1;
    while (true) {
      Optional<Integer> next = next(between, good, bad);
      if (next.isEmpty()) {
        break;
      }
      switch (outcome(between.get(next.get()))) {
        case GOOD -> good = next.get();
        case BAD -> bad = next.get();
        case SKIPPED -> {}
      }
    }
    if (bad - good == 1) {
      tell.accept("first bad revision: " + describe(between.get(bad)));
      return ExitCode.VALID;
    }
    tell.accept("the first bad revision is one of these; the others gave no answer:");
    between.subList(good + 1, bad + 1).forEach(each -> tell.accept("  " + describe(each)));
    return ExitCode.UNKNOWN;
  }

  /** The revision nearest to the middle that was not tried; empty if there is none between. */
  private Optional<Integer> next(List<String> between, int good, int bad) {
    int middle = (good + bad) / 2;
    Optional<Integer> next = Optional.empty();
    for (int i = good + 1; i < bad; i++) {
      boolean isNearer = next.isEmpty() || Math.abs(i - middle) < Math.abs(next.get() - middle);
      if (!tried.containsKey(between.get(i)) && isNearer) {
        next = Optional.of(i);
      }
    }
    return next;
  }

  private void require(String revision, Outcome wanted, String range) {
    Outcome outcome = outcome(revision);
    if (outcome != wanted) {
      throw new UsageException(
          "--bisect: %s: %s is not %s"
              .formatted(range, describe(revision), wanted == Outcome.GOOD ? "good" : "bad"));
    }
  }

  private Outcome outcome(String revision) {
    return tried.computeIfAbsent(revision, this::attempt);
  }

  private Outcome attempt(String revision) {
    require(
        Optional.of("").filter(_ -> inTree("git", "checkout", "-q", "--detach", revision) == 0),
        "git checkout");
    String launcher = tree.resolve("phaistos").toString();
    int built = inTree(launcher, "--version");
    List<String> command = new ArrayList<>(List.of(launcher, "run"));
    command.addAll(run);
    command.addAll(List.of("--store", tree.resolveSibling("store").toString()));
    int code = built == 0 ? inTree(command.toArray(String[]::new)) : -1;
    Outcome outcome =
        switch (code) {
          case ExitCode.VALID -> Outcome.GOOD;
          case ExitCode.INVALID -> Outcome.BAD;
          default -> Outcome.SKIPPED;
        };
    String why =
        built != 0
            ? "passed over: it does not build"
            : outcome == Outcome.SKIPPED
                ? "passed over: exit code " + code
                : outcome == Outcome.GOOD ? "good" : "bad";
    tell.accept(describe(revision) + ": " + why);
    return outcome;
  }

  private String describe(String revision) {
    return git("log", "-1", "--format=%h %s", revision).orElse(revision).strip();
  }

  private String revision(String name) {
    return git("rev-parse", "--verify", "--quiet", name + "^{commit}")
        .map(String::strip)
        .orElseThrow(() -> new UsageException("--bisect: no such revision: " + name));
  }

  private static void require(Optional<String> done, String what) {
    if (done.isEmpty()) {
      throw new IllegalStateException(what + " failed");
    }
  }

  /** What it prints; empty if it fails. */
  private Optional<String> git(String... arguments) {
    List<String> command = new ArrayList<>(List.of("git", "-C", home.toString()));
    command.addAll(List.of(arguments));
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return process.waitFor() == 0 ? Optional.of(text) : Optional.empty();
    } catch (IOException e) {
      throw new UsageException("--bisect: git cannot be run: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** The exit code; what it says goes to a log beside the tree. */
  private int inTree(String... command) {
    try {
      return new ProcessBuilder(command)
          .directory(tree.toFile())
          .redirectErrorStream(true)
          .redirectOutput(
              ProcessBuilder.Redirect.appendTo(tree.resolveSibling("bisect.log").toFile()))
          .start()
          .waitFor();
    } catch (IOException e) {
      return -1; // a revision without a launcher
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static Path temporary() {
    try {
      return Files.createTempDirectory("phaistos-bisect");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path root) {
    try {
      MachineFiles.delete(root);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
