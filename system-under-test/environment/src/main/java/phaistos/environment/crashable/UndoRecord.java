package phaistos.environment.crashable;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * One entry of the undo journal. Changes carry a number that only grows; files are known by an id,
 * since their names change.
 */
sealed interface UndoRecord {
  /** A change that a power cut may take back. */
  sealed interface Change extends UndoRecord {
    long number();
  }

  /** A change of names. */
  sealed interface NameChange extends Change {
    /** The paths whose directories it belongs to. */
    List<String> paths();
  }

  /**
   * A write, or a truncation.
   *
   * @param sizeBefore of the file
   * @param offset where the changed range starts
   * @param length how long it is
   * @param old what was there, as far as the file reached; all zeroes if {@code old} is shorter
   */
  record Overwritten(long number, long file, long sizeBefore, long offset, long length, byte[] old)
      implements Change {
    Overwritten withoutOldBytes() {
      return new Overwritten(number, file, sizeBefore, offset, length, new byte[0]);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Overwritten that && number == that.number;
    }

    @Override
    public int hashCode() {
      return Long.hashCode(number);
    }
  }

  record Created(long number, long file, String path) implements NameChange {
    @Override
    public List<String> paths() {
      return List.of(path);
    }
  }

  /**
   * @param replaced the file that had the new name, or -1; it lies in the trash
   */
  record Renamed(long number, long file, String from, String to, long replaced)
      implements NameChange {
    @Override
    public List<String> paths() {
      return List.of(from, to);
    }
  }

  /** The file lies in the trash. */
  record Deleted(long number, long file, String path) implements NameChange {
    @Override
    public List<String> paths() {
      return List.of(path);
    }
  }

  record DirectoryMade(long number, String path) implements NameChange {
    @Override
    public List<String> paths() {
      return List.of(path);
    }
  }

  record DirectoryDeleted(long number, String path) implements NameChange {
    @Override
    public List<String> paths() {
      return List.of(path);
    }
  }

  /** The writes to a file up to this number are durable. */
  record Synced(long file, long upTo) implements UndoRecord {}

  /** The change of names of this number is durable. */
  record NameSynced(long change) implements UndoRecord {}

  /** All paths known so far are void: {@link Located} records follow. */
  record LocationsFollow() implements UndoRecord {}

  /** A file's path; empty if it lies in the trash. */
  record Located(long file, String path) implements UndoRecord {}

  /** Bytes that are not all zero, or none. */
  static byte[] withoutZeroes(byte[] bytes) {
    for (byte value : bytes) {
      if (value != 0) {
        return bytes;
      }
    }
    return new byte[0];
  }

  default ByteBuffer encode() {
    return switch (this) {
      case Overwritten r ->
          start(1, 40 + r.old.length, r.number, r.file, r.sizeBefore, r.offset, r.length)
              .put(r.old);
      case Created r -> text(start(2, 16 + bytes(r.path), r.number, r.file), r.path);
      case Renamed r ->
          text(
              text(
                  start(3, 24 + bytes(r.from) + bytes(r.to), r.number, r.file, r.replaced), r.from),
              r.to);
      case Deleted r -> text(start(4, 16 + bytes(r.path), r.number, r.file), r.path);
      case DirectoryMade r -> text(start(5, 8 + bytes(r.path), r.number), r.path);
      case DirectoryDeleted r -> text(start(6, 8 + bytes(r.path), r.number), r.path);
      case Synced r -> start(7, 16, r.file, r.upTo);
      case NameSynced r -> start(8, 8, r.change);
      case LocationsFollow _ -> start(9, 0);
      case Located r -> text(start(10, 8 + bytes(r.path), r.file), r.path);
    };
  }

  static UndoRecord decode(ByteBuffer in) {
    int type = in.get();
    return switch (type) {
      case 1 -> {
        long number = in.getLong();
        long file = in.getLong();
        long sizeBefore = in.getLong();
        long offset = in.getLong();
        long length = in.getLong();
        byte[] old = new byte[in.remaining()];
        in.get(old);
        yield new Overwritten(number, file, sizeBefore, offset, length, old);
      }
      case 2 -> new Created(in.getLong(), in.getLong(), text(in));
      case 3 -> {
        long number = in.getLong();
        long file = in.getLong();
        long replaced = in.getLong();
        yield new Renamed(number, file, text(in), text(in), replaced);
      }
      case 4 -> new Deleted(in.getLong(), in.getLong(), text(in));
      case 5 -> new DirectoryMade(in.getLong(), text(in));
      case 6 -> new DirectoryDeleted(in.getLong(), text(in));
      case 7 -> new Synced(in.getLong(), in.getLong());
      case 8 -> new NameSynced(in.getLong());
      case 9 -> new LocationsFollow();
      case 10 -> new Located(in.getLong(), text(in));
      default -> throw new IllegalArgumentException("undo journal: record type " + type);
    };
  }

  private static ByteBuffer start(int type, int length, long... numbers) {
    ByteBuffer out = ByteBuffer.allocate(1 + length).put((byte) type);
    Arrays.stream(numbers).forEach(out::putLong);
    return out;
  }

  private static int bytes(String text) {
    return 2 + text.getBytes(StandardCharsets.UTF_8).length;
  }

  private static ByteBuffer text(ByteBuffer out, String text) {
    byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
    return out.putShort((short) encoded.length).put(encoded);
  }

  private static String text(ByteBuffer in) {
    byte[] encoded = new byte[in.getShort()];
    in.get(encoded);
    return new String(encoded, StandardCharsets.UTF_8);
  }
}
