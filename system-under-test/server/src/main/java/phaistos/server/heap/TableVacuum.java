package phaistos.server.heap;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import phaistos.formats.Lsn;
import phaistos.formats.Padding;
import phaistos.formats.RelationLocator;
import phaistos.formats.Xid;
import phaistos.formats.heap.HeapPage;
import phaistos.formats.heap.HeapPage.LineState;
import phaistos.formats.record.Heap2Body;
import phaistos.formats.record.StorageBody;
import phaistos.server.errors.CriticalSections;
import phaistos.server.steps.Steps;
import phaistos.server.steps.StorageSteps;
import phaistos.server.storage.Buffer;
import phaistos.server.storage.BufferPool;
import phaistos.server.wal.BlockChange;
import phaistos.server.wal.Wal;

/**
 * VACUUM of one table's pages (vacuumlazy.c). The first pass prunes and freezes each page and
 * collects the dead line pointers; then their index entries go; the second pass makes them unused.
 * At last empty pages at the end of the file are cut off. There is no visibility map: each VACUUM
 * reads all pages. Thread-safe; one run for each table at a time.
 */
public final class TableVacuum {
  /** Dead line pointers that are collected before the indexes are cleaned. */
  private static final int DEAD_MAX = 1_000_000;

  /** With dead line pointers on fewer pages than this share, the indexes are left alone. */
  private static final double BYPASS_PAGES = 0.02;

  private static final int TRUNCATE_PAGES = 1000;
  private static final int TRUNCATE_FRACTION = 16;

  private final BufferPool buffers;
  private final Wal wal;
  private final Visibility visibility;
  private final FreeSpace space;
  private final Pruning pruning;
  private final Steps steps;
  private final CriticalSections critical;

  TableVacuum(
      BufferPool buffers,
      Wal wal,
      Visibility visibility,
      FreeSpace space,
      Pruning pruning,
      Steps steps,
      CriticalSections critical) {
    this.buffers = buffers;
    this.wal = wal;
    this.visibility = visibility;
    this.space = space;
    this.pruning = pruning;
    this.steps = steps;
    this.critical = critical;
  }

  /**
   * What a VACUUM is to do.
   *
   * @param oldestXmin versions that older transactions have ended are removed
   * @param freezeLimit ids before it are frozen
   * @param hasIndexes whether index entries may refer to line pointers
   * @param alwaysIndexes cleans the indexes even for few dead line pointers
   * @param truncate cuts empty pages off the end
   */
  public record Task(
      RelationLocator table,
      Xid oldestXmin,
      Xid freezeLimit,
      boolean hasIndexes,
      boolean alwaysIndexes,
      boolean truncate) {}

  /** What a VACUUM needs of others. */
  public interface Owner {
    /** Removes the index entries for these line pointers. */
    void removeEntries(Set<Tid> dead);

    /** Called after each page; may wait or throw. */
    void page(boolean changed);
  }

  /**
   * What a VACUUM has done.
   *
   * @param pages that the table has now
   * @param removed versions
   * @param left dead versions that a snapshot may still see, or whose line pointers stay
   * @param frozenXid no row has an id before it that is not frozen
   */
  public record Done(int pages, int cutOff, long removed, long live, long left, Xid frozenXid) {}

  public Done run(Task task, Owner owner) {
    return new Run(task, owner).run();
  }

  /** One VACUUM of one table. */
  private final class Run {
    final Task task;
    final Owner owner;
    final Freezing freezing;
    final TreeMap<Integer, List<Integer>> dead = new TreeMap<>();
    int deadCount;
    int usedPages;
    long removed;
    long live;
    long left;

    Run(Task task, Owner owner) {
      this.task = task;
      this.owner = owner;
      this.freezing = new Freezing(visibility, task.freezeLimit(), task.oldestXmin());
    }

    Done run() {
      int blocks = buffers.blocks(task.table());
      for (int block = 0; block < blocks; block++) {
        Optional<Buffer> buffer = buffers.find(task.table(), block);
        if (buffer.isEmpty()) {
          break;
        }
        owner.page(onPage(buffer.get(), p -> firstPass(p)));
        if (deadCount >= DEAD_MAX) {
          removeDead();
        }
      }
      boolean bypass = !task.alwaysIndexes() && dead.size() < blocks * BYPASS_PAGES;
      if (bypass) {
        left += deadCount;
      } else if (deadCount > 0) {
        removeDead();
      }
      int free = blocks - usedPages;
      boolean worthIt = free >= TRUNCATE_PAGES || free >= blocks / TRUNCATE_FRACTION;
      int cutOff = task.truncate() && free > 0 && worthIt ? truncate(task.table()) : 0;
      space.startOver(task.table());
      int pages = buffers.blocks(task.table());
      return new Done(pages, cutOff, removed, live, left, freezing.oldestLeft());
    }

    private boolean onPage(Buffer buffer, Consumer<Buffer> pass) {
      buffer.lock().lock();
      try {
        Lsn before = buffer.pageLsn();
        if (!buffer.isGone() && !buffer.heapPage().isNew()) {
          pass.accept(buffer);
        }
        return !before.equals(buffer.pageLsn());
      } finally {
        buffer.lock().unlock();
      }
    }

