package phaistos.harness;

import java.util.ArrayList;
import java.util.List;
import phaistos.checker.pages.Page;

/**
 * The way from a page to a breakpoint in a simulated node: each step a command that can be copied.
 */
public record DebugSteps(List<Step> steps) {
  /** A sentence and its command. */
  public record Step(String text, String command) {}

  public DebugSteps {
    steps = List.copyOf(steps);
  }

  /** From the page of a run whose files are kept. */
  public static DebugSteps ofRun(String folder, String replay) {
    List<Step> steps = new ArrayList<>();
    steps.add(new Step("Judge the stored run again.", "./phaistos analyze " + folder));
    steps.add(new Step("Repeat it, and see that it is the same.", replay));
    steps.add(
        new Step(
            "Where its history and this one are equal, they print nothing.",
            "cmp " + folder + "/history.edn store/latest/history.edn"));
    steps.addAll(ofCommand(replay).steps);
    return new DebugSteps(steps);
  }

  /** Of a run without files. */
  public static DebugSteps ofCommand(String replay) {
    return new DebugSteps(
        List.of(
            new Step(
                "Start it so that it waits for a debugger on port 5005.",
                "PHAISTOS_OPTS=-agentlib:jdwp=transport=dt_socket,server=y,suspend=y,"
                    + "address=127.0.0.1:5005 "
                    + replay),
            new Step(
                "Attach, then: stop in phaistos.server.wal.Wal.flushUpTo, and: resume. Every node"
                    + " runs in that one process; a thread's name begins with its node's.",
                "jdb -connect com.sun.jdi.SocketAttach:hostname=127.0.0.1,port=5005")));
  }

  /** Adds them as a list. */
  public void write(Page page) {
    page.html("<ol>");
    for (Step step : steps) {
      page.html("<li>").element("p", "", step.text);
      page.html("<div class=\"command\"><pre>" + Page.escape(step.command) + "</pre></div></li>");
    }
    page.html("</ol>");
  }
}
