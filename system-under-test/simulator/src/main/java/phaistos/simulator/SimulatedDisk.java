package phaistos.simulator;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import phaistos.environment.Disk;
import phaistos.environment.DiskFile;
import phaistos.environment.SeededRandomness;

/**
 * The disk of one machine. It outlives the machine's processes.
 *
 * <p>Fault model. A write reaches the page cache, where every reader sees it; a process that is
 * killed takes nothing with it. {@link DiskFile#sync} makes content and size durable when it
 * returns; a power cut before that leaves what {@link UnsyncedWrites} says: nothing of it, each
 * page or sector of it as of some moment since the last sync (so writes are lost, torn and
 * reordered), or all. Names are durable after {@link #syncDirectory} only, whatever was synced of
 * the files behind them; unsynced changes of names are lost from some moment on, and a rename is
 * one step even between two directories. A failed sync leaves its writes in the page cache as if
 * they were clean: no later sync writes them. A full disk refuses to make files longer. Bits flip
 * where a test says so, on the platter and in the cache, and stay flipped.
 *
 * <p>Not modelled: misdirected writes, a sync that lies, errors that come and go on their own, and
 * damage to directories.
 */
public final class SimulatedDisk implements Disk {
  /** What a path names. */
  sealed interface Entry permits SimulatedFile, Directory {}

  private record Directory() implements Entry {}

  /** What one power cut took. */
  public record Loss(UnsyncedWrites mode, int files, long bytes, int nameChanges) {}

  /** What has happened on a disk since its machine was made. */
  public record Counters(
      long bytesWritten,
      long syncs,
      long syncsFailed,
      long writesRefused,
      long unsyncedBytesLost,
      long nameChangesLost) {}

  private record Name(String path, Optional<Entry> entry) {}

  private record NameChange(long number, List<Name> names) {}

  private static final Directory DIRECTORY = new Directory();

  private final String machine;
  private final Scheduler scheduler;
  private final SeededRandomness latency;
  private final SeededRandomness crashes;
  private final int syncNanos;
  private final TreeMap<String, Entry> names = new TreeMap<>();
  private final TreeMap<String, Entry> durableNames = new TreeMap<>();
  private List<NameChange> unsyncedNames = new ArrayList<>();
  private long fileIds;
  private long nameChanges;
  private long usedBytes;
  private long capacityBytes = Long.MAX_VALUE;
  private long slowNanos;
  private String failingSyncs = "";
  private int syncsToFail;
  private Counters counters = new Counters(0, 0, 0, 0, 0, 0);

  SimulatedDisk(String machine, Scheduler scheduler, SeededRandomness seed) {
    this.machine = machine;
    this.scheduler = scheduler;
    this.latency = seed.child("latency");
    this.crashes = seed.child("crashes");
    this.syncNanos = 50_000 << seed.child("knobs").nextInt(6);
    names.put("", DIRECTORY);
    durableNames.put("", DIRECTORY);
  }

  @Override
  public DiskFile open(String path) throws IOException {
    call("disk.open", path);
    return new Handle(path, file(path));
  }

  @Override
  public DiskFile create(String path) throws IOException {
    call("disk.create", path);
    String key = normalize(path);
    requireDirectory(parent(key));
    if (names.containsKey(key)) {
      throw new FileAlreadyExistsException(path);
    }
    SimulatedFile file = new SimulatedFile(++fileIds);
    change(List.of(new Name(key, Optional.of(file))));
    return new Handle(path, file);
  }

  @Override
  public boolean exists(String path) {
    call("disk.exists", path);
    return names.containsKey(normalize(path));
  }

  @Override
  public List<String> list(String directory) throws IOException {
    call("disk.list", directory);
    return children(names, directory, DIRECTORY::equals);
  }

  @Override
  public void createDirectories(String directory) throws IOException {
    call("disk.createDirectories", directory);
    String key = normalize(directory);
    for (int end = 0; end >= 0 && !key.isEmpty(); ) {
      end = key.indexOf('/', end + 1);
      String part = end < 0 ? key : key.substring(0, end);
      Entry entry = names.get(part);
      if (entry instanceof SimulatedFile) {
        throw new FileAlreadyExistsException(part);
      } else if (entry == null) {
        change(List.of(new Name(part, Optional.of(DIRECTORY))));
      }
    }
  }

  @Override
  public void rename(String from, String to) throws IOException {
    call("disk.rename", from + "\0" + to);
    SimulatedFile file = file(from);
    String target = normalize(to);
    requireDirectory(parent(target));
    switch (names.get(target)) {
      case Directory _ -> throw new IOException("is a directory: " + to);
      case SimulatedFile replaced when replaced != file -> usedBytes -= replaced.size();
      case null, default -> {}
    }
    if (!normalize(from).equals(target)) {
      change(
          List.of(
              new Name(normalize(from), Optional.empty()), new Name(target, Optional.of(file))));
    }
  }

