package phaistos.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import phaistos.runner.options.UsageException;

/** The search for the first bad revision, in a repository whose launcher has a made-up verdict. */
class CampaignBisectTest {
  @TempDir Path folder;
  private Path repository;
  private final List<String> said = new ArrayList<>();

  @BeforeEach
  void make() throws Exception {
    repository = Files.createDirectory(folder.resolve("repository"));
    boolean hasGit;
    try {
      hasGit = git("init", "-q") == 0;
    } catch (IOException e) {
      hasGit = false;
    }
    assumeTrue(hasGit, "git is not there");
    git("config", "user.name", "somebody");
    git("config", "user.email", "somebody@example.org");
    Path launcher = repository.resolve("phaistos");
    Files.writeString(
        launcher,
        """
        #!/bin/sh
        case $1 in
          --version) exit $(cat built) ;;
          run) [ "$2 $3" = "--seed 7" ] || exit 254; exit $(cat verdict) ;;
        esac
        """);
    assertTrue(launcher.toFile().setExecutable(true));
  }

  private int git(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("git", "-C", repository.toString()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("git.log").toFile())
        .start()
        .waitFor();
  }

  /** Revisions r1, r2, ... with these exit codes of run; b: it does not build. */
  private void revisions(String codes) throws Exception {
    for (int i = 1; i <= codes.length(); i++) {
      char code = codes.charAt(i - 1);
      Files.writeString(repository.resolve("built"), code == 'b' ? "1" : "0");
      Files.writeString(repository.resolve("verdict"), code == 'b' ? "0" : "" + code);
      Files.writeString(repository.resolve("number"), "" + i);
      git("add", "-A");
      git("commit", "-q", "-m", "r" + i);
      git("tag", "r" + i);
    }
  }

  private int search(String range) {
    return new CampaignBisect(repository, List.of("--seed", "7"), said::add).search(range);
  }

  @Test
  void findsTheFirstBadRevision() throws Exception {
    revisions("000001111");
    assertEquals(0, search("r1..r9"));
    assertTrue(said.getLast().matches("first bad revision: \\w+ r6"), said.toString());
    assertTrue(said.size() <= 7, "more than a binary search: " + said);
    assertFalse(Files.readString(repository.resolve(".git/config")).isEmpty());
    git("worktree", "list");
    assertEquals(1, Files.readAllLines(folder.resolve("git.log")).size(), "a work tree is left");
  }

  @Test
  void passesOverWhatGivesNoAnswer() throws Exception {
    revisions("00b2b0111");
    assertEquals(0, search("r1..r9"));
    assertTrue(said.getLast().matches("first bad revision: \\w+ r7"), said.toString());
  }

  @Test
  void saysWhichItMayBe() throws Exception {
    revisions("00b211");
    assertEquals(2, search("r1..r6"));
    String text = String.join("\n", said);
    assertTrue(text.contains("passed over: it does not build"), text);
    assertTrue(text.contains("passed over: exit code 2"), text);
    List<String> last = said.subList(said.size() - 4, said.size());
    assertTrue(last.getFirst().startsWith("the first bad revision is one of these"), text);
    assertEquals(
        List.of("r3", "r4", "r5"),
        last.subList(1, 4).stream().map(line -> line.replaceFirst("^ *\\w+ ", "")).toList());
  }

  @Test
  void theEndsMustBeGoodAndBad() throws Exception {
    revisions("0011");
    for (var wrong :
        List.of(
            List.of("r1", "expected GOOD..BAD"),
            List.of("r1..nowhere", "no such revision: nowhere"),
            List.of("r4..r1", "no ancestor"),
            List.of("r3..r4", "r3 is not good"),
            List.of("r1..r2", "r2 is not bad"))) {
      UsageException e = assertThrows(UsageException.class, () -> search(wrong.get(0)));
      assertTrue(e.getMessage().contains(wrong.get(1)), e.getMessage());
    }
  }
}
