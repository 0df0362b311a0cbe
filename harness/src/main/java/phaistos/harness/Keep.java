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
  /** If the verdict is invalid; of a valid run no reports either, as nobody will read them. */
  FAILED_RUNS,
  /** Never; and of a valid run no reports either, which take a part of the time of a short run. */
  VERDICT;

  /** Lower case, as on the command line. */
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
