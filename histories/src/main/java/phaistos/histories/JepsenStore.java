package phaistos.histories;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;

/**
 * A file {@code test.jepsen}, as Jepsen's {@code jepsen.store.format} describes it: first the word
 * JEPSEN, a version and the place of the block index; then blocks, each with its length, a CRC-32
 * of its data and then its header, and its type. The index gives the place of each block, and the
 * block of the test, a map. The test's {@code :history} is in a block, or blocks, of its own. A
 * block that the index does not name was never finished, and is not read. Integers are signed and
 * big-endian.
 */
final class JepsenStore {
  private static final byte[] MAGIC = "JEPSEN".getBytes(StandardCharsets.US_ASCII);
  private static final int VERSION_MAX = 1;
  private static final int HEAD = MAGIC.length + Integer.BYTES + Long.BYTES;

  /** Length, CRC, and a type that should have 16 bits but has 16 bytes. */
  private static final int BLOCK_HEAD = Long.BYTES + Integer.BYTES + 16;

  private static final int DEPTH_MAX = 10;

  private static final int INDEX = 1;
  private static final int FRESSIAN = 2;
  private static final int PARTIAL_MAP = 3;
  private static final int FRESSIAN_STREAM = 4;
  private static final int BIG_VECTOR = 5;

  private static final Edn HISTORY = Edn.keyword("history");

  private final byte[] bytes;
  private final String source;
  private final ByteBuffer in;
  private final Map<Integer, Long> offsets = new HashMap<>();

  private record Block(int type, int from, int length) {}

  JepsenStore(byte[] bytes, String source) {
    this.bytes = bytes;
    this.source = source;
    this.in = ByteBuffer.wrap(bytes);
  }

  static boolean isStore(byte[] head) {
    return head.length >= MAGIC.length
        && Arrays.equals(head, 0, MAGIC.length, MAGIC, 0, MAGIC.length);
  }

  /**
   * The operations of the history, as maps.
   *
   * @throws EdnException if the file is damaged, or the run ended before it had a history
   */
  List<Edn> history() {
    if (bytes.length < HEAD) {
      throw error("the store file of Jepsen ends within its head");
    }
    int version = in.getInt(MAGIC.length);
    if (version < 0 || version > VERSION_MAX) {
      throw error("a store file of Jepsen of version " + version + "; known are 0 and 1");
    }
    long index = in.getLong(MAGIC.length + Integer.BYTES);
    if (index == 0) {
      throw error("the store file of Jepsen has no block index: the run ended before it began");
    }
    int root = readIndex(index);
    Edn test = testMap(root, 0);
    Edn history = test instanceof Edn.Table table ? table.get("history") : Edn.NIL;
    List<Edn> operations = new ArrayList<>();
    switch (history) {
      case Edn.Tagged(String tag, Edn.Int(long id)) when tag.equals("block-ref") ->
          collect((int) id, operations, 0);
      case Edn.Vector(List<Edn> items) -> operations.addAll(items);
      case Edn.Nil _ -> throw error("the test in the store file of Jepsen has no history yet");
      default -> throw error("the history in the store file of Jepsen is no vector");
    }
    return operations;
  }

  private int readIndex(long offset) {
    Block block = block(offset);
    if (block.type != INDEX || (block.length - Integer.BYTES) % (Integer.BYTES + Long.BYTES) != 0) {
      throw error("the block at byte " + offset + " is no block index");
    }
    for (int at = Integer.BYTES; at < block.length; at += Integer.BYTES + Long.BYTES) {
      offsets.put(in.getInt(block.from + at), in.getLong(block.from + at + Integer.BYTES));
    }
    return in.getInt(block.from);
  }

  private Block block(long offset) {
    if (offset < HEAD || offset > bytes.length - BLOCK_HEAD) {
      throw error("no block can begin at byte " + offset);
    }
    int at = (int) offset;
    long length = in.getLong(at);
    if (length < BLOCK_HEAD || length > bytes.length - offset) {
      throw error("the block at byte %d has a length of %d".formatted(offset, length));
    }
    CRC32 crc = new CRC32();
    crc.update(bytes, at + BLOCK_HEAD, (int) length - BLOCK_HEAD);
    crc.update(bytes, at, Long.BYTES);
    crc.update(new byte[Integer.BYTES]);
    crc.update(bytes, at + Long.BYTES + Integer.BYTES, 16);
    if ((int) crc.getValue() != in.getInt(at + Long.BYTES)) {
      throw error("the block at byte " + offset + " is damaged: its CRC is another");
    }
    return new Block(
        in.getShort(at + Long.BYTES + Integer.BYTES), at + BLOCK_HEAD, (int) length - BLOCK_HEAD);
  }

  private Block blockOf(int id) {
    Long offset = offsets.get(id);
    if (offset == null) {
      throw error("the block index has no block " + id);
    }
    return block(offset);
  }

  /** The test's map; follows further maps only until one has the history. */
  private Edn testMap(int id, int depth) {
    Block block = blockOf(id);
    if (block.type == FRESSIAN) {
      return Fressian.read(bytes, block.from, block.length, source);
    }
    if (block.type != PARTIAL_MAP || block.length < Integer.BYTES || depth > DEPTH_MAX) {
      throw error("block " + id + " is no map");
    }
    int rest = in.getInt(block.from);
    Edn map =
        Fressian.read(bytes, block.from + Integer.BYTES, block.length - Integer.BYTES, source);
    boolean isFound = map instanceof Edn.Table table && table.entries().containsKey(HISTORY);
    return isFound || rest == 0 ? map : testMap(rest, depth + 1);
  }

  private void collect(int id, List<Edn> operations, int depth) {
    Block block = blockOf(id);
    switch (block.type) {
      case FRESSIAN -> {
        Edn chunk = Fressian.read(bytes, block.from, block.length, source);
        if (!(chunk instanceof Edn.Vector(List<Edn> items)) && chunk != Edn.NIL) {
          throw error("block " + id + " is no vector of operations");
        }
        operations.addAll(chunk == Edn.NIL ? List.of() : chunk.elements());
      }
      case FRESSIAN_STREAM ->
          operations.addAll(Fressian.readAll(bytes, block.from, block.length, source));
      case BIG_VECTOR -> {
        int entry = Long.BYTES + Integer.BYTES;
        if (depth > DEPTH_MAX
            || block.length < Long.BYTES
            || (block.length - Long.BYTES) % entry != 0) {
          throw error("block " + id + " is no vector of blocks");
        }
        long before = operations.size();
        for (int at = Long.BYTES; at < block.length; at += entry) {
          collect(in.getInt(block.from + at + Long.BYTES), operations, depth + 1);
        }
        long count = in.getLong(block.from);
        if (count != operations.size() - before) {
          throw error(
              "block %d names %d operations, but holds %d"
                  .formatted(id, count, operations.size() - before));
        }
      }
      default -> throw error("block " + id + " has a type that no history has: " + block.type);
    }
  }

  private EdnException error(String reason) {
    return new EdnException(source, 0, reason);
  }
}
