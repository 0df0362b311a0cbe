package phaistos.cluster.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class OwnerTest {
  @Test
  void thisProcessIsNotGone() {
    assertFalse(Owner.self().isGone());
    assertEquals(Optional.of(Owner.self()), Owner.parse(Owner.self().toString()));
  }

  @Test
  void aProcessThatGotTheNumberLaterIsAnother() {
    Owner self = Owner.self();
    assertTrue(new Owner(self.host(), self.pid(), self.startMillis() - 60_000).isGone());
  }

  @Test
  void aProcessThatEndedIsGone() throws Exception {
    Process process = new ProcessBuilder("sleep", "60").start();
    Owner owner = Owner.of(process.toHandle());
    assertFalse(owner.isGone());
    process.destroyForcibly().waitFor();
    assertTrue(owner.isGone());
  }

  @Test
  void ofAnotherMachinesProcessNobodyKnows() {
    assertFalse(new Owner("elsewhere", 1, 0).isGone());
  }

  @Test
  void aLabelOfAnotherFormNamesNobody() {
    assertEquals(Optional.empty(), Owner.parse(""));
    assertEquals(Optional.empty(), Owner.parse("host/pid/x"));
  }
}
