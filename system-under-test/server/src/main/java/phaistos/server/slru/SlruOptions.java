package phaistos.server.slru;

/**
 * What one SLRU is for.
 *
 * @param name in pg_stat_slru
 * @param directory of the segment files, below the data directory
 * @param capacity pages in memory, at least 4
 * @param lsnGroups how many LSNs are kept for a page
 * @param lastPage the highest page number; page 0 follows it
 * @param durable whether its pages are synced; those of pg_subtrans are not, since nobody reads
 *     them after a crash
 * @param order of pages modulo the wrap-around
 */
public record SlruOptions(
    String name,
    String directory,
    int capacity,
    int lsnGroups,
    int lastPage,
    boolean durable,
    PageOrder order) {
  /** With fewer, an eviction could find no page but the latest. */
  public static final int CAPACITY_MIN = 4;

  public SlruOptions {
    if (capacity < CAPACITY_MIN) {
      throw new IllegalArgumentException("capacity=" + capacity);
    }
  }

  /** Whether a page is older than another in all of its entries (PagePrecedes). */
  @FunctionalInterface
  public interface PageOrder {
    boolean precedes(int page, int other);
  }
}
