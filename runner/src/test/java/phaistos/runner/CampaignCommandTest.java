package phaistos.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The command: its mix file, its arguments, and a real night as cron starts it. */
class CampaignCommandTest {
  @TempDir Path folder;

  private Path file(String name, String... lines) throws IOException {
    return Files.write(folder.resolve(name), List.of(lines));
  }

  private String refused(Object... arguments) {
    List<Object> words = new ArrayList<>(List.of("campaign"));
    words.addAll(List.of(arguments));
    words.addAll(List.of("--store", folder.resolve("store")));
    Captured end = Captured.main(words.stream().map(Object::toString).toArray(String[]::new));
    assertEquals(254, end.exit(), end.err() + end.out());
    assertEquals(1, end.err().lines().count(), end.err());
    assertFalse(Files.exists(folder.resolve("store")), "something was begun");
    return end.err();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '~',
      value = {
        "2 --workload bnak ; bnak",
        "2 --workload {bank|bnak} ; bnak",
        "2 --no-such-option ; no option of run: --no-such-option",
        "zero --workload bank ; expected a weight",
        "0 --workload bank ; expected a weight",
        "1 --seed 4 ; --seed, --store and --like are the campaign's own",
        "1 --defect {row-hidden|row-hiden} ; row-hiden",
        "1 --nodes 40 ; --nodes: 40",
        "1 --workload 'bank ; a quote that does not end",
        "1000000 --workload bank ; expected a weight"
      })
  void aWrongLineOfAMixIsNamed(String line, String why) throws IOException {
    Path mix = file("night.mix", "# comment", "1 --workload bank", "", line.strip());
    String error = refused("--seeds", 1, "--mix", mix);
    assertTrue(error.contains(mix + ", line 4: "), error);
    assertTrue(error.contains(why.strip()), error);
  }

  @Test
  void wrongArgumentsAreNamed() throws IOException {
    assertTrue(refused("--seeds", 0).contains("--seeds: 0"));
    assertTrue(refused("--seeds", 1, "--workers", 0).contains("--workers: 0"));
    assertTrue(refused("--seeds", 1, "--no-such").contains("no option of run: --no-such"));
    assertTrue(refused("--seeds", 1, "--mix", folder.resolve("no")).contains("no such file"));
    assertTrue(refused("--seeds", 1, "--mix", file("empty", "#")).contains("no test in it"));
    Path latin = Files.write(folder.resolve("latin"), new byte[] {'1', '\n', (byte) 0xe9, '\n'});
    assertTrue(refused("--seeds", 1, "--mix", latin).contains(latin + ", line 2: not UTF-8"));
    assertTrue(refused("--seeds", 1, "--known", latin).contains(latin + ", line 2: not UTF-8"));
    String[] many = Collections.nCopies(1_001, "999999 --nodes 3").toArray(String[]::new);
    assertTrue(
        refused("--seeds", 1, "--mix", file("many", many)).contains("more than 1,000,000,000"));
    assertTrue(refused("--seeds", 1, "--rate", "1\t0").contains("a control character"));
    assertTrue(
        refused("--seeds", 1, "--json", folder.resolve("no/x")).contains("cannot be written"));
    assertTrue(refused("--report").contains("there was no campaign"));
    assertTrue(refused("--bisect", "a..b", "x").contains("no seed: 'x'"));
    Path known = file("known", "# ids", "F0a1b2c3d  a comment", "lost");
    String error = refused("--seeds", 1, "--known", known);
    assertTrue(error.contains(known + ", line 3: no id of a finding: 'lost'"), error);
  }

  @Test
  void optionsMayStandInAFile() throws IOException {
    Path good = file("night.conf", "# a night", "--report   # nothing is run", "", "--workers 2");
    assertTrue(refused("--config", good).contains("there was no campaign"));
    assertTrue(refused("--config=" + good).contains("there was no campaign"));
    Path bad = file("bad.conf", "--report", "8h");
    assertTrue(refused("--config", bad).contains(bad + ", line 2: no option: '8h'"));
    assertTrue(
        refused("--config", file("nested", "--config " + good)).contains("a file in a file"));
    assertTrue(refused("--config", folder.resolve("none")).contains("no such file"));
    assertTrue(refused("--config", file("wrong", "--workers many")).contains("--workers"));
  }

  @Test
  void aSeedDrawsLineAndWords() throws IOException {
    Path mix = file("night.mix", "3 --workload {bank|set} --rate 10 # often", "1 --nodes 5");
    CampaignMix read = CampaignMix.read(mix, List.of("--time-limit", "5s"));
    Set<String> drawn = new HashSet<>();
    int often = 0;
    for (long seed = 1; seed <= 200; seed++) {
      assertEquals(read.apply(seed), read.apply(seed));
      drawn.add(read.apply(seed));
      often += read.apply(seed).startsWith("--workload") ? 1 : 0;
    }
    assertEquals(
        Set.of(
            "--workload bank --rate 10 --time-limit 5s",
            "--workload set --rate 10 --time-limit 5s",
            "--nodes 5 --time-limit 5s"),
        drawn);
    assertTrue(often > 120 && often < 180, "3 of 4: " + often + " of 200");
  }

  /**
   * As cron starts it: LANG=C, hardly any environment, no terminal, in the background, stdin
   * closed. The run has a defect, so that there is a finding.
   */
  @Test
  void aNightFromCron() throws Exception {
    Path json = folder.resolve("night.json");
    file("night.conf", "--seeds 1", "--workers 1", "--explain-limit 0");
    List<String> java =
        ChildProcess.shortSimulation(
            List.of(
                "campaign",
                "--config",
                "night.conf",
                "--workload",
                "commits",
                "--nemesis",
                "kill",
                "--time-limit",
                "4s",
                "--defect",
                "commit-noted-as-abort",
                "--store",
                "store",
                "--json",
                "night.json",
                "--junit",
                "night.xml",
                "--sarif",
                "night.sarif"));
    List<String> command = new ArrayList<>(List.of("bash", "-c", "exec \"$@\" <&-", "cron"));
    command.addAll(java);
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().clear();
    builder.environment().put("LANG", "C");
    builder.environment().put("PATH", "/usr/bin:/bin");
    Path log = folder.resolve("cron.log");
    Process night = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    assertTrue(night.waitFor(10, TimeUnit.MINUTES), "still at work");
    String said = Files.readString(log);
    assertEquals(1, night.exitValue(), said);
    assertTrue(said.contains("canary: its defect was found"), said);
    assertTrue(said.contains("1 finding, 1 of them new"), said);
    JsonNode result = new ObjectMapper().readTree(json.toFile());
    assertEquals("invalid", result.get("verdict").asText());
    assertEquals(2, result.get("runs").size());
    JsonNode finding = result.get("findings").get(0);
    Path page = folder.resolve(finding.get("representative").asText()).resolve("index.html");
    assertTrue(Files.exists(page), page.toString());
    String nights = Files.readString(folder.resolve("store/campaign/index.html"));
    assertFalse(nights.replaceFirst("(?s)<h2>Settings.*", "").contains("commit-noted"), "named");
    for (String each : List.of("night.xml", "night.sarif")) {
      assertTrue(Files.size(folder.resolve(each)) > 200, each);
    }
  }
}
