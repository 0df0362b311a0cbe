package phaistos.nemesis;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import phaistos.histories.Event;
import phaistos.histories.UntypedCall;
import phaistos.histories.generators.Generator;
import phaistos.histories.generators.Generators;

/**
 * A nemesis with its generators and plot marks, after Jepsen's {@code nemesis.combined}. Packages
 * compose; {@link #NOOP} is the unit.
 *
 * @param generator the acts of the nemesis thread while the load runs
 * @param finalGenerator the acts that recover everything at the end
 * @param plotMarks how plots draw it
 */
public record NemesisPackage(
    Nemesis nemesis,
    Generator<UntypedCall> generator,
    Generator<UntypedCall> finalGenerator,
    List<PlotMark> plotMarks) {
  public static final NemesisPackage NOOP =
      new NemesisPackage(
          new Composed(List.of()), Generators.nothing(), Generators.nothing(), List.of());

  /**
   * A bar in a plot.
   *
   * @param start functions that begin it
   * @param stop functions that end it; empty for a momentary fault
   * @param color "#rrggbb"
   */
  public record PlotMark(String name, Set<String> start, Set<String> stop, String color) {}

  /**
   * Composes packages: generators run side by side, final generators one after the other.
   *
   * @throws IllegalArgumentException if two different nemeses claim one function
   */
  public static NemesisPackage compose(List<NemesisPackage> packages) {
    List<PlotMark> marks = new ArrayList<>();
    packages.forEach(each -> marks.addAll(each.plotMarks));
    return new NemesisPackage(
        new Composed(packages.stream().map(NemesisPackage::nemesis).distinct().toList()),
        Generators.any(packages.stream().map(NemesisPackage::generator).toList()),
        Generators.concat(packages.stream().map(NemesisPackage::finalGenerator).toList()),
        List.copyOf(marks));
  }

  private static final class Composed implements Nemesis {
    private final List<Nemesis> parts;
    private final TreeMap<String, Nemesis> byFunction = new TreeMap<>();

    Composed(List<Nemesis> parts) {
      this.parts = parts;
      for (Nemesis part : parts) {
        for (String function : new TreeSet<>(part.functions())) {
          if (byFunction.put(function, part) != null) {
            throw new IllegalArgumentException("two nemeses for one function: " + function);
          }
        }
      }
    }

    @Override
    public Set<String> functions() {
      return byFunction.keySet();
    }

    @Override
    public void setup() {
      parts.forEach(Nemesis::setup);
    }

    @Override
    public UntypedCall invoke(UntypedCall call) {
      Nemesis nemesis = byFunction.get(call.name());
      if (nemesis == null) {
        throw new IllegalArgumentException(
            "no nemesis for " + call.name() + " (there are " + byFunction.keySet() + ")");
      }
      return nemesis.invoke(call);
    }

    @Override
    public void heard(Event<UntypedCall> event) {
      parts.forEach(part -> part.heard(event));
    }

    @Override
    public void teardown() {
      parts.forEach(Nemesis::teardown);
    }
  }
}
