package phaistos.server.heap;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import phaistos.formats.Xid;
import phaistos.formats.heap.HeapPage;
import phaistos.formats.heap.HeapPage.Line;
import phaistos.formats.heap.HeapPage.LineState;
import phaistos.formats.heap.TupleHeader;
import phaistos.formats.record.Heap2Body;
import phaistos.server.errors.CriticalSections;
import phaistos.server.state.ServerState;
import phaistos.server.steps.Steps;
import phaistos.server.steps.StorageSteps;
import phaistos.server.storage.Buffer;
import phaistos.server.wal.BlockChange;
import phaistos.server.wal.Wal;
import phaistos.server.xact.Transaction;

/**
 * Removes dead versions from a page (pruneheap.c): the line pointer that indexes refer to becomes a
 * redirection to the first version that is left, or dead; those of later versions become unused.
 * Callers hold the page's lock. Thread-safe.
 */
final class Pruning {
  private final Visibility visibility;
  private final Wal wal;
  private final ServerState state;
  private final Steps steps;
  private final CriticalSections critical;

  Pruning(
      Visibility visibility, Wal wal, ServerState state, Steps steps, CriticalSections critical) {
    this.visibility = visibility;
    this.wal = wal;
    this.state = state;
    this.steps = steps;
    this.critical = critical;
  }

  /**
   * What pruning did.
   *
   * @param removed versions
   * @param newlyDead line pointers that it left dead
   */
  record Result(int removed, int newlyDead) {
    static final Result NOTHING = new Result(0, 0);
  }

  /** Prunes a page that is being read, if that is worth it (heap_page_prune_opt). */
  Result onAccess(Buffer buffer, Transaction own) {
    HeapPage page = buffer.heapPage();
    if (page.isNew() || buffer.isGone() || !page.pruneXid().isValid() || !state.isRunning()) {
      return Result.NOTHING;
    }
    boolean full = (page.flags() & HeapPage.PAGE_FULL) != 0;
    if (!full && page.heapFreeSpace() >= HeapPage.BYTES / 10) {
      return Result.NOTHING;
    }
    Xid horizon = visibility.horizon();
    return page.pruneXid().precedes(horizon)
        ? prune(buffer, Optional.of(own), horizon)
        : Result.NOTHING;
  }

  /** Prunes a page (heap_page_prune). */
  Result prune(Buffer buffer, Optional<Transaction> own, Xid horizon) {
    Search search = new Search(buffer, own, horizon);
    search.run();
    HeapPage page = buffer.heapPage();
    if (search.isEmpty()) {
      boolean full = (page.flags() & HeapPage.PAGE_FULL) != 0;
      if (full || !page.pruneXid().equals(search.nextPrunable)) {
        page.setPruneXid(search.nextPrunable);
        page.setFlags(page.flags() & ~HeapPage.PAGE_FULL);
        buffer.markDirty();
      }
      return Result.NOTHING;
    }
    steps.step(
        StorageSteps.HEAP_PRUNE,
        buffer.relation(),
        () -> critical.run("pruning a page", () -> apply(buffer, search)));
    return new Result(search.removed, search.dead.size());
  }

  private void apply(Buffer buffer, Search search) {
    Heap2Body.Pruned pruned = search.pruned();
    HeapPage page = buffer.heapPage();
    Heap2Body.Prune body =
        new Heap2Body.Prune(
            search.latestRemoved,
            pruned.redirects().size(),
            pruned.dead().size(),
            Optional.of(pruned));
    PageChanges.prune(page, body);
    page.setPruneXid(search.nextPrunable);
    page.setFlags(page.flags() & ~HeapPage.PAGE_FULL);
    buffer.markDirty();
    BlockChange change = new BlockChange(0, buffer, false, body.blockData(0, new byte[0]));
    buffer.pageLsn(wal.insert(Xid.INVALID, body, List.of(change)).end());
  }

  /** The search for what can go from one page. */
  private final class Search {
    final HeapPage page;
    final Visibility.Life[] lives;
    final boolean[] marked;
    final List<Heap2Body.Redirect> redirects = new ArrayList<>();
    final List<Integer> dead = new ArrayList<>();
    final List<Integer> unused = new ArrayList<>();
    Xid nextPrunable = Xid.INVALID;
    Xid latestRemoved = Xid.INVALID;
    int removed;

