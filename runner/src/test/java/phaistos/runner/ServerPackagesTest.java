package phaistos.runner;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The arrows between the packages of the server: each may use those before it, none behind it. */
class ServerPackagesTest {
  private static final String ROOT = "phaistos.server";

  /** From the bottom to the top; on top of all stands the root, which puts the parts together. */
  private static final List<String> ORDER =
      List.of(
          "errors",
          "steps",
          "settings",
          "sql",
          "wire",
          "types",
          "backends",
          "state",
          "control",
          "storage",
          "wal",
          "slru",
          "clog",
          "xact",
          "multixact",
          "heap",
          "catalog",
          "background",
          "replication",
          "recovery",
          "executor",
          "session",
          "defects");

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages(ROOT);

  private static ArchRule usesNone(String lower, List<String> higher) {
    return noClasses()
        .that()
        .resideInAPackage(ROOT + "." + lower)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(higher.toArray(String[]::new));
  }

  private static List<String> above(int place) {
    List<String> higher =
        ORDER.subList(place + 1, ORDER.size()).stream()
            .map(name -> ROOT + "." + name)
            .collect(Collectors.toList());
    higher.add(ROOT);
    return higher;
  }

  @Test
  void everyPackageHasItsPlace() {
    Set<String> there = new TreeSet<>();
    for (JavaClass each : CLASSES) {
      if (!each.getPackageName().equals(ROOT)) {
        there.add(each.getPackageName().substring(ROOT.length() + 1));
      }
    }
    assertEquals(new TreeSet<>(ORDER), there);
  }

  @Test
  void noPackageUsesOneAboveIt() {
    for (int i = 0; i < ORDER.size(); i++) {
      usesNone(ORDER.get(i), above(i)).check(CLASSES);
    }
  }

  @Test
  void anArrowUpIsSeen() {
    assertTrue(
        usesNone("session", List.of(ROOT + ".executor")).evaluate(CLASSES).hasViolation(),
        "sessions use the executor: the rule must see that");
  }
}
