package phaistos.harness;

import java.util.Locale;

/** Whether a run's folder keeps the images of the nodes, with which it can be judged again. */
public enum Keep {
  /** Always. */
  IMAGES,
  /** If the verdict is invalid. */
  FAILURES,
  /** Never. */
  NONE;

  /** Lower case, as on the command line. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
