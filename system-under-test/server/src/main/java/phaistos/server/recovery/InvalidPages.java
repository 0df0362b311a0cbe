package phaistos.server.recovery;

import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import phaistos.formats.RelationLocator;
import phaistos.server.errors.PgError;

/**
 * Pages that a record changes although they are not there (xlogutils.c). That is right if a later
 * record truncates or drops the relation, which had reached the disk before a crash. Once the data
 * directory is consistent none may be left. Used by the startup process only.
 */
final class InvalidPages {
  private final Map<String, TreeSet<Integer>> pages = new TreeMap<>();
  private final Consumer<String> warn;
  private boolean consistent;

  /**
   * @param warn for messages of level WARNING
   */
  InvalidPages(Consumer<String> warn) {
    this.warn = warn;
  }

  /**
   * @throws PgError a PANIC if the data directory is consistent
   */
  void note(RelationLocator relation, int block) {
    pages.computeIfAbsent(relation.path(), path -> new TreeSet<>()).add(block);
    if (consistent) {
      check();
    }
  }

  /** Pages from {@code block} on are gone for good. */
  void forget(RelationLocator relation, int block) {
    TreeSet<Integer> there = pages.get(relation.path());
    if (there != null) {
      there.tailSet(block, true).clear();
      if (there.isEmpty()) {
        pages.remove(relation.path());
      }
    }
  }

  /** The data directory is consistent from now on. */
  void consistent() {
    consistent = true;
    check();
  }

  private void check() {
    if (pages.isEmpty()) {
      return;
    }
    pages.forEach(
        (path, blocks) ->
            blocks.forEach(
                block ->
                    warn.accept("page %d of relation %s does not exist".formatted(block, path))));
    throw PgError.panic("WAL contains references to invalid pages", null);
  }
}