  @Override
  public void delete(String path) throws IOException {
    call("disk.delete", path);
    String key = normalize(path);
    switch (names.get(key)) {
      case null -> throw new NoSuchFileException(path);
      case SimulatedFile file -> usedBytes -= file.size();
      case Directory _ -> {
        if (key.isEmpty() || !children(names, key, DIRECTORY::equals).isEmpty()) {
          throw new java.nio.file.DirectoryNotEmptyException(path);
        }
      }
    }
    change(List.of(new Name(key, Optional.empty())));
  }

  @Override
  public void syncDirectory(String directory) throws IOException {
    call("disk.syncDirectory", directory);
    String key = normalize(directory);
    requireDirectory(key);
    List<NameChange> due = changesToSync(key);
    syncOrFail(directory);
    for (NameChange change : due) {
      change.names.forEach(name -> put(durableNames, name));
    }
    unsyncedNames.removeIf(due::contains);
  }

  /**
   * The changes of names in a directory, and before them whatever else changed one of the names
   * that these changes touch: a rename brings its other half with it.
   */
  private List<NameChange> changesToSync(String directory) {
    Set<String> touched = new HashSet<>();
    List<NameChange> due = new ArrayList<>();
    for (NameChange change : unsyncedNames.reversed()) {
      boolean wanted =
          change.names.stream()
              .anyMatch(
                  name ->
                      (!name.path.isEmpty() && parent(name.path).equals(directory))
                          || touched.contains(name.path));
      if (wanted) {
        change.names.forEach(name -> touched.add(name.path));
        due.add(change);
      }
    }
    return due.reversed();
  }

  /** Waits as long as a sync takes; then fails if a test wants it so. */
  private void syncOrFail(String path) throws IOException {
    scheduler.sleep(syncNanos / 2 + latency.nextInt(syncNanos) + slowNanos);
    if (syncsToFail > 0 && normalize(path).startsWith(failingSyncs)) {
      syncsToFail--;
      count(0, 0, 1, 0);
      throw new IOException("could not sync " + path + " on " + machine + ": Input/output error");
    }
    count(0, 1, 0, 0);
  }

  private void change(List<Name> changed) {
    changed.forEach(name -> put(names, name));
    unsyncedNames.add(new NameChange(++nameChanges, changed));
  }

  private static void put(TreeMap<String, Entry> names, Name name) {
    if (name.entry.isPresent()) {
      names.put(name.path, name.entry.get());
    } else {
      names.remove(name.path);
    }
  }

  private SimulatedFile file(String path) throws IOException {
    return switch (names.get(normalize(path))) {
      case null -> throw new NoSuchFileException(path);
      case Directory _ -> throw new IOException("is a directory: " + path);
      case SimulatedFile file -> file;
    };
  }

  private void requireDirectory(String key) throws NoSuchFileException {
    if (!(names.get(key) instanceof Directory)) {
      throw new NoSuchFileException(key);
    }
  }

  /** Without slashes at its ends; the root is the empty path. */
  static String normalize(String path) {
    String key = path.equals(".") ? "" : path;
    while (key.endsWith("/")) {
      key = key.substring(0, key.length() - 1);
    }
    if (key.startsWith("/") || key.contains("//") || List.of(key.split("/")).contains("..")) {
      throw new IllegalArgumentException("path leads out of the disk: path=" + path);
    }
    return key;
  }

  private static String parent(String key) {
    int slash = key.lastIndexOf('/');
    return slash < 0 ? "" : key.substring(0, slash);
  }

  static <E> List<String> children(
      SortedMap<String, E> names, String directory, Predicate<E> isDirectory)
      throws NoSuchFileException {
    String key = normalize(directory);
    E entry = names.get(key);
    if (entry == null || !isDirectory.test(entry)) {
      throw new NoSuchFileException(directory);
    }
    String prefix = key.isEmpty() ? "" : key + "/";
    List<String> children = new ArrayList<>();
    for (String path : names.tailMap(prefix).keySet()) {
      if (!path.startsWith(prefix)) {
        break;
      }
      String name = path.substring(prefix.length());
      if (!name.isEmpty() && name.indexOf('/') < 0) {
        children.add(name);
      }
    }
    return children;
  }

