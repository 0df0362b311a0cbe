package phaistos.environment.crashable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import phaistos.environment.crashable.UndoRecord.Change;
import phaistos.environment.crashable.UndoRecord.Created;
import phaistos.environment.crashable.UndoRecord.Deleted;
import phaistos.environment.crashable.UndoRecord.DirectoryDeleted;
import phaistos.environment.crashable.UndoRecord.DirectoryMade;
import phaistos.environment.crashable.UndoRecord.Located;
import phaistos.environment.crashable.UndoRecord.LocationsFollow;
import phaistos.environment.crashable.UndoRecord.NameSynced;
import phaistos.environment.crashable.UndoRecord.Overwritten;
import phaistos.environment.crashable.UndoRecord.Renamed;
import phaistos.environment.crashable.UndoRecord.Synced;

/**
 * The append-only file of {@link UndoRecord}s, each after its length and CRC-32C, with its content:
 * the changes that are not durable, and the paths of files.
 *
 * <p>A record is appended before its change is made. So a process that is killed at any moment
 * leaves at most one record whose change was not made, the last, and at most one torn record at the
 * end, whose change was not begun. Reading stops there. When more than half of a large file is
 * obsolete, a new one takes its place in one rename. Not thread-safe.
 */
final class UndoJournal implements AutoCloseable {
  private static final int HEADER_BYTES = 8;
  private static final long COMPACTION_BYTES_MIN = 16L << 20;

  private final Path folder;
  private FileChannel channel;
  private long end;
  private long nextNumber = 1;
  private long nextFile = 1;
  private long liveBytes;

  /** The place in the file of the bytes that a write replaced. */
  private record Place(long position, int length) {}

  private final TreeMap<Long, Change> unsynced = new TreeMap<>();
  private final Map<Long, Place> places = new HashMap<>();
  private final Map<Long, ArrayDeque<Long>> writesByFile = new HashMap<>();
  private final TreeMap<Long, String> locations = new TreeMap<>();

  UndoJournal(Path folder) throws IOException {
    this.folder = folder;
    Files.createDirectories(trash());
    channel =
        FileChannel.open(
            file(), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    readAll();
  }

  private Path file() {
    return folder.resolve("undo.journal");
  }

  Path trash() {
    return folder.resolve("trash");
  }

  /** Where a deleted or replaced file lies until its deletion is durable. */
  Path trash(long file) {
    return trash().resolve(String.valueOf(file));
  }

  private void readAll() throws IOException {
    long size = channel.size();
    ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
    while (end + HEADER_BYTES <= size) {
      header.clear();
      readFully(header, end);
      int length = header.getInt(0);
      if (length <= 0 || end + HEADER_BYTES + length > size) {
        break;
      }
      ByteBuffer body = body(new Place(end, length));
      if (crc(body) != header.getInt(4)) {
        break;
      }
      note(UndoRecord.decode(body), new Place(end, length));
      end += HEADER_BYTES + length;
    }
    channel.truncate(end);
  }

  private ByteBuffer body(Place place) throws IOException {
    ByteBuffer body = ByteBuffer.allocate(place.length);
    readFully(body, place.position + HEADER_BYTES);
    return body.flip();
  }

  private void readFully(ByteBuffer target, long offset) throws IOException {
    while (target.hasRemaining()) {
      if (channel.read(target, offset + target.position()) < 0) {
        throw new IOException("undo journal ends early: " + file());
      }
    }
  }

  private static int crc(ByteBuffer bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes.duplicate());
    return (int) crc.getValue();
  }

  long newNumber() {
    return nextNumber++;
  }

  long newFile() {
    return nextFile++;
  }

  long lastNumber() {
    return nextNumber - 1;
  }

  /** The changes that are not durable, oldest first. */
  Collection<Change> unsynced() {
    return unsynced.values();
  }

  /** Path by file; empty for files in the trash. */
  Map<Long, String> locations() {
    return locations;
  }

