package phaistos.harness;

import java.util.Locale;

/** Whether a run's folder keeps the images of the nodes, with which it can be judged again. */
public enum Keep {
  /** Always. */
  IMAGES,
  /** If the verdict is invalid. */
  FAILURES,
  /** Never. */
  NONE,
  /** Never; and of a valid run no reports either, which take a part of the time of a short run. */
  VERDICT;

  /** Lower case, as on the command line. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
