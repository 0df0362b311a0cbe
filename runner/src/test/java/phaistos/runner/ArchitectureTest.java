package phaistos.runner;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The arrows between the modules: dependencies point down only. */
class ArchitectureTest {
  /** What each module may use directly; what those use is allowed as well. */
  private static final Map<String, List<String>> ARROWS =
      Map.ofEntries(
          Map.entry("formats", List.of()),
          Map.entry("histories", List.of()),
          Map.entry("environment", List.of()),
          Map.entry("simulator", List.of("environment")),
          Map.entry("server", List.of("environment", "formats")),
          Map.entry("checker", List.of("histories", "formats")),
          Map.entry("cluster", List.of("server", "simulator", "formats")),
          Map.entry("nemesis", List.of("cluster", "histories")),
          Map.entry("workloads", List.of("checker", "cluster", "histories")),
          Map.entry("harness", List.of("workloads", "nemesis", "checker", "cluster", "histories")),
          Map.entry("recorder", List.of()),
          Map.entry("junit", List.of("harness", "recorder")));

  private static Set<String> reachable(String module) {
    Set<String> reached = new TreeSet<>(Set.of(module));
    ARROWS.get(module).forEach(next -> reached.addAll(reachable(next)));
    return reached;
  }

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("phaistos");

  private static ArchRule mayNotUse(String module, Set<String> forbidden) {
    String[] packages =
        forbidden.stream().map(name -> "phaistos." + name + "..").toArray(String[]::new);
    return noClasses()
        .that()
        .resideInAPackage("phaistos." + module + "..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(packages);
  }

  @Test
  void dependenciesPointDownOnly() {
    for (String module : new TreeMap<>(ARROWS).keySet()) {
      Set<String> forbidden = new TreeSet<>(ARROWS.keySet());
      forbidden.add("runner");
      forbidden.add("bench");
      forbidden.removeAll(reachable(module));
      mayNotUse(module, forbidden).check(CLASSES);
    }
  }

  @Test
  void forbiddenArrowIsSeen() {
    assertTrue(
        mayNotUse("server", Set.of("environment")).evaluate(CLASSES).hasViolation(),
        "the server uses its environment: the rule must see that");
    assertFalse(mayNotUse("formats", Set.of("server")).evaluate(CLASSES).hasViolation());
  }
}
