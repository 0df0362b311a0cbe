package phaistos.server.defects;

import java.util.ArrayList;
import java.util.List;
import phaistos.environment.Environment;
import phaistos.server.steps.Steps;

/** The defects that a server is started with. Without one the server keeps its promises. */
public record Defects(List<Defect> planted) {
  public Defects {
    planted = List.copyOf(planted);
  }

  public static Defects none() {
    return new Defects(List.of());
  }

  /**
   * Reads names separated by commas; empty text is no defect.
   *
   * @throws IllegalArgumentException naming the unknown one
   */
  public static Defects parse(String names) {
    List<Defect> found = new ArrayList<>();
    for (String name : names.split(",")) {
      if (!name.isBlank()) {
        found.add(DefectCatalogue.named(name.strip()));
      }
    }
    return new Defects(found);
  }

  public void plant(Steps steps, Environment environment) {
    planted.forEach(defect -> defect.plant(steps, environment));
  }
}
