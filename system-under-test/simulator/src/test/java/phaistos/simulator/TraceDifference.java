package phaistos.simulator;

import java.util.ArrayList;
import java.util.List;

/** Names the first step at which two runs of one seed part. */
final class TraceDifference {
  private TraceDifference() {}

  static String describe(long seed, int rounds) {
    List<String> first = lines(seed, rounds);
    List<String> second = lines(seed, rounds);
    for (int i = 0; i < Math.min(first.size(), second.size()); i++) {
      if (!first.get(i).equals(second.get(i))) {
        return "seed=" + seed + " parts at: " + first.get(i) + " | " + second.get(i);
      }
    }
    return "seed=" + seed + " did not part again; lengths " + first.size() + ", " + second.size();
  }

  private static List<String> lines(long seed, int rounds) {
    List<String> lines = new ArrayList<>();
    Simulation.run(SimulationOptions.seed(seed).withListener(lines::add), new BusyProgram(rounds));
    return lines;
  }
}
