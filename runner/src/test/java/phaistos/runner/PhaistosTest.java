package phaistos.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class PhaistosTest {
  private final StringWriter err = new StringWriter();

  @Test
  void wrongOptionsExitWithJepsensCodeAndNameTheOption() {
    assertEquals(254, execute("run", "--no-such-option"));
    assertTrue(err.toString().contains("--no-such-option"), err.toString());
  }

  @Test
  void helpListsEverySubcommand() {
    String help = Phaistos.commandLine().getUsageMessage(CommandLine.Help.Ansi.OFF);
    for (String name : new String[] {"run", "check", "audit", "inspect", "server"}) {
      assertTrue(help.contains("\n  " + name), help);
    }
  }

  private int execute(String... arguments) {
    CommandLine line = Phaistos.commandLine();
    line.setErr(new PrintWriter(err));
    return line.execute(arguments);
  }
}