  /** A write's record with the bytes that it replaced. */
  Overwritten withOldBytes(Overwritten change) throws IOException {
    return (Overwritten) UndoRecord.decode(body(places.get(change.number())));
  }

  void append(UndoRecord record) throws IOException {
    int length = write(channel, end, record.encode().flip());
    Place place = new Place(end, length);
    end += HEADER_BYTES + length;
    note(record, place);
    if (end > COMPACTION_BYTES_MIN && liveBytes < end / 2) {
      compact();
    }
  }

  private static int write(FileChannel channel, long offset, ByteBuffer body) throws IOException {
    int length = body.remaining();
    ByteBuffer framed = ByteBuffer.allocate(HEADER_BYTES + length);
    framed.putInt(length).putInt(crc(body)).put(body).flip();
    long position = offset;
    while (framed.hasRemaining()) {
      position += channel.write(framed, position);
    }
    return length;
  }

  private void note(UndoRecord record, Place place) {
    switch (record) {
      case Overwritten over -> {
        remember(over.withoutOldBytes(), place);
        writesByFile.computeIfAbsent(over.file(), _ -> new ArrayDeque<>()).add(over.number());
      }
      case Change change -> remember(change, place);
      case Synced(long file, long upTo) -> forgetWrites(file, upTo);
      case NameSynced(long change) -> forget(change);
      case LocationsFollow _ -> locations.clear();
      case Located(long file, String path) -> locate(file, path);
    }
    switch (record) {
      case Created created -> locate(created.file(), created.path());
      case Renamed renamed -> {
        locate(renamed.file(), renamed.to());
        if (renamed.replaced() >= 0) {
          locate(renamed.replaced(), "");
        }
      }
      case Deleted deleted -> locate(deleted.file(), "");
      case Overwritten _, DirectoryMade _, DirectoryDeleted _ -> {}
      case Synced _, NameSynced _, LocationsFollow _, Located _ -> {}
    }
  }

  private void locate(long file, String path) {
    locations.put(file, path);
    nextFile = Math.max(nextFile, file + 1);
  }

  private void remember(Change change, Place place) {
    unsynced.put(change.number(), change);
    places.put(change.number(), place);
    liveBytes += place.length;
    nextNumber = Math.max(nextNumber, change.number() + 1);
  }

  private void forget(long number) {
    if (unsynced.remove(number) != null) {
      liveBytes -= places.remove(number).length;
    }
  }

  private void forgetWrites(long file, long upTo) {
    ArrayDeque<Long> numbers = writesByFile.getOrDefault(file, new ArrayDeque<>());
    while (!numbers.isEmpty() && numbers.peek() <= upTo) {
      forget(numbers.poll());
    }
    if (numbers.isEmpty()) {
      writesByFile.remove(file);
    }
  }

  /** Forgets a file that is gone for good. */
  void forgetFile(long file) throws IOException {
    locations.remove(file);
    forgetWrites(file, Long.MAX_VALUE);
    Files.deleteIfExists(trash(file));
  }

  /** Removes the last record, because its change was never made. */
  void dropLastChange() throws IOException {
    forget(unsynced.lastKey());
    compact();
  }

  /** Writes a journal of the records that still count, and replaces this one by it. */
  void compact() throws IOException {
    Path fresh = folder.resolve("undo.journal.new");
    Files.deleteIfExists(fresh);
    FileChannel target =
        FileChannel.open(
            fresh,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
    long position = 0;
    for (Long number : unsynced.keySet()) {
      ByteBuffer body = body(places.get(number));
      Place moved = new Place(position, body.remaining());
      position += HEADER_BYTES + write(target, position, body);
      places.put(number, moved);
    }
    List<UndoRecord> tail = new ArrayList<>();
    tail.add(new LocationsFollow());
    locations.forEach((file, path) -> tail.add(new Located(file, path)));
    for (UndoRecord record : tail) {
      position += HEADER_BYTES + write(target, position, record.encode().flip());
    }
    Files.move(fresh, file(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    channel.close();
    channel = target;
    end = position;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
