package phaistos.server.defects;

import java.util.List;
import phaistos.environment.Environment;
import phaistos.server.steps.CommitSteps;
import phaistos.server.steps.Steps;

/** Omits full-page images from the WAL. */
final class TornPages implements Defect {
  @Override
  public Description description() {
    return new Description(
        "torn-pages",
        Kind.LIES,
        "No record carries an image of its page, whatever full_page_writes says.",
        "A page that a power cut has torn is repaired by nothing: full_page_writes was"
            + " off on a disk that tears.",
        "PostgreSQL documentation, full_page_writes; LazyFS, PostgreSQL 15.2",
        List.of(CommitSteps.FULL_PAGE_IMAGE));
  }

  @Override
  public void plant(Steps steps, Environment environment) {
    steps.attach(CommitSteps.FULL_PAGE_IMAGE, (_, _) -> false);
  }
}