    private void firstPass(Buffer buffer) {
      do {
        removed += pruning.prune(buffer, Optional.empty(), task.oldestXmin()).removed();
      } while (hasDead(buffer));
      HeapPage page = buffer.heapPage();
      List<Integer> deadHere = new ArrayList<>();
      boolean used = false;
      for (HeapPage.Line line : page.lines()) {
        switch (line.state()) {
          case DEAD -> deadHere.add(line.offset());
          case NORMAL -> {
            used = true;
            count(buffer, new Tid(buffer.block(), line.offset()));
          }
          case REDIRECT -> used = true;
          case UNUSED -> {}
        }
      }
      List<Heap2Body.Frozen> frozen = freezing.of(page);
      if (!frozen.isEmpty()) {
        changePage(buffer, () -> freeze(buffer, frozen));
      }
      usedPages = used ? buffer.block() + 1 : usedPages;
      if (!deadHere.isEmpty() && !task.hasIndexes()) {
        changePage(buffer, () -> makeUnused(buffer, deadHere));
      } else if (!deadHere.isEmpty()) {
        dead.put(buffer.block(), deadHere);
        deadCount += deadHere.size();
      }
      space.record(task.table(), buffer.block(), page.heapFreeSpace());
    }

    /** A transaction may have aborted since the page was pruned. */
    private boolean hasDead(Buffer buffer) {
      for (HeapPage.Line line : buffer.heapPage().lines()) {
        Tid tid = new Tid(buffer.block(), line.offset());
        if (line.state() == LineState.NORMAL && life(buffer, tid) == Visibility.Life.DEAD) {
          return true;
        }
      }
      return false;
    }

    private Visibility.Life life(Buffer buffer, Tid tid) {
      return visibility.life(buffer, tid, Optional.empty(), task.oldestXmin());
    }

    private void count(Buffer buffer, Tid tid) {
      switch (life(buffer, tid)) {
        case LIVE, DELETE_IN_PROGRESS -> live++;
        case RECENTLY_DEAD, DEAD -> left++;
        case INSERT_IN_PROGRESS -> {
          // counts once it has committed
        }
      }
    }

    private void removeDead() {
      Set<Tid> tids = new HashSet<>();
      dead.forEach((block, offsets) -> offsets.forEach(o -> tids.add(new Tid(block, o))));
      owner.removeEntries(tids);
      dead.forEach(
          (block, offsets) -> {
            Buffer buffer = buffers.get(task.table(), block);
            owner.page(onPage(buffer, b -> changePage(b, () -> makeUnused(b, offsets))));
          });
      dead.clear();
      deadCount = 0;
    }

    private void makeUnused(Buffer buffer, List<Integer> offsets) {
      Heap2Body.Vacuum body = new Heap2Body.Vacuum(offsets.size(), offsets);
      PageChanges.vacuum(buffer.heapPage(), body);
      log(buffer, body);
      space.record(task.table(), buffer.block(), buffer.heapPage().heapFreeSpace());
    }

    private void freeze(Buffer buffer, List<Heap2Body.Frozen> frozen) {
      Heap2Body.FreezePage body =
          new Heap2Body.FreezePage(freezing.limit(), frozen.size(), frozen, Padding.ZERO);
      PageChanges.freeze(buffer.heapPage(), body);
      log(buffer, body);
    }

    private void log(Buffer buffer, Heap2Body body) {
      buffer.markDirty();
      BlockChange change = new BlockChange(0, buffer, false, body.blockData(0, new byte[0]));
      buffer.pageLsn(wal.insert(Xid.INVALID, body, List.of(change)).end());
    }

    private void changePage(Buffer buffer, CriticalSections.Silent change) {
      steps.step(
          StorageSteps.HEAP_VACUUM,
          buffer.relation(),
          () -> critical.run("vacuuming a page", change));
    }
  }

  /** Cuts empty pages off the end (lazy_truncate_heap); returns their number. */
  private int truncate(RelationLocator table) {
    int blocks = buffers.blocks(table);
    int keep = blocks;
    while (keep > 0 && isEmpty(table, keep - 1)) {
      keep--;
    }
    List<Buffer> locked = new ArrayList<>();
    try {
      for (int block = keep; block < blocks; block++) {
        Buffer buffer = buffers.get(table, block);
        buffer.lock().lock();
        locked.add(buffer);
        if (!isEmpty(buffer)) {
          // somebody has just used it
          keep = block + 1;
        }
      }
      int pages = keep;
      return keep < blocks && space.truncate(table, blocks, pages, () -> logTruncate(table, pages))
          ? blocks - keep
          : 0;
    } finally {
      locked.forEach(buffer -> buffer.lock().unlock());
    }
  }

  /** The record is durable before the file changes. */
  private void logTruncate(RelationLocator table, int pages) {
    StorageBody.Truncate body = new StorageBody.Truncate(pages, table, StorageBody.Truncate.ALL);
    wal.flush(wal.insert(Xid.INVALID, body).end());
  }

  private boolean isEmpty(RelationLocator table, int block) {
    Buffer buffer = buffers.get(table, block);
    buffer.lock().lock();
    try {
      return isEmpty(buffer);
    } finally {
      buffer.lock().unlock();
    }
  }

  private static boolean isEmpty(Buffer buffer) {
    HeapPage page = buffer.heapPage();
    return page.isNew() || page.lines().stream().allMatch(line -> line.state() == LineState.UNUSED);
  }
}
