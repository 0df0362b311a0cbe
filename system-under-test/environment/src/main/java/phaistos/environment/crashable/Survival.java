package phaistos.environment.crashable;

import java.util.List;
import java.util.TreeMap;
import phaistos.environment.SeededRandomness;
import phaistos.environment.crashable.PowerCut.Takes;

/**
 * Which unsynced changes of one file a power cut takes back, by the fault model of the simulated
 * disk: each page or sector, and the file's size, is as it was at some moment since the last sync.
 */
public final class Survival {
  private static final int PAGE_BYTES = 4096;
  private static final int SECTOR_BYTES = 512;
  private static final int PIECE_BYTES_MAX = 1 << 20;

  /** The bytes that a write or a truncation changed. */
  public record Range(long offset, long length) {}

  /** Receives a part of a change. */
  public interface PieceVisitor {
    /**
     * @param change its index, the oldest is 0
     * @param survives whether the power cut leaves it
     */
    void visit(int change, long offset, int length, boolean survives);
  }

  private final List<Range> changes;
  private final Takes takes;
  private final int unitBytes;
  private final TreeMap<Long, Integer> toUndo = new TreeMap<>();
  private final int keptSizes;

  private Survival(List<Range> changes, Takes takes, SeededRandomness random) {
    this.changes = changes;
    this.takes = takes;
    unitBytes =
        switch (takes) {
          case SOME -> PAGE_BYTES;
          case TORN -> SECTOR_BYTES;
          case ALL, NOTHING -> PIECE_BYTES_MAX;
        };
    keptSizes =
        switch (takes) {
          case ALL -> 0;
          case NOTHING -> changes.size();
          case SOME, TORN -> drawUnits(random);
        };
  }

  private int drawUnits(SeededRandomness random) {
    for (Range change : changes) {
      long last = (change.offset + change.length - 1) / unitBytes;
      for (long unit = change.offset / unitBytes; unit <= last && change.length > 0; unit++) {
        toUndo.merge(unit, 1, Integer::sum);
      }
    }
    toUndo.replaceAll((_, count) -> random.nextInt(count + 1));
    return random.nextInt(changes.size() + 1);
  }

  /**
   * Draws what survives.
   *
   * @param changes oldest first
   */
  public static Survival draw(List<Range> changes, Takes takes, SeededRandomness random) {
    return new Survival(changes, takes, random);
  }

  /** The file's size is as it was after so many changes. */
  public int keptSizes() {
    return keptSizes;
  }

  /** Visits every part of every change, the newest change first; once only. */
  public void forEachNewestFirst(PieceVisitor visitor) {
    for (int change = changes.size() - 1; change >= 0; change--) {
      Range range = changes.get(change);
      long end = range.offset + range.length;
      for (long at = range.offset; at < end; ) {
        long unit = at / unitBytes;
        int length = (int) (Math.min(end, (unit + 1) * unitBytes) - at);
        visitor.visit(change, at, length, survives(unit));
        at += length;
      }
    }
  }

  private boolean survives(long unit) {
    return switch (takes) {
      case ALL -> false;
      case NOTHING -> true;
      case SOME, TORN -> toUndo.merge(unit, -1, Integer::sum) < 0;
    };
  }
}
