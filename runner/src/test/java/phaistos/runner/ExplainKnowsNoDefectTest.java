package phaistos.runner;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import org.junit.jupiter.api.Test;
import phaistos.harness.ClusterPlan;

/**
 * What explains a run knows nothing of planted defects: it uses none of their classes, and does not
 * ask which one is planted.
 */
class ExplainKnowsNoDefectTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter().importPackages("phaistos.harness", "phaistos.runner");

  private static ArchRule usesNoDefect(String packages) {
    return noClasses()
        .that()
        .resideInAPackage(packages)
        .should()
        .dependOnClassesThat()
        .resideInAPackage("phaistos.server.defects..");
  }

  private static ArchRule asksForNoDefect(String packages) {
    return noClasses()
        .that()
        .resideInAPackage(packages)
        .should()
        .callMethod(ClusterPlan.class, "defects")
        .orShould()
        .callMethod(ClusterPlan.class, "withDefects", java.util.List.class);
  }

  @Test
  void explainUsesNoClassOfTheDefects() {
    usesNoDefect("phaistos.harness.explain..").check(mainClasses());
    asksForNoDefect("phaistos.harness.explain..").check(mainClasses());
  }

  @Test
  void theRulesSeeThoseWhoDo() {
    assertTrue(usesNoDefect("phaistos.runner..").evaluate(CLASSES).hasViolation());
    assertTrue(asksForNoDefect("phaistos.harness").evaluate(CLASSES).hasViolation());
    assertFalse(usesNoDefect("phaistos.harness.run..").evaluate(CLASSES).hasViolation());
  }

  private static JavaClasses mainClasses() {
    return CLASSES.that(
        com.tngtech.archunit.base.DescribedPredicate.describe(
            "main", each -> !each.getSource().toString().contains("test-classes")));
  }
}
