package phaistos.runner;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import phaistos.server.defects.Defect;
import phaistos.server.defects.DefectCatalogue;
import phaistos.server.steps.Step;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code ./phaistos defects}: lists the defects that can be planted, and the steps that they act
 * on.
 */
@Command(
    name = "defects",
    description = "lists the defects that can be planted in the database, or its steps.",
    mixinStandardHelpOptions = true)
final class DefectsCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @ArgGroup private What what = new What();

  /** One of the two; the list if none is given. */
  private static final class What {
    @Option(names = "--list", description = "the defects, each with the mistake it stands for")
    private boolean list;

    @Option(names = "--steps", description = "the steps of the database, by part")
    private boolean steps;
  }

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    if (what.steps) {
      steps(out);
    } else {
      defects(out);
    }
    out.flush();
    return 0;
  }

  private static void defects(PrintWriter out) {
    for (Defect defect : DefectCatalogue.all()) {
      Defect.Description description = defect.description();
      String steps =
          description.steps().stream().map(Step::label).collect(Collectors.joining(", "));
      out.println(description.name());
      out.println("  does:       " + description.does());
      out.println("  stands for: " + description.standsFor());
      out.println("  source:     " + description.source());
      out.println("  how:        %s %s".formatted(description.kind().word(), steps));
    }
    out.println();
    out.println("./phaistos run --defect NAME plants one.");
  }

  private static void steps(PrintWriter out) {
    for (Step.Part part : Step.Part.values()) {
      out.println("%s (%s)".formatted(part.label(), part.files()));
      for (Step<?, ?> step : Step.all()) {
        if (step.part() == part) {
          out.println("  %-24s %s".formatted(step.label(), step.sentence()));
        }
      }
    }
    out.println();
    out.println(Step.all().size() + " steps");
  }
}