  /** The power goes; what survives is what the next process finds. */
  Loss crash(UnsyncedWrites mode) {
    int keptChanges =
        switch (mode) {
          case LOSE_ALL -> 0;
          case KEEP_ALL -> unsyncedNames.size();
          case LOSE_SOME, TEAR -> crashes.nextInt(unsyncedNames.size() + 1);
        };
    int lostChanges = unsyncedNames.size() - keptChanges;
    Set<SimulatedFile> files = new java.util.LinkedHashSet<>();
    collectFiles(names, files);
    for (NameChange change : unsyncedNames.subList(0, keptChanges)) {
      change.names.forEach(name -> put(durableNames, name));
    }
    durableNames.keySet().removeIf(path -> !hasParents(path));
    collectFiles(durableNames, files);
    int filesHit = 0;
    long bytesLost = 0;
    for (SimulatedFile file : files) {
      long lost = file.crash(mode, crashes);
      bytesLost += lost;
      filesHit += lost > 0 ? 1 : 0;
    }
    unsyncedNames = new ArrayList<>();
    names.clear();
    names.putAll(durableNames);
    usedBytes = 0;
    collectFiles(names, files = new java.util.LinkedHashSet<>());
    for (SimulatedFile file : files) {
      usedBytes += file.size();
    }
    counters =
        new Counters(
            counters.bytesWritten,
            counters.syncs,
            counters.syncsFailed,
            counters.writesRefused,
            counters.unsyncedBytesLost + bytesLost,
            counters.nameChangesLost + lostChanges);
    return new Loss(mode, filesHit, bytesLost, lostChanges);
  }

  private boolean hasParents(String path) {
    for (String key = path; !key.isEmpty(); key = parent(key)) {
      if (!(durableNames.get(parent(key)) instanceof Directory)) {
        return false;
      }
    }
    return true;
  }

  private static void collectFiles(TreeMap<String, Entry> names, Set<SimulatedFile> files) {
    for (Entry entry : names.values()) {
      if (entry instanceof SimulatedFile file) {
        files.add(file);
      }
    }
  }

  /** What would be found if the power went now and nothing unsynced had reached the platter. */
  public DiskImage flushedImage() {
    return image(durableNames, false, machine + ", without unsynced writes");
  }

  /** What a process sees now. */
  public DiskImage image() {
    return image(names, true, machine + ", as it is");
  }

  private DiskImage image(TreeMap<String, Entry> from, boolean withUnsynced, String description) {
    TreeMap<String, Optional<Pages>> copy = new TreeMap<>();
    from.forEach(
        (path, entry) ->
            copy.put(
                path,
                entry instanceof SimulatedFile file
                    ? Optional.of(file.image(withUnsynced))
                    : Optional.empty()));
    return new DiskImage(description, copy);
  }

  public Counters counters() {
    return counters;
  }

  /** Bytes written and not yet synced. */
  public long unsyncedBytes() {
    Set<SimulatedFile> files = new java.util.LinkedHashSet<>();
    collectFiles(names, files);
    return files.stream().mapToLong(SimulatedFile::unsyncedBytes).sum();
  }

  /** The next {@code count} syncs of files and directories whose path starts so fail. */
  public void failSyncs(String pathPrefix, int count) {
    scheduler.portCall("disk.failSyncs " + machine, pathPrefix.hashCode(), count);
    failingSyncs = pathPrefix;
    syncsToFail = count;
  }

  /** Room for this many bytes more; a negative number takes the bound away. */
  public void limitSpace(long bytes) {
    scheduler.portCall("disk.limitSpace " + machine, bytes, 0);
    capacityBytes = bytes < 0 ? Long.MAX_VALUE : usedBytes + bytes;
  }

  /** Every read, write and sync takes so much longer. */
  public void slowDown(long nanos) {
    scheduler.portCall("disk.slowDown " + machine, nanos, 0);
    slowNanos = nanos;
  }

  /**
   * Flips one bit of a file for good.
   *
   * @throws NoSuchFileException if there is no such file
   */
  public void flipBit(String path, long bit) throws IOException {
    scheduler.portCall("disk.flipBit " + machine, path.hashCode(), bit);
    file(path).flipBit(bit);
  }

  private void call(String kind, String path) {
    scheduler.portCall(kind, path.hashCode(), machine.hashCode());
  }

  private void count(long bytes, int syncs, int failed, int refused) {
    counters =
        new Counters(
            counters.bytesWritten + bytes,
            counters.syncs + syncs,
            counters.syncsFailed + failed,
            counters.writesRefused + refused,
            counters.unsyncedBytesLost,
            counters.nameChangesLost);
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
      scheduler.sleep(slowNanos);
      return file.read(offset, target);
    }

    @Override
    public void write(long offset, ByteBuffer source) throws IOException {
      enter("disk.write", offset, (Trace.checksum(source) << 32) | source.remaining());
      scheduler.sleep(slowNanos);
      byte[] bytes = new byte[source.remaining()];
      grow(Math.max(file.size(), offset + bytes.length));
      source.get(bytes);
      file.write(offset, bytes);
      count(bytes.length, 0, 0, 0);
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
        count(0, 0, 0, 1);
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
      file.synced(lastChange);
    }

    @Override
    public void close() {
      scheduler.portCall("disk.close", file.id, 0);
      closed = true;
    }

    private void enter(String kind, long a, long b) throws IOException {
      scheduler.portCall(kind, (file.id << 40) ^ a, b);
      if (closed) {
        throw new ClosedChannelException();
      }
    }
  }
}
