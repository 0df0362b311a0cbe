package phaistos.server.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import phaistos.environment.Disk;
import phaistos.environment.DiskFile;
import phaistos.environment.Tasks;
import phaistos.formats.Lsn;
import phaistos.formats.RelationLocator;
import phaistos.server.errors.CriticalSections;
import phaistos.server.errors.PgError;
import phaistos.server.steps.PageWrite;
import phaistos.server.steps.Steps;
import phaistos.server.steps.StorageSteps;

/**
 * The pages of tables (bufmgr.c, md.c). A page stays in memory until its relation is dropped. There
 * is no eviction, so the JVM's memory limits the tables. Checkpoints write pages to disk, each
 * after the WAL up to its LSN. Thread-safe.
 */
public final class BufferPool {
  private static final int PAGE = 8192;
  private static final int BLOCKS_MAX = 131_072;

  private final Disk disk;
  private final RelationFiles files;
  private final Tasks tasks;
  private final Consumer<Lsn> flushWal;
  private final Steps steps;
  private final CriticalSections critical;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<RelationLocator, Relation> relations = new HashMap<>();
  private final AtomicLong buffersWritten = new AtomicLong();

  /** Relations whose drop is committed or about to be. */
  private final Set<RelationLocator> closed = new HashSet<>();

  private static final class Relation {
    final RelationLocator locator;
    final List<Buffer> buffers = new ArrayList<>();
    int blocksOnDisk;

    Relation(RelationLocator locator) {
      this.locator = locator;
    }
  }

  /**
   * @param flushWal flushes the WAL up to an LSN
   */
  public BufferPool(
      Disk disk, Tasks tasks, Consumer<Lsn> flushWal, Steps steps, CriticalSections critical) {
    this.disk = disk;
    this.files = new RelationFiles(disk, this::isKnown);
    this.steps = steps;
    this.critical = critical;
    this.tasks = tasks;
    this.flushWal = flushWal;
  }

  /** The number of pages of a relation; 0 if it has no file. */
  public int blocks(RelationLocator locator) {
    lock.lock();
    try {
      return relation(locator).buffers.size();
    } finally {
      lock.unlock();
    }
  }

  /** A page that exists. */
  public Buffer get(RelationLocator locator, int block) {
    tasks.yieldPoint();
    lock.lock();
    try {
      return load(relation(locator), block);
    } finally {
      lock.unlock();
    }
  }

