package phaistos.checker.linearizability;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import phaistos.checker.CheckContext;
import phaistos.checker.linearizability.models.NamedModel;
import phaistos.histories.Edn;
import phaistos.histories.EdnReader;
import phaistos.histories.HistoryReader;

/** Histories recorded by others, with the verdicts that their checkers gave. */
class CorpusTest {
  private static final long LIMIT_NANOS = 20_000_000_000L;

  @Test
  void everyRecordedHistoryGetsItsVerdictFromEveryAlgorithm() throws IOException {
    String shared = Optional.ofNullable(System.getenv("PHAISTOS_SHARED")).orElse("../../shared");
    Path folder = Path.of(shared, "data", "linearizability");
    Assumptions.assumeTrue(Files.isDirectory(folder), "no recorded histories at " + folder);
    int checked = 0;
    for (String line : Files.readAllLines(folder.resolve("verdicts.tsv"))) {
      String[] fields = line.split("\t");
      if (fields[0].equals("file")) {
        continue;
      }
      Edn zeros = new EdnReader(new StringReader("{:x 0 :y 0}"), "initial").next().orElseThrow();
      String model = fields[1].split(" ")[0];
      NamedModel<?, ?> named =
          NamedModel.named(
              model, model.equals("multi-register") ? Optional.of(zeros) : Optional.empty());
      for (Algorithm algorithm : Algorithm.values()) {
        assertEquals(fields[2], verdict(folder.resolve(fields[0]), named, algorithm), fields[0]);
        checked++;
      }
    }
    assertTrue(checked > 200, "checked=" + checked);
  }

  private static String verdict(Path file, NamedModel<?, ?> named, Algorithm algorithm) {
    try (HistoryReader reader = HistoryReader.open(file)) {
      return named.collect(
          reader,
          new NamedModel.Use<String>() {
            @Override
            public <S, C> String with(Collector<S, C> collected) {
              return Linearizability.of(collected.model())
                  .with(algorithm)
                  .check(collected, CheckContext.within(LIMIT_NANOS))
                  .verdict()
                  .word();
            }
          });
    }
  }
}
