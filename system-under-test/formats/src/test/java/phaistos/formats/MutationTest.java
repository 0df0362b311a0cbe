package phaistos.formats;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import phaistos.formats.heap.HeapPage;
import phaistos.formats.heap.TupleHeader;
import phaistos.formats.record.Outcome;
import phaistos.formats.record.RecordFormat;
import phaistos.formats.record.TransactionBody;
import phaistos.formats.wal.MutableWal;
import phaistos.formats.wal.RecordView;
import phaistos.formats.wal.WalLine;
import phaistos.formats.wal.WalRecord;

/**
 * Mutated inputs to every reader: each either reads or says clearly that it cannot
 * (FormatException), in bounded time. A few thousand inputs each by default;
 * -Dphaistos.mutations=1000000 for the full run.
 */
class MutationTest {
  private static final int COUNT = Integer.getInteger("phaistos.mutations", 3000);
  private static final long SEED = Long.getLong("phaistos.seed", System.nanoTime());
  private static final long NANOS_MAX = 5_000_000_000L;

  private interface Reader {
    void read(byte[] input) throws IOException;
  }

  private static void mutate(String name, List<byte[]> seeds, Reader reader) {
    Random random = new Random(SEED);
    long slowest = 0;
    for (int i = 0; i < COUNT; i++) {
      byte[] input = mutated(seeds.get(random.nextInt(seeds.size())), random);
      long begin = System.nanoTime();
      try {
        reader.read(input);
      } catch (FormatException e) {
        assertTrue(e.getMessage() != null && !e.getMessage().contains("\n"), e.toString());
      } catch (IOException | RuntimeException | StackOverflowError | OutOfMemoryError e) {
        fail("%s: mutation %d of seed %d ended in %s".formatted(name, i, SEED, e), e);
      }
      slowest = Math.max(slowest, System.nanoTime() - begin);
    }
    assertTrue(slowest < NANOS_MAX, "%s: %d ns, seed %d".formatted(name, slowest, SEED));
    if (COUNT > 100_000) {
      System.out.printf("%s: %d inputs, slowest %d us%n", name, COUNT, slowest / 1000);
    }
  }

