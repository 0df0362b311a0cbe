package phaistos.cluster.machine;

import java.nio.file.Path;

/**
 * Where programs that were fetched or built once are kept: {@code PHAISTOS_CACHE}, or else {@code
 * /var/cache/phaistos} for root (other users run what lies there) and {@code ~/.cache/phaistos} for
 * anybody else. images/toxiproxy knows it, too.
 */
public final class CacheFolder {
  private CacheFolder() {}

  public static Path path() {
    String given = System.getenv("PHAISTOS_CACHE");
    if (given != null && !given.isEmpty()) {
      return Path.of(given).toAbsolutePath();
    }
    if (UserId.self().isRoot()) {
      return Path.of("/var/cache/phaistos");
    }
    String cache = System.getenv("XDG_CACHE_HOME");
    Path base =
        cache == null || cache.isEmpty()
            ? Path.of(System.getProperty("user.home"), ".cache")
            : Path.of(cache);
    return base.resolve("phaistos");
  }
}
