package phaistos.server.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import phaistos.server.errors.PgError;

/** Settings by PostgreSQL's names, units and errors. */
class SettingsTest {
  @Test
  void readsUnitsAndShowsTheLargestThatFits() {
    Settings settings = Settings.defaults().with("wal_writer_delay", "2s");
    assertEquals(2_000_000_000L, settings.nanos("wal_writer_delay"));
    assertEquals("2s", Parameters.named("wal_writer_delay").shown("2000"));
    assertEquals("200ms", Parameters.named("wal_writer_delay").shown("200"));
    assertEquals("1GB", Parameters.named("max_wal_size").shown("1024"));
    assertEquals("5min", Parameters.named("checkpoint_timeout").shown("300"));
  }

  @Test
  void takesBooleanSpellingsOfSynchronousCommit() {
    assertEquals(
        "on", Settings.defaults().with("synchronous_commit", "TRUE").get("Synchronous_Commit"));
    assertEquals(
        "off", Settings.defaults().with("synchronous_commit", "no").get("synchronous_commit"));
  }

  @Test
  void namesLineAndFileOfAWrongSetting() {
    PgError error =
        assertThrows(PgError.class, () -> Settings.parse("x.conf", "port = 1\nfsyn = on\n"));
    assertEquals(
        "unrecognized configuration parameter \"fsyn\" in file \"x.conf\" line 2",
        error.getMessage());
  }

  @Test
  void readsQuotedValuesAndComments() {
    Settings settings = Settings.parse("x", "cluster_name = 'ANY 1 (a, ''b'')' # who\n#port=1\n");
    assertEquals("ANY 1 (a, 'b')", settings.get("cluster_name"));
    assertEquals(
        settings.get("cluster_name"), Settings.parse("y", settings.format()).get("cluster_name"));
  }

  @Test
  void refusesValuesOutOfRange() {
    PgError error =
        assertThrows(PgError.class, () -> Settings.defaults().with("wal_writer_delay", "20s"));
    assertEquals("22023", error.sqlState());
  }
}
