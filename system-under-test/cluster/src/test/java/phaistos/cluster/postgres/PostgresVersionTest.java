package phaistos.cluster.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PostgresVersionTest {
  @Test
  void readsMajorAndExactVersions() {
    assertEquals(new PostgresVersion(15, OptionalInt.empty()), PostgresVersion.parse("15"));
    assertEquals(new PostgresVersion(15, OptionalInt.of(12)), PostgresVersion.parse("15.12"));
    assertEquals("15.12", PostgresVersion.parse("15.12").toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "15.", "latest", "11", "19", "15.1.2", "-15", "9.6", "15 "})
  void refusesWhatItDoesNotRun(String text) {
    assertThrows(IllegalArgumentException.class, () -> PostgresVersion.parse(text));
  }

  @Test
  void readsWhatTheProgramsSay() {
    assertEquals(
        new PostgresVersion(15, OptionalInt.of(18)),
        PostgresVersion.said("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"));
    assertEquals(
        new PostgresVersion(19, OptionalInt.empty()),
        PostgresVersion.said("postgres (PostgreSQL) 19devel"));
    assertThrows(
        IllegalArgumentException.class, () -> PostgresVersion.said("postgres (EnterpriseDB) 15.1"));
  }

  @Test
  void anExactVersionIsMetByItselfOnly() {
    PostgresVersion exact = PostgresVersion.parse("15.12");
    assertTrue(PostgresVersion.parse("15").isMetBy(exact));
    assertTrue(exact.isMetBy(PostgresVersion.parse("15.12")));
    assertFalse(exact.isMetBy(PostgresVersion.parse("15.13")));
    assertFalse(PostgresVersion.parse("15").isMetBy(PostgresVersion.parse("16.1")));
  }
}
