package phaistos.formats.wal;

import java.util.Optional;
import phaistos.formats.RelationLocator;

/**
 * A page that a record changes.
 *
 * @param id the number of the reference within the record, 0 to 32, ascending
 * @param fork 0 main, 1 free space map, 2 visibility map, 3 init
 * @param block the page's number in the fork, unsigned
 * @param willInit replay initializes the page from nothing
 * @param data the record's data for the page, without the image
 */
public record BlockReference(
    int id,
    RelationLocator relation,
    int fork,
    int block,
    boolean willInit,
    Optional<BlockImage> image,
    byte[] data) {
  public static final int MAX_ID = 32;
  public static final int MAIN_FORK = 0;
  public static final int VISIBILITY_MAP_FORK = 2;

  private static final String[] FORK_NAMES = {"main", "fsm", "vm", "init"};

  public BlockReference {
    if (id < 0 || id > MAX_ID || fork < 0 || fork > 15 || data.length > 65_535) {
      throw new IllegalArgumentException(
          "block reference: id=%d, fork=%d, data=%d bytes".formatted(id, fork, data.length));
    }
  }

  /** A page of the main fork with data, without an image. */
  public static BlockReference of(int id, RelationLocator relation, int block, byte[] data) {
    return new BlockReference(id, relation, MAIN_FORK, block, false, Optional.empty(), data);
  }

  public BlockReference withInit() {
    return new BlockReference(id, relation, fork, block, true, image, data);
  }

  public BlockReference withImage(BlockImage newImage) {
    return new BlockReference(id, relation, fork, block, willInit, Optional.of(newImage), data);
  }

  static String forkName(int fork) {
    return fork < FORK_NAMES.length ? FORK_NAMES[fork] : "fork" + fork;
  }
}
