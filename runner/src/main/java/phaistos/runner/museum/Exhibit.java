package phaistos.runner.museum;

import java.util.List;
import java.util.function.Consumer;

/**
 * A bug of PostgreSQL with a schedule that shows it.
 *
 * @param sentence what goes wrong
 * @param source where it was reported or mended
 * @param present versions that have it
 * @param absent of each of their branches the first version that can be had without it; none if
 *     there is none yet
 * @param tries how often it is tried on each version if nobody says otherwise
 */
record Exhibit(
    String name,
    String sentence,
    String source,
    List<String> present,
    List<String> absent,
    int tries,
    Play play) {

  /** Tries a bug on one version. */
  interface Play {
    /**
     * @param each receives every try as soon as it is over
     */
    void run(Place place, int tries, long seed, Consumer<Try> each) throws Exception;
  }

  /**
   * One try.
   *
   * @param found whether the bug showed
   * @param evidence one sentence of what was seen
   * @param detail further lines: what the audit or the checker says
   */
  record Try(boolean found, String evidence, List<String> detail) {
    Try {
      detail = List.copyOf(detail);
    }
  }

  static List<Exhibit> all() {
    return List.of(
        StandbyNamesAtStart.EXHIBIT,
        SerializableG2.EXHIBIT,
        MissingContrecord.EXHIBIT,
        TimelineHoleScene.EXHIBIT,
        TimelineHoleScene.POWER_CUT,
        TimelineHoleScene.SLOW_LINK,
        LongForkScene.EXHIBIT);
  }
}
