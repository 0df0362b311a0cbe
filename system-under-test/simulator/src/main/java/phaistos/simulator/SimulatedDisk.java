package phaistos.simulator;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Optional;
import phaistos.environment.Disk;
import phaistos.environment.DiskFile;
import phaistos.environment.SeededRandomness;

/**
 * The disk of one machine. It outlives the machine's processes.
 *
 * <p>Fault model. A write reaches the page cache, where every reader sees it. Killing a process
 * loses nothing. {@link DiskFile#sync} makes content and size durable when it returns. A power cut
 * before that keeps what {@link UnsyncedWrites} says: no unsynced write, all of them, or each page
 * or sector as of some moment since the last sync (so writes are lost, torn and reordered). Names
 * are durable only after {@link #syncDirectory}, even if the files themselves were synced. Unsynced
 * changes of names are lost from some moment on; a rename is one step even between two directories.
 * A failed sync leaves its writes in the page cache as if they were clean: no later sync writes
 * them. A full disk refuses to make files longer. On request, bits read wrong, from the platter and
 * from the cache, until they are written over.
 *
 * <p>Not modelled: misdirected writes, a sync that lies, errors that come and go on their own, and
 * damage to directories.
 */
public final class SimulatedDisk implements Disk {
  /** The losses of one power cut. */
  public record Loss(UnsyncedWrites mode, int files, long bytes, int nameChanges) {}

  /**
   * Counts of a disk's events since its machine was made.
   *
   * @param slowedNanos total delay of reads, writes and syncs
   * @param flippedBitsRead flipped bits that reads have returned
   */
  public record Counters(
      long bytesWritten,
      long syncs,
      long syncsFailed,
      long writesRefused,
      long unsyncedBytesLost,
      long nameChangesLost,
      long slowedNanos,
      long flippedBitsRead) {}

  private final String machine;
  private final Scheduler scheduler;
  private final SeededRandomness latency;
  private final SeededRandomness crashes;
  private final Pace sync;
  private final DiskNames names = new DiskNames();
  private final LyingCache cache = new LyingCache(names);
  private long fileIds;
  private long usedBytes;
  private long capacityBytes = Long.MAX_VALUE;
  private long slowNanos;
  private String failingSyncs = "";
  private int syncsToFail;
  private boolean isSound = true;
  private long bytesWritten;
  private long syncs;
  private long syncsFailed;
  private long writesRefused;
  private long unsyncedBytesLost;
  private long nameChangesLost;
  private long slowedNanos;
  private long flippedBitsRead;

  SimulatedDisk(String machine, Scheduler scheduler, SeededRandomness seed, boolean lively) {
    this.machine = machine;
    this.scheduler = scheduler;
    this.latency = seed.child("latency");
    this.crashes = seed.child("crashes");
    int syncNanos = 50_000 << seed.child("knobs").nextInt(6);
    this.sync = lively ? Pace.ofSync(seed.child("pace")) : Pace.steady(syncNanos / 2, syncNanos);
  }

  @Override
  public DiskFile open(String path) throws IOException {
    call("disk.open", path);
    return new Handle(path, file(path));
  }

  @Override
  public DiskFile create(String path) throws IOException {
    call("disk.create", path);
    String key = DiskNames.normalize(path);
    names.requireDirectory(DiskNames.parent(key));
    if (names.get(key) != null) {
      throw new FileAlreadyExistsException(path);
    }
    SimulatedFile file = new SimulatedFile(++fileIds);
    names.change(List.of(new DiskNames.Name(key, Optional.of(file))));
    return new Handle(path, file);
  }

  @Override
  public boolean exists(String path) {
    call("disk.exists", path);
    return names.get(DiskNames.normalize(path)) != null;
  }

  @Override
  public List<String> list(String directory) throws IOException {
    call("disk.list", directory);
    return names.children(directory);
  }

  @Override
  public void createDirectories(String directory) throws IOException {
    call("disk.createDirectories", directory);
    String key = DiskNames.normalize(directory);
    for (int end = 0; end >= 0 && !key.isEmpty(); ) {
      end = key.indexOf('/', end + 1);
      String part = end < 0 ? key : key.substring(0, end);
      DiskNames.Entry entry = names.get(part);
      if (entry instanceof SimulatedFile) {
        throw new FileAlreadyExistsException(part);
      } else if (entry == null) {
        names.change(List.of(new DiskNames.Name(part, Optional.of(DiskNames.DIRECTORY))));
      }
    }
  }

  @Override
  public void rename(String from, String to) throws IOException {
    call("disk.rename", from + "\0" + to);
    SimulatedFile file = file(from);
    String target = DiskNames.normalize(to);
    names.requireDirectory(DiskNames.parent(target));
    switch (names.get(target)) {
      case DiskNames.Directory _ -> throw new IOException("is a directory: " + to);
      case SimulatedFile replaced when replaced != file -> usedBytes -= replaced.size();
      case null, default -> {}
    }
    if (!DiskNames.normalize(from).equals(target)) {
      names.change(
          List.of(
              new DiskNames.Name(DiskNames.normalize(from), Optional.empty()),
              new DiskNames.Name(target, Optional.of(file))));
    }
  }

