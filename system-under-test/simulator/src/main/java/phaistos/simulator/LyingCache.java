package phaistos.simulator;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** A disk's own cache, which a power cut empties; while it lies, syncs end there. */
final class LyingCache {
  private record Kept(SimulatedFile file, long lastChange) {}

  private final DiskNames names;
  private final TreeMap<Long, Kept> files = new TreeMap<>();
  private final List<DiskNames.Change> changes = new ArrayList<>();
  private boolean isLying;
  private long lies;

  LyingCache(DiskNames names) {
    this.names = names;
  }

  boolean isLying() {
    return isLying;
  }

  long lies() {
    return lies;
  }

  /** Whether the sync of a file ends here. */
  boolean keeps(SimulatedFile file, long lastChange) {
    if (isLying && file.unsyncedBytes() > 0) {
      lies++;
      files.put(file.id, new Kept(file, lastChange));
    }
    return isLying;
  }

  /** The same for the sync of a directory. */
  boolean keeps(List<DiskNames.Change> due) {
    if (isLying && !due.isEmpty()) {
      lies++;
      changes.addAll(due);
    }
    return isLying;
  }

  void lie(boolean shall) {
    if (isLying && !shall) {
      files.values().forEach(kept -> kept.file.synced(kept.lastChange));
      names.syncedStill(changes);
      powerCut();
    }
    isLying = shall;
  }

  void powerCut() {
    files.clear();
    changes.clear();
  }
}
