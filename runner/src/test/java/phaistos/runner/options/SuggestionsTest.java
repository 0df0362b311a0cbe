package phaistos.runner.options;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class SuggestionsTest {
  @Test
  void aSlipOfTheFingersCostsOne() {
    assertEquals(0, Suggestions.distance("kill", "kill"));
    assertEquals(1, Suggestions.distance("klil", "kill"));
    assertEquals(1, Suggestions.distance("kil", "kill"));
    assertEquals(1, Suggestions.distance("kills", "kill"));
    assertEquals(1, Suggestions.distance("bill", "kill"));
    assertEquals(4, Suggestions.distance("", "kill"));
  }

  @Test
  void theNearestComesFirstAndWhatIsFarIsLeftOut() {
    List<String> words = List.of("--node", "--nodes", "--nemesis", "--seed");
    assertEquals(List.of("--nodes", "--node"), Suggestions.nearest("--nodess", words));
    assertEquals("; did you mean --seed?", Suggestions.text("--SEED", words));
    assertEquals("", Suggestions.text("--anything", words));
  }
}
