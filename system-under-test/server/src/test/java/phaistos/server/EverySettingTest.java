package phaistos.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import phaistos.server.defects.Defects;
import phaistos.server.errors.PgError;
import phaistos.server.settings.Effect;
import phaistos.server.settings.Parameter;
import phaistos.server.settings.Parameters;
import phaistos.server.settings.Settings;
import phaistos.simulator.Simulation;
import phaistos.simulator.SimulationOptions;

/**
 * No setting lies. Each name of pg_settings has an effect that a probe shows, or earns a warning,
 * or refuses every value but the one that is true here, or cannot be set.
 */
@Timeout(300)
class EverySettingTest {
  /** Shown by the tests of the parts that they belong to, or by {@code RealSettingsTest}. */
  private static final List<String> SHOWN_ELSEWHERE =
      List.of(
          "autovacuum",
          "autovacuum_freeze_max_age",
          "autovacuum_naptime",
          "autovacuum_vacuum_cost_delay",
          "autovacuum_vacuum_cost_limit",
          "autovacuum_vacuum_insert_scale_factor",
          "autovacuum_vacuum_insert_threshold",
          "autovacuum_vacuum_scale_factor",
          "autovacuum_vacuum_threshold",
          "log_autovacuum_min_duration",
          "max_standby_streaming_delay",
          "shared_buffers",
          "unix_socket_directories",
          "unix_socket_permissions",
          "update_process_title",
          "vacuum_cost_delay",
          "vacuum_cost_limit",
          "vacuum_cost_page_dirty",
          "vacuum_cost_page_hit",
          "vacuum_freeze_min_age");

  private static void probe(String name, SettingProbes.Probe probe) {
    var result =
        Simulation.run(
            SimulationOptions.seed(1).withLimit(Duration.ofMinutes(10)),
            world -> {
              try (SimulatedNodes nodes = new SimulatedNodes(world)) {
                probe.run(nodes);
              }
              return "";
            });
    try {
      result.valueOrThrow();
    } catch (Throwable e) {
      throw new AssertionError(name + ": " + e.getMessage(), e);
    }
  }

  @Test
  void everySettingThatWorksShowsItsEffect() {
    Map<String, SettingProbes.Probe> probes = SettingProbes.all();
    TreeSet<String> expected = new TreeSet<>();
    for (Parameter parameter : Parameters.all()) {
      // of the words of log_statement two work
      if (parameter.effect() instanceof Effect.Works || parameter.name().equals("log_statement")) {
        expected.add(parameter.name());
      }
    }
    expected.removeAll(SHOWN_ELSEWHERE);
    expected.removeIf(name -> name.startsWith("phaistos."));
    assertEquals(expected, new TreeSet<>(probes.keySet()));
    List<String> failures = new ArrayList<>();
    probes.forEach(
        (name, probe) -> {
          try {
            probe(name, probe);
          } catch (AssertionError e) {
            failures.add(e.getMessage());
          }
        });
    assertEquals("", String.join("\n", failures));
  }

  /** Another value than the default. */
  private static String other(Parameter parameter) {
    return switch (parameter.kind()) {
      case BOOL -> parameter.boot().equals("on") ? "off" : "on";
      case INT, REAL -> {
        double boot = Double.parseDouble(parameter.boot());
        yield parameter.canonical(
            Double.toString(boot + 1 <= parameter.max() ? boot + 1 : (boot + parameter.min()) / 2));
      }
      case ENUM ->
          parameter.options().stream()
              .filter(option -> !option.equals(parameter.boot()))
              .findFirst()
              .orElseThrow();
      case STRING -> "other";
    };
  }

  @Test
  void aSettingWithoutEffectEarnsOneWarningAtTheStartAndOneInASession() {
    List<Parameter> none =
        Parameters.all().stream().filter(each -> each.effect() instanceof Effect.None).toList();
    assertTrue(none.size() > 200, "found " + none.size());
    probe(
        "settings without effect",
        nodes -> {
          List<String> settings = new ArrayList<>();
          for (Parameter parameter : none) {
            if (parameter.options().size() != 1) {
              settings.addAll(List.of(parameter.name(), other(parameter)));
            }
          }
          nodes.initialize("n1");
          nodes.start("n1", "", Defects.none(), settings.toArray(String[]::new));
          nodes.clients().tasks().sleep(SimulatedNodes.SECOND);
          for (int i = 0; i < settings.size(); i += 2) {
            String warning = "WARNING: " + Settings.noEffect(settings.get(i));
            assertEquals(
                1, nodes.log("n1").stream().filter(warning::equals).count(), settings.get(i));
          }
          try (var connection = nodes.connect("n1");
              var statement = connection.createStatement()) {
            for (Parameter parameter : none) {
              boolean hasOther = !other(parameter).equals(parameter.boot());
              if (parameter.context().isOfSession()
                  && parameter.options().size() != 1
                  && hasOther) {
                statement.execute("set %s = '%s'".formatted(parameter.name(), other(parameter)));
                assertEquals(
                    Settings.noEffect(parameter.name()), statement.getWarnings().getMessage());
                statement.clearWarnings();
              }
            }
          }
        });
  }

  /** JDBC's driver sends its time zone with each connection. */
  @Test
  void aSettingThatAsksForWhatIsSoAnywayEarnsNoWarning() {
    probe(
        "settings as they are",
        nodes -> {
          nodes.initialize("n1");
          nodes.start("n1", "", Defects.none());
          nodes.clients().tasks().sleep(SimulatedNodes.SECOND);
          try (var connection = nodes.connect("n1");
              var statement = connection.createStatement()) {
            for (String set : List.of("timezone = 'Etc/UTC'", "timezone = utc", "geqo = on")) {
              statement.execute("set " + set);
              assertNull(statement.getWarnings(), set);
            }
            statement.execute("set timezone = 'Asia/Tokyo'");
            assertEquals(Settings.noEffect("TimeZone"), statement.getWarnings().getMessage());
          }
        });
  }

  @Test
  void valuesThatWouldLieAreRefusedWithTheReason() {
    for (Parameter parameter : Parameters.all()) {
      switch (parameter.effect()) {
        case Effect.Only only -> {
          String value = other(parameter);
          if (only.values().contains(value)) {
            value = parameter.canonical(Double.toString(parameter.min()));
          }
          String refused = value;
          PgError error =
              assertThrows(
                  PgError.class,
                  () -> Settings.defaults().given(parameter.name(), refused),
                  parameter.name());
          assertTrue(error.getMessage().endsWith(": " + only.reason()), error.getMessage());
          Settings.defaults().given(parameter.name(), only.values().getFirst());
        }
        case Effect.Internal _ -> {
          PgError error =
              assertThrows(
                  PgError.class,
                  () -> Settings.defaults().given(parameter.name(), parameter.boot()),
                  parameter.name());
          assertEquals("55P02", error.sqlState(), parameter.name());
        }
        case Effect.Works _, Effect.None _ -> {
          // the other tests'
        }
      }
    }
  }
}