  /** Flips, overwrites with telling values, cuts, or repeats a piece. */
  private static byte[] mutated(byte[] seed, Random random) {
    byte[] bytes = seed.clone();
    for (int n = 1 + random.nextInt(4); n > 0 && bytes.length > 0; n--) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(6)) {
        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes[at] = (byte) random.nextInt(256);
        case 2 -> bytes[at] = (byte) (random.nextBoolean() ? 0 : 0xFF);
        case 3 -> {
          int value = random.nextBoolean() ? Integer.MAX_VALUE : random.nextInt();
          for (int i = 0; i < 4 && at + i < bytes.length; i++) {
            bytes[at + i] = (byte) (value >>> i * 8);
          }
        }
        case 4 -> bytes = java.util.Arrays.copyOf(bytes, at);
        default -> {
          int length = Math.min(1 + random.nextInt(64), bytes.length - at);
          int from = random.nextInt(bytes.length - length + 1);
          System.arraycopy(bytes, from, bytes, at, length);
        }
      }
    }
    return bytes;
  }

  @Test
  void walStreamsEndWithAReason() {
    mutate("WAL stream", MutableWal.streams(), MutableWal::readAll);
  }

  @Test
  void recordsWithARightCrcAreDecodedOrRefused() throws IOException {
    mutate(
        "records",
        MutableWal.records(),
        input -> {
          WalRecord record = WalRecord.decode(input, Version.WRITTEN);
          WalLine.append(
              new Text(),
              new Lsn(40),
              new RecordView(Version.WRITTEN).parse(input, 0, input.length));
          record.blocks().forEach(block -> block.image().ifPresent(image -> image.restore()));
          Version.WRITTEN.records().decode(record).mainData();
        });
  }

  /** Records that real servers of the version wrote, of every kind. */
  @ParameterizedTest
  @EnumSource(Version.class)
  void recordsOfEachVersionAreDecodedOrRefused(Version version) {
    List<byte[]> seeds =
        VersionSamples.records(version).stream().map(VersionSamples.Sample::bytes).toList();
    RecordView view = new RecordView(version);
    mutate(
        "records of " + version,
        seeds,
        input -> {
          WalLine.append(new Text(), new Lsn(40), view.parse(input, 0, input.length));
          WalRecord record = view.toRecord();
          record.blocks().forEach(block -> block.image().ifPresent(image -> image.restore()));
          view.body().mainData();
        });
  }

  @Test
  void controlFilesAreDecodedOrRefused() {
    List<byte[]> seeds = new ArrayList<>(List.of(MutableWal.controlFile()));
    for (Version version : Version.values()) {
      seeds.add(VersionSamples.control(version));
    }
    mutate(
        "control file",
        seeds,
        input -> {
          // most mutations would end at the CRC: repair it for every other input
          if (input.length >= 296 && (input[0] & 1) == 0) {
            int at = ByteReader.i32(input, 8) == 1800 ? 292 : 288;
            java.util.zip.CRC32C crc = new java.util.zip.CRC32C();
            crc.update(input, 0, at);
            ByteWriter.putI32(input, at, (int) crc.getValue());
          }
          ControlText.format(ControlFile.decode(input));
        });
  }

  @Test
  void historiesAndLabelsAreReadOrRefused() {
    List<byte[]> seeds = new ArrayList<>();
    seeds.add("1\t0/A00848\tno recovery target\n\n2\t1/B0\tx\n".getBytes(StandardCharsets.UTF_8));
    seeds.add(
        ("START WAL LOCATION: 0/2000028 (file 000000010000000000000002)\n"
                + "CHECKPOINT LOCATION: 0/2000060\nSTART TIMELINE: 1\nLABEL: x\n")
            .getBytes(StandardCharsets.UTF_8));
    mutate(
        "text files",
        seeds,
        input -> {
          String text = new String(input, StandardCharsets.UTF_8);
          try {
            TimelineHistory.parse(3, text).format();
          } catch (FormatException e) {
            // the label's turn
          }
          BackupLabel.parse(text);
        });
  }

  @Test
  void stateFilesAreDecodedOrRefused() {
    TwoPhaseState state = MutableWal.twoPhaseState();
    mutate(
        "two-phase state",
        List.of(state.encode(), state.encodeFile()),
        input -> {
          FormatException refused = null;
          for (RecordFormat.DroppedStatsForm form : RecordFormat.DroppedStatsForm.values()) {
            try {
              TwoPhaseState.decodeFile(input, form);
            } catch (FormatException e) {
              // the record's turn
            }
            try {
              TwoPhaseState.read(new ByteReader(input, "state"), form);
            } catch (FormatException e) {
              refused = e;
            }
          }
          if (refused != null) {
            throw refused;
          }
        });
  }

  @Test
  void heapPagesAreReadOrRefused() {
    byte[] bytes = new byte[HeapPage.BYTES];
    HeapPage page = HeapPage.initialize(bytes);
    byte[] tuple = new byte[60];
    TupleHeader header = new TupleHeader(new Xid(7), Xid.INVALID, 0, 0, 1, 2, 0x802, 24);
    System.arraycopy(header.encode(), 0, tuple, 0, TupleHeader.BYTES);
    for (int i = 0; i < 20; i++) {
      page.insert(tuple);
    }
    mutate(
        "heap page",
        List.of(bytes, java.util.Arrays.copyOf(bytes, 120)),
        input -> {
          byte[] whole = java.util.Arrays.copyOf(input, HeapPage.BYTES);
          HeapPage read = HeapPage.of(input.length < 200 ? input : whole);
          for (HeapPage.Line line : read.lines()) {
            if (line.state() == HeapPage.LineState.NORMAL) {
              read.header(line.offset()).flagNames();
            }
          }
        });
  }

  @Test
  void commitLogsAreReplayedOrRefused() {
    mutate("replay", MutableWal.streams(), MutableWal::replay);
  }

  @Test
  void outcomesSurviveARoundTrip() {
    TransactionBody.Commit commit =
        new TransactionBody.Commit(
            Outcome.of(5)
                .withSubxids(List.of(new Xid(8), new Xid(9)))
                .withDroppedRelations(List.of(new RelationLocator(1663, 5, 7)))
                .withFlags(Outcome.APPLY_FEEDBACK)
                .withTwoPhase(new Xid(7)));
    WalRecord record =
        WalRecord.of(
            Xid.INVALID, phaistos.formats.wal.Rmgr.TRANSACTION, commit.info(), commit.mainData());
    assertTrue(Version.WRITTEN.records().decode(record).equals(commit));
  }
}
