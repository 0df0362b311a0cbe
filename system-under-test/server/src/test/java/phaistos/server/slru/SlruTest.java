package phaistos.server.slru;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import phaistos.environment.Disk;
import phaistos.environment.Environment;
import phaistos.environment.Task;
import phaistos.formats.CommitLog;
import phaistos.formats.Lsn;
import phaistos.formats.Xid;
import phaistos.server.clog.Subtrans;
import phaistos.server.errors.PgError;
import phaistos.server.state.ServerState;
import phaistos.server.steps.CommitSteps;
import phaistos.server.steps.Hold;
import phaistos.server.steps.PageWrite;
import phaistos.server.steps.Steps;
import phaistos.simulator.SimulatedEnvironment;
import phaistos.simulator.Simulation;
import phaistos.simulator.SimulationOptions;

/** The buffers of an SLRU over a simulated disk. */
class SlruTest {
  private static final SlruSyncing DEFERRED = new SlruSyncing(true, false, false);

  private final Steps steps = new Steps();
  private final ServerState state = new ServerState();
  private final List<String> events = new ArrayList<>();
  private final SlruCounters counters = new SlruCounters(0);

  private Slru slru(Environment environment, int capacity, SlruSyncing syncing) {
    SlruOptions options =
        new SlruOptions(
            "Xact", "pg_xact", capacity, 1, CommitLog.MAX_PAGE, true, CommitLog::pagePrecedes);
    Disk disk = environment.disk();
    try {
      disk.createDirectories("pg_xact");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Slru(
        options,
        () -> syncing,
        counters,
        disk,
        lsn -> events.add("flush " + lsn),
        events::add,
        state,
        steps);
  }

  /** Runs in a simulation, in a server that has left recovery. */
  private void in(Consumer<SimulatedEnvironment> test) {
    state.enter(ServerState.Phase.RUNNING);
    for (var step :
        List.of(CommitSteps.SLRU_WRITE, CommitSteps.SLRU_SYNC, CommitSteps.SLRU_RANGE_SYNC)) {
      steps.attach(
          step,
          (path, act) -> {
            events.add(step + " " + path);
            return act.run();
          });
    }
    var result =
        Simulation.run(
            SimulationOptions.seed(1),
            world -> {
              test.accept(world.machine("n1").start());
              return "done";
            });
    assertEquals("done", result.valueOrThrow());
  }

  private static void put(Slru slru, int page, int value) {
    slru.change(page, Xid.INVALID, bytes -> bytes.bytes()[0] = (byte) value);
  }

  private static int get(Slru slru, int page) {
    return slru.read(page, Xid.INVALID, bytes -> (int) bytes.bytes()[0]);
  }

  private static void fill(Slru slru, int pages) {
    for (int page = 0; page < pages; page++) {
      slru.zeroPage(page);
      put(slru, page, page + 1);
    }
  }

  @Test
  void aPageInMemoryIsReadAndChangedWhileAnotherIsRead() {
    in(
        environment -> {
          Slru slru = slru(environment, 4, SlruSyncing.PLAIN);
          fill(slru, 8);
          Hold<String, byte[]> hold = new Hold<>();
          steps.attach(CommitSteps.SLRU_READ, hold);
          List<Integer> read = new ArrayList<>();
          Task reader = environment.tasks().spawn("reader", () -> read.add(get(slru, 0)));
          Task second = environment.tasks().spawn("second", () -> read.add(get(slru, 0)));
          hold.awaitHeld();
          put(slru, 7, 70);
          assertEquals(70, get(slru, 7));
          assertEquals(List.of(), read);
          hold.release();
          reader.join();
          second.join();
          assertEquals(List.of(1, 1), read);
        });
    assertEquals(1, counters.counts().reads(), "one read serves both");
  }

  /**
   * An online checkpoint's oldest running id may be beyond its next id, on another page. Going on
   * from it would make every page of the space of ids.
   */
  @Test
  void theIdsThatRunAreNeverLookedForBeyondTheNextOne() {
    in(
        environment -> {
          Subtrans subtrans = new Subtrans(slru(environment, 4, SlruSyncing.PLAIN));
          subtrans.startup(new Xid(2_049), new Xid(2_047));
          assertEquals(1, counters.counts().zeroed());
          subtrans.startup(new Xid(2_047), new Xid(4_097));
          assertEquals(4, counters.counts().zeroed());
        });
  }

  @Test
  void pagesAreReadAndChangedWhileAnotherIsWrittenAndSynced() {
    in(
        environment -> {
          Slru slru = slru(environment, 4, SlruSyncing.PLAIN);
          fill(slru, 4);
          Hold<String, Void> hold = new Hold<>();
          steps.attach(CommitSteps.SLRU_SYNC, hold);
          Task evictor = environment.tasks().spawn("evictor", () -> slru.zeroPage(4));
          hold.awaitHeld();
          assertEquals(4, get(slru, 3));
          put(slru, 0, 9);
          assertEquals(9, get(slru, 0), "the page that is being written");
          hold.release();
          evictor.join();
          assertEquals(9, get(slru, 0));
          slru.flush();
          assertEquals(9, onDisk(environment, 0), "it was dirty again");
        });
  }

  private static int onDisk(Environment environment, int page) {
    try (var file = environment.disk().open(CommitLog.segmentPath(page))) {
      var bytes = java.nio.ByteBuffer.allocate(1);
      file.read((long) CommitLog.pageInSegment(page) * Slru.PAGE_BYTES, bytes);
      return bytes.get(0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void whatIsChangedDuringAWriteDoesNotReachTheDiskWithIt() {
    in(
        environment -> {
          Slru slru = slru(environment, 4, SlruSyncing.PLAIN);
          fill(slru, 4);
          slru.change(0, Xid.INVALID, page -> page.noteLsn(0, new Lsn(8)));
          List.of(1, 2, 3).forEach(page -> get(slru, page));
          Hold<PageWrite, Void> hold = new Hold<>();
          var attached = steps.attach(CommitSteps.SLRU_WRITE, hold);
          Task evictor = environment.tasks().spawn("evictor", () -> slru.zeroPage(4));
          hold.awaitHeld();
          slru.change(
              0,
              Xid.INVALID,
              page -> {
                page.bytes()[0] = 9;
                page.noteLsn(0, new Lsn(16));
              });
          attached.detach();
          hold.release();
          evictor.join();
          assertEquals(1, onDisk(environment, 0));
          assertEquals(List.of("flush 0/8"), flushes());
          slru.flush();
          assertEquals(9, onDisk(environment, 0));
          assertEquals(List.of("flush 0/8", "flush 0/10"), flushes());
        });
  }

  private List<String> flushes() {
    return events.stream().filter(event -> event.startsWith("flush")).toList();
  }

  @Test
  void eachEvictionWritesAndSyncsOnePage() {
    in(
        environment -> {
          Slru slru = slru(environment, 4, SlruSyncing.PLAIN);
          fill(slru, 6);
          assertEquals(
              List.of(
                  "slru-write pg_xact/0000",
                  "slru-sync pg_xact/0000",
                  "slru-write pg_xact/0000",
                  "slru-sync pg_xact/0000"),
              events);
          events.clear();
          slru.flush();
          assertEquals(5, events.size(), "four writes, one sync: " + events);
        });
  }

  @Test
  void theCheckpointSyncsWhatEvictionsHaveWritten() {
    in(
        environment -> {
          Slru slru = slru(environment, 4, DEFERRED);
          fill(slru, 6);
          assertEquals(List.of("slru-write pg_xact/0000", "slru-write pg_xact/0000"), events);
          slru.flush();
          assertEquals(1, events.stream().filter(e -> e.startsWith("slru-sync")).count());
          events.clear();
          slru.flush();
          assertEquals(List.of(), events);
        });
  }

  @Test
  void rangesAreWrittenBackBeforeTheSync() {
    in(
        environment -> {
          Slru slru = slru(environment, 4, new SlruSyncing(false, false, true));
          fill(slru, 5);
          assertEquals(
              List.of(
                  "slru-write pg_xact/0000",
                  "slru-range-sync pg_xact/0000",
                  "slru-sync pg_xact/0000"),
              events);
        });
  }

  @Test
  void aPreallocatedSegmentHasItsFullSizeFromTheStart() {
    in(
        environment -> {
          Slru slru = slru(environment, 4, new SlruSyncing(false, true, false));
          fill(slru, 5);
          try (var file = environment.disk().open("pg_xact/0000")) {
            assertEquals(CommitLog.SEGMENT_BYTES, file.size());
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  @Test
  void aFailedReadLeavesTheBufferEmpty() {
    in(
        environment -> {
          Slru slru = slru(environment, 4, SlruSyncing.PLAIN);
          PgError error = assertThrows(PgError.class, () -> get(slru, 77));
          assertEquals("58P01", error.sqlState());
          fill(slru, 5);
          assertEquals(1, get(slru, 0));
        });
  }

  @Test
  void truncationRemovesWholeSegmentsAndKeepsTheRest() {
    in(
        environment -> {
          Slru slru = slru(environment, 4, SlruSyncing.PLAIN);
          fill(slru, 70);
          slru.truncate(66);
          assertFalse(slru.isOnDisk(0));
          assertFalse(slru.isOnDisk(63));
          assertTrue(slru.isOnDisk(64));
          assertEquals(66, get(slru, 65));
          slru.truncate(200);
          assertTrue(
              events.contains("could not truncate directory \"pg_xact\": apparent wraparound"),
              events.toString());
          assertTrue(slru.isOnDisk(64));
        });
  }
}