  /** A page, or empty if the relation has become shorter. */
  public Optional<Buffer> find(RelationLocator locator, int block) {
    tasks.yieldPoint();
    lock.lock();
    try {
      Relation relation = relation(locator);
      return block < relation.buffers.size()
          ? Optional.of(load(relation, block))
          : Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  /** A new zeroed page after the last one. */
  public Buffer extend(RelationLocator locator) {
    lock.lock();
    try {
      Relation relation = relation(locator);
      return add(relation);
    } finally {
      lock.unlock();
    }
  }

  /** A page for replay. Creates it, and the pages before it, if they do not exist. */
  public Buffer getOrExtend(RelationLocator locator, int block) {
    lock.lock();
    try {
      Relation relation = relation(locator);
      while (relation.buffers.size() <= block) {
        add(relation);
      }
      return load(relation, block);
    } finally {
      lock.unlock();
    }
  }

  /** Creates an empty file; the record of its creation is in the WAL already. */
  public void create(RelationLocator locator) {
    lock.lock();
    try {
      relations.remove(locator);
      steps.step(StorageSteps.RELATION_CREATE, locator, () -> createFile(locator));
    } catch (IOException e) {
      throw ioError("create", locator, e);
    } finally {
      lock.unlock();
    }
  }

  private void createFile(RelationLocator locator) throws IOException {
    disk.createDirectories(RelationFiles.directory(locator));
    if (!disk.exists(locator.path())) {
      disk.create(locator.path()).close();
    }
  }

  /**
   * The record that drops a relation comes next: from now on no record changes one of its pages,
   * since replay of the drop would leave none to change.
   */
  public void close(RelationLocator locator) {
    List<Buffer> loaded;
    lock.lock();
    try {
      closed.add(locator);
      loaded = relation(locator).buffers.stream().filter(buffer -> buffer != null).toList();
    } finally {
      lock.unlock();
    }
    for (Buffer buffer : loaded) {
      buffer.lock().lock();
      buffer.close();
      buffer.lock().unlock();
    }
  }

  /** Forgets the pages and removes the file. */
  public void drop(RelationLocator locator) {
    lock.lock();
    try {
      steps.step(
          StorageSteps.RELATION_DROP,
          locator,
          () -> {
            relations.remove(locator);
            if (disk.exists(locator.path())) {
              disk.delete(locator.path());
            }
          });
    } catch (IOException e) {
      throw ioError("remove", locator, e);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Truncates a relation to this many pages, in memory and durably on disk. No checkpoint that
   * begins after the record can end before the file is cut.
   *
   * @param log makes the record durable, if there is one to make
   */
  public void truncate(RelationLocator locator, int blocks, Runnable log) {
    lock.lock();
    try {
      requireOpen(locator);
      steps.step(
          StorageSteps.RELATION_TRUNCATE,
          locator,
          () ->
              critical.run(
                  "truncating a relation",
                  () -> {
                    log.run();
                    cut(locator, blocks);
                  }));
    } finally {
      lock.unlock();
    }
  }

  private void cut(RelationLocator locator, int blocks) {
    try {
      Relation relation = relation(locator);
      if (relation.buffers.size() > blocks) {
        List<Buffer> gone = relation.buffers.subList(blocks, relation.buffers.size());
        gone.stream().filter(buffer -> buffer != null).forEach(Buffer::remove);
        gone.clear();
      }
      if (disk.exists(locator.path())) {
        try (DiskFile file = disk.open(locator.path())) {
          if (file.size() > (long) blocks * PAGE) {
            file.truncate((long) blocks * PAGE);
            file.sync();
          }
        }
      }
    } catch (IOException e) {
      throw ioError("truncate", locator, e);
    }
  }

  /** Called after each page of a checkpoint; may wait. */
  @FunctionalInterface
  public interface Pace {
    /**
     * @param written pages so far
     * @param total pages of this checkpoint
     */
    void wrote(int written, int total);
  }

  /**
   * Writes the pages that are dirty now, then makes them durable (BufferSync, ProcessSyncRequests);
   * returns their number.
   */
  public int flush(Pace pace) {
    List<Buffer> dirty = new ArrayList<>();
    lock.lock();
    try {
      for (Relation relation : relations.values()) {
        for (Buffer buffer : relation.buffers) {
          if (buffer != null && buffer.isDirty()) {
            dirty.add(buffer);
          }
        }
      }
    } finally {
      lock.unlock();
    }
    dirty.sort(
        Comparator.comparing((Buffer b) -> b.relation().path()).thenComparing(Buffer::block));
    writeAll(dirty, pace);
    return dirty.size();
  }

  public long buffersWritten() {
    return buffersWritten.get();
  }

  private void writeAll(List<Buffer> dirty, Pace pace) {
    TreeMap<String, RelationLocator> touched = new TreeMap<>();
    TreeSet<String> directories = new TreeSet<>();
    int written = 0;
    RelationFiles.Open open = files.new Open();
    for (Buffer buffer : dirty) {
      RelationLocator locator = buffer.relation();
      Optional<Relation> relation = current(buffer);
      if (relation.isPresent()) {
        files.orPanic(locator, () -> writePage(buffer, open.of(locator, relation.get())));
        touched.put(locator.path(), locator);
        directories.add(RelationFiles.directory(locator));
      }
      pace.wrote(++written, dirty.size());
    }
    try {
      open.close();
    } catch (IOException e) {
      throw PgError.panic("could not close a relation's file: " + e.getMessage(), e);
    }
    touched
        .values()
        .forEach(
            locator ->
                files.onFile(
                    locator,
                    file -> steps.step(StorageSteps.RELATION_SYNC, locator.path(), file::sync)));
    try {
      for (String directory : directories) {
        steps.step(
            StorageSteps.RELATION_DIRECTORY_SYNC, directory, () -> disk.syncDirectory(directory));
      }
    } catch (IOException e) {
      throw PgError.panic("could not fsync directory: " + e.getMessage(), e);
    }
  }

  private void writePage(Buffer buffer, DiskFile file) throws IOException {
    byte[] copy;
    Lsn lsn;
    buffer.lock().lock();
    try {
      // a page that a PANIC left half changed must not reach the disk
      critical.check();
      copy = buffer.page().clone();
      lsn = buffer.pageLsn();
      buffer.clean();
    } finally {
      buffer.lock().unlock();
    }
    steps.step(StorageSteps.BUFFER_WAL_FLUSH, lsn, () -> flushWal.accept(lsn));
    long offset = (long) buffer.block() * PAGE;
    steps.step(
        StorageSteps.BUFFER_WRITE,
        new PageWrite(buffer.relation().path(), offset, copy),
        () -> file.write(offset, ByteBuffer.wrap(copy)));
    buffersWritten.incrementAndGet();
  }

  private boolean isKnown(RelationLocator locator) {
    lock.lock();
    try {
      return relations.containsKey(locator);
    } finally {
      lock.unlock();
    }
  }

  /** The relation of a page that is still its page. */
  private Optional<Relation> current(Buffer buffer) {
    lock.lock();
    try {
      return Optional.ofNullable(relations.get(buffer.relation()))
          .filter(
              relation ->
                  relation.buffers.size() > buffer.block()
                      && relation.buffers.get(buffer.block()) == buffer);
    } finally {
      lock.unlock();
    }
  }

  private Relation relation(RelationLocator locator) {
    Relation relation = relations.get(locator);
    if (relation == null) {
      relation = new Relation(locator);
      try (DiskFile file = disk.open(locator.path())) {
        relation.blocksOnDisk = (int) ((file.size() + PAGE - 1) / PAGE);
        for (int i = 0; i < relation.blocksOnDisk; i++) {
          relation.buffers.add(null);
        }
      } catch (NoSuchFileException e) {
        // no page yet
      } catch (IOException e) {
        throw ioError("open", locator, e);
      }
      relations.put(locator, relation);
    }
    return relation;
  }

  private Buffer add(Relation relation) {
    requireOpen(relation.locator);
    if (relation.buffers.size() >= BLOCKS_MAX) {
      throw PgError.error("54000", "relation is larger than 1 GB, which this server cannot store");
    }
    Buffer buffer = new Buffer(relation.locator, relation.buffers.size(), new byte[PAGE]);
    relation.buffers.add(buffer);
    return buffer;
  }

  private Buffer load(Relation relation, int block) {
    if (block >= relation.buffers.size()) {
      throw PgError.error(
          "XX001",
          "could not read block %d in file \"%s\"".formatted(block, relation.locator.path()));
    }
    Buffer buffer = relation.buffers.get(block);
    if (buffer == null) {
      byte[] page = new byte[PAGE];
      try (DiskFile file = disk.open(relation.locator.path())) {
        steps.step(
            StorageSteps.BUFFER_READ,
            relation.locator,
            () -> file.read((long) block * PAGE, ByteBuffer.wrap(page)));
      } catch (IOException e) {
        throw ioError("read", relation.locator, e);
      }
      buffer = new Buffer(relation.locator, block, page);
      if (closed.contains(relation.locator)) {
        buffer.close();
      }
      relation.buffers.set(block, buffer);
    }
    return buffer;
  }

  private void requireOpen(RelationLocator locator) {
    if (closed.contains(locator)) {
      throw PgError.error(
          "42P01", "relation with OID %d does not exist".formatted(locator.relation()));
    }
  }

  private static PgError ioError(String what, RelationLocator locator, IOException e) {
    return PgError.error(
        "58030", "could not %s file \"%s\": %s".formatted(what, locator.path(), e.getMessage()));
  }
}
