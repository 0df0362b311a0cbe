package phaistos.checker.linearizability;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static phaistos.checker.linearizability.models.RegisterCall.read;
import static phaistos.checker.linearizability.models.RegisterCall.write;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import phaistos.checker.linearizability.models.CasRegister;
import phaistos.checker.linearizability.models.RegisterCall;

/** The code that README.md and docs/LINEARIZABILITY.md show. */
class NewcomerTest {
  @Test
  void checksAHistoryOfTheirOwnInFiveLines() {
    // [five lines]
    Recorder<RegisterCall> recorder = new Recorder<>();
    recorder.invoke(0, write(1)).ok(0, write(1)); // process 0 writes 1
    recorder.invoke(1, read()).ok(1, read(2)); // process 1 then reads 2
    var result = Linearizability.of(new CasRegister()).check(recorder.history());
    System.out.println(result.verdict());
    // [end]
    assertEquals("invalid", result.verdict().word());
    Explanation why = result.failure().orElseThrow().explain(Duration.ofSeconds(5));
    assertEquals("read 2", why.stop().call());
    assertEquals("write 1", why.previousOk().orElseThrow().call());
    assertEquals("1", why.configurations().getFirst().state());
    assertEquals(
        "can't read 2 from register 1",
        why.configurations().getFirst().paths().getFirst().steps().getFirst().result());
  }

  // [model]
  /** A stack of at most one element: push waits for nobody, pop answers what was pushed. */
  record OneSlot() implements Model<Optional<String>, OneSlot.Call> {
    sealed interface Call {}

    record Push(String element) implements Call {}

    record Pop(Optional<String> seen) implements Call {} // empty: the answer never came

    public Optional<String> initial() {
      return Optional.empty();
    }

    public Step<Optional<String>> step(Optional<String> slot, Call call) {
      return switch (call) {
        case Push push when slot.isPresent() -> Step.inconsistent("it holds " + slot.get());
        case Push push -> Step.next(Optional.of(push.element));
        case Pop pop when slot.isEmpty() -> Step.inconsistent("it is empty");
        case Pop pop when pop.seen.isPresent() && !pop.seen.equals(slot) ->
            Step.inconsistent("can't pop " + pop.seen.get() + ", it holds " + slot.get());
        case Pop pop -> Step.next(Optional.empty());
      };
    }
  }

  // [end]

  @Test
  void theDocsShowThisCode() throws IOException {
    String code =
        squeeze(Path.of("src/test/java/phaistos/checker/linearizability/NewcomerTest.java"));
    for (String file : new String[] {"../README.md", "../docs/LINEARIZABILITY.md"}) {
      String docs = squeeze(Path.of(file));
      for (String mark : new String[] {"// [five lines]", "// [model]"}) {
        int from = code.indexOf(mark) + mark.length();
        String part = code.substring(from, code.indexOf("// [end]", from)).strip();
        assertTrue(docs.contains("```java " + part + " ```"), file + " shows another " + part);
      }
    }
  }

  private static String squeeze(Path file) throws IOException {
    return Files.readString(file).replaceAll("\\s+", " ");
  }

  @Test
  void writesAModelOfTheirOwn() {
    Recorder<OneSlot.Call> good = new Recorder<>();
    good.invoke(0, new OneSlot.Push("a")).invoke(1, new OneSlot.Pop(Optional.empty()));
    good.ok(1, new OneSlot.Pop(Optional.of("a"))).ok(0, new OneSlot.Push("a"));
    assertEquals("valid", Linearizability.of(new OneSlot()).check(good.history()).verdict().word());
    good.invoke(0, new OneSlot.Pop(Optional.empty())).ok(0, new OneSlot.Pop(Optional.of("a")));
    var result = Linearizability.of(new OneSlot()).check(good.history());
    assertTrue(result.verdict().reason().contains("Pop"), result.verdict().reason());
  }
}
