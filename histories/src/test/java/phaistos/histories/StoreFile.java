package phaistos.histories;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import org.fressian.FressianWriter;

/** A {@code test.jepsen} as Jepsen 0.3 would write it of these events: history, test, index. */
final class StoreFile {
  private static final int HEAD = 18;
  private static final int BLOCK_HEAD = 28;

  private final ByteArrayOutputStream blocks = new ByteArrayOutputStream();
  private final List<Long> offsets = new ArrayList<>();

  static byte[] of(List<Event<UntypedCall>> events) throws IOException {
    StoreFile file = new StoreFile();
    ByteArrayOutputStream stream = new ByteArrayOutputStream();
    FressianWriter out = new FressianWriter(stream);
    for (Event<UntypedCall> event : events) {
      operation(out, event);
    }
    out.close();
    file.add(4, stream.toByteArray());
    file.add(5, ByteBuffer.allocate(20).putLong(events.size()).putLong(0).putInt(1).array());
    ByteArrayOutputStream map = new ByteArrayOutputStream();
    map.writeBytes(new byte[4]);
    FressianWriter test = new FressianWriter(map);
    test.writeTag("map", 1);
    test.beginClosedList();
    keyword(test, "history");
    test.writeTag("block-ref", 1);
    test.writeObject(2);
    test.endList();
    test.close();
    file.add(3, map.toByteArray());
    long index = HEAD + file.blocks.size();
    ByteBuffer entries = ByteBuffer.allocate(4 + 12 * file.offsets.size()).putInt(3);
    for (int i = 0; i < file.offsets.size(); i++) {
      entries.putInt(i + 1).putLong(file.offsets.get(i));
    }
    file.add(1, entries.array());
    ByteBuffer head = ByteBuffer.allocate(HEAD);
    head.put("JEPSEN".getBytes(StandardCharsets.US_ASCII)).putInt(1).putLong(index);
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    whole.writeBytes(head.array());
    whole.writeBytes(file.blocks.toByteArray());
    return whole.toByteArray();
  }

  private void add(int type, byte[] data) {
    offsets.add((long) HEAD + blocks.size());
    ByteBuffer head = ByteBuffer.allocate(BLOCK_HEAD);
    head.putLong(BLOCK_HEAD + data.length).putInt(0).putShort((short) type);
    CRC32 crc = new CRC32();
    crc.update(data);
    crc.update(head.array());
    blocks.writeBytes(head.putInt(8, (int) crc.getValue()).array());
    blocks.writeBytes(data);
  }

  private static void operation(FressianWriter out, Event<UntypedCall> event) throws IOException {
    out.writeTag("jepsen.history.Op", 7);
    out.writeInt(event.index());
    out.writeInt(event.index() * 1000);
    keyword(out, event.type());
    out.writeObject(((Process.Client) event.process()).id());
    keyword(out, event.call().name());
    out.writeObject(event.call().value() instanceof Edn.Int(long value) ? value : null);
    out.writeObject(null);
  }

  private static void keyword(FressianWriter out, String name) throws IOException {
    out.writeTag("key", 2);
    out.writeObject(null);
    out.writeObject(name, true);
  }
}
