package phaistos.cluster.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class PostgresLogTest {
  @Test
  void aWrongSettingIsNamed() {
    assertEquals(
        "unrecognized configuration parameter \"fsyncc\" in file \"/d/phaistos.conf\" line 9;"
            + " FATAL: configuration file \"/d/phaistos.conf\" contains errors",
        PostgresLog.whyItEnded(
            List.of(
                "2026 GMT [1] LOG:  unrecognized configuration parameter \"fsyncc\" in file"
                    + " \"/d/phaistos.conf\" line 9",
                "2026 GMT [1] FATAL:  configuration file \"/d/phaistos.conf\" contains errors")));
  }

  @Test
  void theErrorIsTheReasonNotWhatFollowsIt() {
    assertEquals(
        "FATAL: according to history file, WAL location 0/201F068 belongs to timeline 1",
        PostgresLog.whyItEnded(
            List.of(
                "2026 UTC [8] LOG:  redo starts at 0/2000028",
                "2026 UTC [8] FATAL:  according to history file, WAL location 0/201F068 belongs to"
                    + " timeline 1",
                "2026 UTC [9] [unknown] FATAL:  the database system is starting up",
                "2026 UTC [1] LOG:  startup process (PID 8) exited with exit code 1",
                "2026 UTC [1] LOG:  database system is shut down")));
  }

  @Test
  void whatIsNoErrorIsTheLastLine() {
    assertEquals(
        "sh: postgres: not found", PostgresLog.whyItEnded(List.of("sh: postgres: not found")));
    assertEquals("it said nothing", PostgresLog.whyItEnded(List.of()));
  }
}
