package phaistos.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class GuaranteesCommandTest {
  @Test
  void measuresReportsAndGoesOn(@TempDir Path store) throws IOException {
    String[] command = {
      "guarantees",
      "--level",
      "local,on",
      "--standbys",
      "any-1",
      "--fault",
      "reckless-failover",
      "--seeds",
      "1",
      "--store",
      store.toString()
    };
    Captured first = Captured.run((Object[]) command);
    assertEquals(0, first.exit(), first.err());
    assertTrue(first.out().contains("reckless-failover  on           any-1   seed 1: LOST"));
    assertTrue(first.out().contains("Nothing was lost against PostgreSQL's documentation."));
    Path folder = store.resolve("guarantees");
    assertEquals(2, Files.readAllLines(folder.resolve("attempts.edn")).size());
    String json = Files.readString(folder.resolve("guarantees.json"));
    assertTrue(json.contains("\"measured\" : \"lost in 1 of 1\""), json);
    assertTrue(Files.readString(folder.resolve("index.html")).contains("Which setting do I need?"));
    Captured again = Captured.run((Object[]) command);
    assertEquals(0, again.exit(), again.err());
    assertFalse(again.out().contains("seed 1: "), "the store has it: " + again.out());
    assertEquals(2, Files.readAllLines(folder.resolve("attempts.edn")).size());
  }

  @Test
  void saysWhatIsWrong() {
    Captured wrong = Captured.run("guarantees", "--fault", "kill-primry");
    assertEquals(254, wrong.exit());
    assertTrue(wrong.err().contains("--fault: 'kill-primry'"), wrong.err());
    assertTrue(wrong.err().contains("kill-primary"), wrong.err());
    assertEquals(254, Captured.run("guarantees", "--seeds", "0").exit());
    assertEquals(254, Captured.run("guarantees", "--setting", "fsync=off").exit());
  }
}
