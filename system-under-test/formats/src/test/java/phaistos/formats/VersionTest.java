package phaistos.formats;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import phaistos.formats.wal.RecordView;
import phaistos.formats.wal.Rmgr;
import phaistos.formats.wal.WalLine;
import phaistos.formats.wal.WalRecord;

/** Records and control files of real servers of every version that is read. */
class VersionTest {
  /** So many kinds of records at least came up on each server. */
  private static final int KINDS = 95;

  @ParameterizedTest
  @EnumSource(Version.class)
  void recordsAreListedAsTheVersionsOwnPgWaldumpDoes(Version version) {
    RecordView view = new RecordView(version);
    Set<String> kinds = new TreeSet<>();
    for (VersionSamples.Sample sample : VersionSamples.records(version)) {
      view.parse(sample.bytes(), 0, sample.bytes().length);
      Text line = new Text();
      WalLine.append(line, sample.lsn(), view);
      assertEquals(sample.line(), line.toString());
      assertEquals(
          WalRecord.storedCrc(sample.bytes(), 0),
          WalRecord.crc(sample.bytes(), 0, sample.bytes().length));
      kinds.add(
          Rmgr.label(view.rmgrId()) + " " + view.format().infoName(view.rmgrId(), view.info()));
    }
    assertTrue(kinds.size() >= KINDS, kinds.size() + " kinds: " + kinds);
  }

  /** What a record is said to be must not come from the fast way alone. */
  @ParameterizedTest
  @EnumSource(Version.class)
  void bodiesAreDecodedAndTheirImagesRestored(Version version) {
    int images = 0;
    for (VersionSamples.Sample sample : VersionSamples.records(version)) {
      WalRecord record = WalRecord.decode(sample.bytes(), version);
      Text text = new Text();
      version.records().describe(text, record);
      assertTrue(sample.line().contains(text.toString()), sample.line());
      for (var block : record.blocks()) {
        if (block.image().isPresent()) {
          assertEquals(8192, block.image().get().restore().length);
          images++;
        }
      }
    }
    assertTrue(images > 0);
  }

  @ParameterizedTest
  @EnumSource(Version.class)
  void controlFilesAreReadAndWrittenAsTheyWere(Version version) {
    byte[] bytes = VersionSamples.control(version);
    ControlFile file = ControlFile.decode(bytes);
    assertEquals(version, file.version());
    assertArrayEquals(bytes, Arrays.copyOf(file.encode(), bytes.length));
    assertEquals(version.walLevelInCheckpoint(), file.checkpoint().walLevel().isPresent());
  }
}
