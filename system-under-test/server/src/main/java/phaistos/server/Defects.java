package phaistos.server;

import java.util.ArrayList;
import java.util.List;

/**
 * Mistakes of real systems, planted on purpose to prove that the checkers find them. Without a
 * defect the server keeps its promises.
 */
public record Defects(List<Defect> planted) {
  /** The catalogue. */
  public enum Defect {
    /** The wait for the standbys is skipped: the client is told at once. */
    ACK_BEFORE_STANDBY_FLUSH("ack-before-standby-flush", InjectionPoints.SYNC_REP_WAIT);

    private final String label;
    private final String point;

    Defect(String label, String point) {
      this.label = label;
      this.point = point;
    }

    public String label() {
      return label;
    }
  }

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
        found.add(byLabel(name.strip()));
      }
    }
    return new Defects(found);
  }

  private static Defect byLabel(String label) {
    StringBuilder known = new StringBuilder();
    for (Defect defect : Defect.values()) {
      if (defect.label.equals(label)) {
        return defect;
      }
      known.append(known.isEmpty() ? "" : ", ").append(defect.label);
    }
    throw new IllegalArgumentException("unknown defect \"%s\" (known: %s)".formatted(label, known));
  }

  public void attachTo(InjectionPoints points) {
    for (Defect defect : planted) {
      points.attach(defect.point, point -> InjectionPoints.Outcome.SKIP);
    }
  }
}