  @Override
  public void delete(String path) throws IOException {
    call("disk.delete", path);
    String key = DiskNames.normalize(path);
    switch (names.get(key)) {
      case null -> throw new NoSuchFileException(path);
      case SimulatedFile file -> usedBytes -= file.size();
      case DiskNames.Directory _ -> {
        if (key.isEmpty() || !names.children(key).isEmpty()) {
          throw new java.nio.file.DirectoryNotEmptyException(path);
        }
      }
    }
    names.change(List.of(new DiskNames.Name(key, Optional.empty())));
  }

  @Override
  public void syncDirectory(String directory) throws IOException {
    call("disk.syncDirectory", directory);
    String key = DiskNames.normalize(directory);
    names.requireDirectory(key);
    List<DiskNames.Change> due = names.changesToSync(key);
    syncOrFail(directory);
    if (!cache.keeps(due)) {
      names.synced(due);
    }
  }

  /** How long its syncs take, for people. */
  String pace() {
    return machine + " sync " + sync;
  }

  /** Waits as long as a sync takes; then fails if a test asked for that. */
  private void syncOrFail(String path) throws IOException {
    scheduler.sleep(sync.draw(latency) + slowNanos);
    slowedNanos += slowNanos;
    if (syncsToFail > 0 && DiskNames.normalize(path).startsWith(failingSyncs)) {
      syncsToFail--;
      isSound = false;
      syncsFailed++;
      throw new IOException("could not sync " + path + " on " + machine + ": Input/output error");
    }
    syncs++;
  }

  private SimulatedFile file(String path) throws IOException {
    return switch (names.get(DiskNames.normalize(path))) {
      case null -> throw new NoSuchFileException(path);
      case DiskNames.Directory _ -> throw new IOException("is a directory: " + path);
      case SimulatedFile file -> file;
    };
  }

  /** Cuts the power. The disk's own seed decides what survives for the next process. */
  Loss crash(UnsyncedWrites mode) {
    return crash(mode, crashes);
  }

  Loss crash(UnsyncedWrites mode, SeededRandomness random) {
    int keptChanges =
        switch (mode) {
          case LOSE_ALL -> 0;
          case KEEP_ALL -> names.unsyncedCount();
          case LOSE_SOME, TEAR -> random.nextInt(names.unsyncedCount() + 1);
        };
    int lostChanges = names.unsyncedCount() - keptChanges;
    cache.powerCut();
    int filesHit = 0;
    long bytesLost = 0;
    for (SimulatedFile file : names.crash(keptChanges)) {
      long lost = file.crash(mode, random);
      bytesLost += lost;
      filesHit += lost > 0 ? 1 : 0;
    }
    usedBytes = names.files().stream().mapToLong(SimulatedFile::size).sum();
    unsyncedBytesLost += bytesLost;
    nameChangesLost += lostChanges;
    return new Loss(mode, filesHit, bytesLost, lostChanges);
  }

  /** What a power cut now would leave if no unsynced write had reached the platter. */
  public DiskImage flushedImage() {
    return new DiskImage(machine + ", without unsynced writes", names.image(false));
  }

  /** What a process sees now. */
  public DiskImage image() {
    return new DiskImage(machine + ", as it is", names.image(true));
  }

  /** The disk as it is at each moment, with or without unsynced writes. */
  public DiskView view(boolean withUnsynced) {
    return new DiskView(names, withUnsynced);
  }

  public Counters counters() {
    return new Counters(
        bytesWritten,
        syncs,
        syncsFailed,
        writesRefused,
        unsyncedBytesLost,
        nameChangesLost,
        slowedNanos,
        flippedBitsRead);
  }

  /**
   * Puts an image on a disk that has no files yet; all of it is durable. The image may be loaded
   * once.
   */
  public void load(DiskImage image) {
    scheduler.portCall("disk.load " + machine, 0, 0);
    image
        .entries()
        .forEach(
            (path, content) -> {
              DiskNames.Entry entry = DiskNames.DIRECTORY;
              if (content.isPresent()) {
                SimulatedFile file = new SimulatedFile(++fileIds);
                file.load(content.get());
                usedBytes += file.size();
                entry = file;
              }
              names.change(List.of(new DiskNames.Name(path, Optional.of(entry))));
            });
    names.crash(names.unsyncedCount());
  }

  /** Bytes written and not yet synced. */
  public long unsyncedBytes() {
    return names.files().stream().mapToLong(SimulatedFile::unsyncedBytes).sum();
  }

