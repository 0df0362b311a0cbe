package phaistos.server.slru;

import phaistos.server.settings.Settings;

/**
 * How pages reach the platter. Each of the three is a remedy for backends that wait for the sync of
 * a page that they evict.
 *
 * @param deferred an evicted page is only written; the next checkpoint syncs its file (what
 *     PostgreSQL does since version 14)
 * @param preallocated a new segment file gets its full size at once, so that no later sync has to
 *     write the file's size
 * @param rangeFirst the page's range is written to the disk before the file is synced
 *     (sync_file_range)
 */
public record SlruSyncing(boolean deferred, boolean preallocated, boolean rangeFirst) {
  /** Every page is written and synced when it leaves its buffer (PostgreSQL up to 13). */
  public static final SlruSyncing PLAIN = new SlruSyncing(false, false, false);

  public static SlruSyncing of(Settings settings) {
    return new SlruSyncing(
        settings.get("phaistos.slru_sync").equals("checkpoint"),
        settings.bool("phaistos.slru_preallocate"),
        settings.bool("phaistos.slru_sync_range"));
  }
}
