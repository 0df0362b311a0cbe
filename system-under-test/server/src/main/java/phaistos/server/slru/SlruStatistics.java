package phaistos.server.slru;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The rows of pg_stat_slru, by PostgreSQL 15's names and in its order. Thread-safe. */
public final class SlruStatistics {
  public static final String XACT = "Xact";
  public static final String SUBTRANS = "Subtrans";
  public static final String MULTIXACT_OFFSET = "MultiXactOffset";
  public static final String MULTIXACT_MEMBER = "MultiXactMember";

  /** Those of SLRUs that this server does not have stay at zero. */
  private static final List<String> NAMES =
      List.of(
          "CommitTs",
          MULTIXACT_MEMBER,
          MULTIXACT_OFFSET,
          "Notify",
          "Serial",
          SUBTRANS,
          XACT,
          "other");

  private final Map<String, SlruCounters> counters = new LinkedHashMap<>();

  /**
   * @param now microseconds since 2000
   */
  public SlruStatistics(long now) {
    NAMES.forEach(name -> counters.put(name, new SlruCounters(now)));
  }

  public SlruCounters of(String name) {
    return counters.get(name);
  }

  public Map<String, SlruCounters> all() {
    return Collections.unmodifiableMap(counters);
  }

  /** Resets one row, or all; an unknown name means the row {@code other} (pg_stat_reset_slru). */
  public void reset(Optional<String> name, long now) {
    if (name.isEmpty()) {
      counters.values().forEach(each -> each.reset(now));
    } else {
      counters.getOrDefault(name.get(), counters.get("other")).reset(now);
    }
  }
}