  /** Makes the next {@code count} syncs of paths with this prefix fail. */
  public void failSyncs(String pathPrefix, int count) {
    scheduler.portCall("disk.failSyncs " + machine, pathPrefix.hashCode(), count);
    failingSyncs = pathPrefix;
    syncsToFail = count;
  }

  /** Lets the disk take this many bytes more; a negative number removes the bound. */
  public void limitSpace(long bytes) {
    scheduler.portCall("disk.limitSpace " + machine, bytes, 0);
    capacityBytes = bytes < 0 ? Long.MAX_VALUE : usedBytes + bytes;
  }

  /** Makes every read, write and sync take this much longer. */
  public void slowDown(long nanos) {
    scheduler.portCall("disk.slowDown " + machine, nanos, 0);
    slowNanos = nanos;
  }

  /** Makes one bit of a file read wrong until it is written over or {@link #restoreBit}. */
  public void flipBit(String path, long bit) throws IOException {
    scheduler.portCall("disk.flipBit " + machine, path.hashCode(), bit);
    file(path).flipBit(bit);
    isSound = false;
  }

  /** Damages a part of a file; a NoSuchFileException says that there is none. */
  public FileDamage damage(String path, FileDamage.Kind kind, long offset, long length)
      throws IOException {
    scheduler.portCall("disk.damage " + machine, path.hashCode(), offset);
    FileDamage damage = file(path).damage(kind, offset, length);
    isSound = false;
    return damage;
  }

  /**
   * Sets whether syncs lie: they return as ever, and what they were to make durable stays in a
   * cache that a power cut empties. When the lies end, the cache is written to the platter.
   */
  public void lie(boolean lies) {
    scheduler.portCall("disk.lie " + machine, lies ? 1 : 0, 0);
    isSound &= !lies;
    cache.lie(lies);
  }

  /** How many syncs had something to make durable and did not. */
  public long syncsThatLied() {
    return cache.lies();
  }

  /** Whether it has done what it was told since it was made, or since {@link #madeSound}. */
  public boolean isSound() {
    return isSound;
  }

  /** All that is on it is new. */
  public void madeSound() {
    isSound = !cache.isLying();
  }

  /** Makes the bit read as written again. Does nothing if it is not flipped. */
  public void restoreBit(String path, long bit) {
    scheduler.portCall("disk.restoreBit " + machine, path.hashCode(), bit);
    if (names.get(DiskNames.normalize(path)) instanceof SimulatedFile file) {
      file.restoreBit(bit);
    }
  }

  private void call(String kind, String path) {
    scheduler.portCall(kind, path.hashCode(), machine.hashCode());
  }

  private final class Handle implements DiskFile {
    private final String path;
    private final SimulatedFile file;
    private boolean closed;

    Handle(String path, SimulatedFile file) {
      this.path = path;
      this.file = file;
    }

    @Override
    public int read(long offset, ByteBuffer target) throws IOException {
      enter("disk.read", offset, target.remaining());
      slow();
      SimulatedFile.Reading reading = file.read(offset, target);
      flippedBitsRead += reading.flippedBits();
      return reading.bytes();
    }

    @Override
    public void write(long offset, ByteBuffer source) throws IOException {
      enter("disk.write", offset, (Trace.checksum(source) << 32) | source.remaining());
      slow();
      byte[] bytes = new byte[source.remaining()];
      grow(Math.max(file.size(), offset + bytes.length));
      source.get(bytes);
      file.write(offset, bytes);
      bytesWritten += bytes.length;
    }

    @Override
    public long size() throws IOException {
      enter("disk.size", 0, 0);
      return file.size();
    }

    @Override
    public void truncate(long size) throws IOException {
      enter("disk.truncate", size, 0);
      grow(size);
      file.truncate(size);
    }

    private void grow(long size) throws IOException {
      long more = size - file.size();
      if (more > 0 && usedBytes + more > capacityBytes) {
        writesRefused++;
        throw new IOException(
            "could not write " + path + " on " + machine + ": No space left on device");
      }
      usedBytes += more;
    }

    @Override
    public void sync() throws IOException {
      enter("disk.sync", 0, 0);
      long lastChange = file.lastChange();
      try {
        syncOrFail(path);
      } catch (IOException failure) {
        file.forgotten(lastChange);
        throw failure;
      }
      if (!cache.keeps(file, lastChange)) {
        file.synced(lastChange);
      }
    }

    /** Changes nothing: the writes may be lost until they are synced. */
    @Override
    public void writeBack(long offset, long length) throws IOException {
      enter("disk.writeBack", offset, length);
      slow();
    }

    @Override
    public void close() {
      scheduler.portCall("disk.close", file.id, 0);
      closed = true;
    }

    private void slow() {
      scheduler.sleep(slowNanos);
      slowedNanos += slowNanos;
    }

    private void enter(String kind, long a, long b) throws IOException {
      scheduler.portCall(kind, (file.id << 40) ^ a, b);
      if (closed) {
        throw new ClosedChannelException();
      }
    }
  }
}