    Search(Buffer buffer, Optional<Transaction> own, Xid horizon) {
      page = buffer.heapPage();
      int count = page.maxOffset();
      lives = new Visibility.Life[count + 1];
      marked = new boolean[count + 1];
      for (int offset = count; offset >= 1; offset--) {
        if (page.line(offset).state() == LineState.NORMAL) {
          lives[offset] = visibility.life(buffer, new Tid(buffer.block(), offset), own, horizon);
        }
      }
    }

    boolean isEmpty() {
      return redirects.isEmpty() && dead.isEmpty() && unused.isEmpty();
    }

    Heap2Body.Pruned pruned() {
      return new Heap2Body.Pruned(redirects, dead, unused);
    }

    void run() {
      for (Line line : page.lines()) {
        if (!marked[line.offset()]) {
          switch (line.state()) {
            case NORMAL -> root(line);
            case REDIRECT -> chain(line);
            case UNUSED, DEAD -> {
              // nothing to remove
            }
          }
        }
      }
    }

    private void root(Line line) {
      TupleHeader header = page.header(line.offset());
      if (!header.isHeapOnly()) {
        chain(line);
      } else if (lives[line.offset()] == Visibility.Life.DEAD && !header.leadsOn()) {
        // an aborted update left it; else it goes with the chain that it belongs to
        markUnused(line.offset());
        noteRemoved(header);
        removed++;
      }
    }

    /** Follows a row's versions up to the first that may still be seen (heap_prune_chain). */
    private void chain(Line root) {
      List<Integer> chain = new ArrayList<>();
      int latestDead = follow(root, chain);
      if (latestDead > 0) {
        int next = chain.indexOf(latestDead) + 1;
        for (int offset : chain.subList(1, Math.max(1, next))) {
          markUnused(offset);
          removed++;
        }
        removed += root.state() == LineState.NORMAL ? 1 : 0;
        if (next >= chain.size()) {
          markDead(root.offset());
        } else {
          int to = chain.get(next);
          noteMark(root.offset());
          noteMark(to);
          redirects.add(new Heap2Body.Redirect(root.offset(), to));
        }
      } else if (chain.size() < 2 && root.state() == LineState.REDIRECT) {
        markDead(root.offset());
      }
    }

    private int follow(Line root, List<Integer> chain) {
      int latestDead = 0;
      int offset = root.offset();
      Xid previous = Xid.INVALID;
      while (offset >= 1 && offset < lives.length && !marked[offset]) {
        Line line = page.line(offset);
        if (line.state() == LineState.REDIRECT && chain.isEmpty()) {
          chain.add(offset);
          offset = line.at();
          continue;
        }
        if (line.state() != LineState.NORMAL) {
          break;
        }
        TupleHeader header = page.header(offset);
        if (previous.isValid() && !previous.equals(header.xmin())) {
          break;
        }
        chain.add(offset);
        boolean goOn =
            switch (lives[offset]) {
              case DEAD -> {
                latestDead = offset;
                noteRemoved(header);
                yield true;
              }
              case RECENTLY_DEAD -> {
                notePrunable(header.xmax());
                yield true;
              }
              case DELETE_IN_PROGRESS -> {
                notePrunable(header.xmax());
                yield false;
              }
              case LIVE, INSERT_IN_PROGRESS -> false;
            };
        if (!goOn || !header.leadsOn()) {
          break;
        }
        previous = header.xmax();
        offset = header.ctidOffset();
      }
      return latestDead;
    }

    private void markUnused(int offset) {
      noteMark(offset);
      unused.add(offset);
    }

    private void markDead(int offset) {
      noteMark(offset);
      dead.add(offset);
    }

    private void noteMark(int offset) {
      marked[offset] = true;
    }

    private void notePrunable(Xid xid) {
      if (!nextPrunable.isValid() || xid.precedes(nextPrunable)) {
        nextPrunable = xid;
      }
    }

    /**
     * Standbys must end the snapshots that could see it (HeapTupleHeaderAdvanceLatestRemovedXid).
     */
    private void noteRemoved(TupleHeader header) {
      boolean inserted =
          header.has(TupleHeader.XMIN_COMMITTED)
              || !header.has(TupleHeader.XMIN_INVALID) && visibility.hasCommitted(header.xmin());
      if (inserted
          && !header.xmax().equals(header.xmin())
          && header.xmax().follows(latestRemoved)) {
        latestRemoved = header.xmax();
      }
    }
  }
}
