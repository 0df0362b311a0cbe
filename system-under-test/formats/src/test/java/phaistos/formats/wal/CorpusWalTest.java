package phaistos.formats.wal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import phaistos.formats.Corpus;
import phaistos.formats.DataDirectory;
import phaistos.formats.FolderDataDirectory;
import phaistos.formats.Lsn;
import phaistos.formats.Text;
import phaistos.formats.Version;
import phaistos.formats.record.RecordBody;

/** Every record that a real server wrote: listed as pg_waldump does, rebuilt from its fields. */
class CorpusWalTest {
  static Stream<Corpus.State> states() throws IOException {
    return Corpus.states();
  }

  @ParameterizedTest
  @MethodSource("states")
  void recordsAreListedAsPgWaldumpDoes(Corpus.State state) throws IOException {
    for (int timeline : List.of(1, 2)) {
      if (!state.hasListing(timeline)) {
        continue;
      }
      WalFiles files = WalFiles.ofTimeline(state.directory(), "pg_wal", timeline);
      WalReader reader = WalReader.all(files);
      List<String> ours = new ArrayList<>();
      Text line = new Text();
      while (reader.next()) {
        line.clear();
        WalLine.append(line, reader.lsn(), reader.view());
        ours.add(line.toString());
      }
      List<String> theirs = state.listing(timeline);
      for (int i = 0; i < Math.min(ours.size(), theirs.size()); i++) {
        assertEquals(theirs.get(i), ours.get(i), "record " + i);
      }
      assertEquals(theirs.size(), ours.size(), "records");
    }
  }

  @ParameterizedTest
  @MethodSource("states")
  void imagesAreCountedApart(Corpus.State state) throws IOException {
    WalReader reader = WalReader.all(WalFiles.ofTimeline(state.directory(), "pg_wal", 1));
    WalStats stats = new WalStats(reader.files().version());
    long all = 0;
    long images = 0;
    while (reader.next()) {
      stats.add(reader.lsn().value(), reader.endLsn().value(), reader.view());
      all += reader.totalLength();
      for (BlockReference block : reader.record().blocks()) {
        images += block.image().map(image -> image.stored().length).orElse(0);
      }
    }
    String table = stats.format(true);
    String[] total = table.substring(table.lastIndexOf("Total")).split("\\s+");
    assertEquals(
        List.of(stats.records(), all - images, images, all),
        List.of(
            Long.valueOf(total[1]),
            Long.valueOf(total[2]),
            Long.valueOf(total[4]),
            Long.valueOf(total[6])));
  }

  @ParameterizedTest
  @MethodSource("states")
  void recordsAreRebuiltFromTheirFields(Corpus.State state) throws IOException {
    for (int timeline : List.of(1, 2)) {
      if (!state.hasListing(timeline)) {
        continue;
      }
      WalReader reader = WalReader.all(WalFiles.ofTimeline(state.directory(), "pg_wal", timeline));
      int count = 0;
      while (reader.next()) {
        byte[] raw =
            Arrays.copyOfRange(
                reader.rawBuffer(), reader.rawOffset(), reader.rawOffset() + reader.totalLength());
        assertArrayEquals(raw, rebuild(reader.record()).encode(), reader.lsn().toString());
        count++;
      }
      assertTrue(count > 0);
    }
  }

  /** A record with main data and block data made from the typed body alone. */
  static WalRecord rebuild(WalRecord record) {
    RecordBody body = Version.WRITTEN.records().decode(record);
    List<BlockReference> blocks =
        record.blocks().stream()
            .map(
                block ->
                    new BlockReference(
                        block.id(),
                        block.relation(),
                        block.fork(),
                        block.block(),
                        block.willInit(),
                        block.image(),
                        body.blockData(block.id(), block.data())))
            .toList();
    return new WalRecord(
        record.xid(),
        record.previous(),
        body.rmgrId(),
        body.info() | record.info() & 0x0F,
        blocks,
        record.origin(),
        record.topLevelXid(),
        body.mainData());
  }

  /** Any other data directories, by -Dphaistos.directories=A:B: too large to keep as corpora. */
  @TestFactory
  Stream<DynamicTest> recordsOfOtherDirectoriesAreRebuiltToo() {
    return Stream.of(System.getProperty("phaistos.directories", "").split(":"))
        .filter(path -> !path.isEmpty())
        .map(path -> DynamicTest.dynamicTest(path, () -> requireRebuilt(path)));
  }

  private static void requireRebuilt(String path) throws IOException {
    DataDirectory directory = new FolderDataDirectory(Path.of(path));
    WalReader reader = WalReader.all(WalFiles.ofTimeline(directory, "pg_wal", 1));
    long count = 0;
    while (reader.next()) {
      byte[] raw =
          Arrays.copyOfRange(
              reader.rawBuffer(), reader.rawOffset(), reader.rawOffset() + reader.totalLength());
      assertArrayEquals(raw, rebuild(reader.record()).encode(), reader.lsn().toString());
      for (BlockReference block : reader.record().blocks()) {
        block.image().ifPresent(image -> assertEquals(8192, image.restore().length));
      }
      count++;
    }
    System.out.printf("%s: %d records rebuilt%n", path, count);
  }

  @ParameterizedTest
  @MethodSource("states")
  void walEndsWherePostgresEnded(Corpus.State state) throws IOException {
    for (String line : state.lines("STATE.md")) {
      if (!line.startsWith("- TL ")) {
        continue;
      }
      int timeline = line.charAt(5) - '0';
      String text = line.substring(line.indexOf("end of valid WAL ") + 17);
      WalReader reader = WalReader.all(WalFiles.ofTimeline(state.directory(), "pg_wal", timeline));
      while (reader.next()) {
        // to the end
      }
      WalEnd end = reader.end().orElseThrow();
      Lsn expected = Lsn.parse(text.strip());
      Lsn last = reader.lsn();
      assertTrue(end.isNormal(), end.describe());
      assertTrue(
          expected.equals(end.lsn())
              || expected.compareTo(last) > 0 && end.lsn().compareTo(expected) > 0,
          end.describe() + ", expected " + expected);
    }
  }
}
