package phaistos.formats.redo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import phaistos.formats.CommitLogFiles;
import phaistos.formats.ControlFile;
import phaistos.formats.Corpus;
import phaistos.formats.FullXid;
import phaistos.formats.TwoPhaseState;
import phaistos.formats.Version;
import phaistos.formats.Xid;
import phaistos.formats.record.RecordFormat;

/** The commit log of every corpus, as it is and after replay, against the server's own answers. */
class CorpusRedoTest {
  private static final RecordFormat FORMAT = Version.WRITTEN.records();

  static Stream<Corpus.State> states() throws IOException {
    return Corpus.states();
  }

  @ParameterizedTest
  @MethodSource("states")
  void bitsAreAsInTheTruthTable(Corpus.State state) throws IOException {
    CommitLogFiles log = new CommitLogFiles(state.directory());
    List<String> wrong = new ArrayList<>();
    for (String[] row : rows(state)) {
      Xid xid = Xid.parse(row[0]);
      String bits =
          switch (log.lookup(xid)) {
            case CommitLogFiles.Lookup.Known(var status) -> Integer.toString(status.bits());
            case CommitLogFiles.Lookup.Missing(String reason) ->
                reason.contains("not there") ? "nofile" : "nopage";
          };
      if (!bits.equals(row[9])) {
        wrong.add(xid + " " + bits + ", expected " + row[9]);
      }
    }
    assertEquals(List.of(), wrong);
  }

  @ParameterizedTest
  @MethodSource("states")
  void replayGivesTheAnswersOfTheRecoveredServer(Corpus.State state) throws IOException {
    CommitLogRedo.Result result = CommitLogRedo.run(state.directory());
    List<String> wrong = new ArrayList<>();
    for (String[] row : rows(state)) {
      FullXid xid = new FullXid(Long.parseUnsignedLong(row[4]));
      String answer = result.answer(xid).label();
      if (!answer.equals(row[1])) {
        wrong.add(xid + " " + answer + ", expected " + row[1]);
      }
    }
    assertEquals(List.of(), wrong, result.end().describe());
    assertTrue(result.end().isNormal(), result.end().describe());
  }

  @ParameterizedTest
  @MethodSource("states")
  void controlFileAndStateFilesAreRewrittenByteForByte(Corpus.State state) throws IOException {
    byte[] control = state.directory().read(ControlFile.PATH, 0, ControlFile.FILE_BYTES);
    assertArrayEquals(control, ControlFile.decode(control).encode());
    if (Files.isDirectory(state.folder().resolve(TwoPhaseState.DIRECTORY))) {
      for (String name : state.directory().list(TwoPhaseState.DIRECTORY)) {
        byte[] file = state.directory().read(TwoPhaseState.DIRECTORY + "/" + name, 0, 1 << 20);
        assertArrayEquals(file, TwoPhaseState.decodeFile(file, FORMAT.droppedStats()).encodeFile());
      }
    }
  }

  private static List<String[]> rows(Corpus.State state) throws IOException {
    List<String[]> rows =
        state.lines("truth.tsv").stream().skip(1).map(line -> line.split("\t", -1)).toList();
    assertTrue(!rows.isEmpty() && Arrays.stream(rows.get(0)).count() >= 10);
    return rows;
  }
}
