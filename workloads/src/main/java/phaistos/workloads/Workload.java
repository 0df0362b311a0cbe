package phaistos.workloads;

import java.util.ArrayList;
import java.util.List;
import phaistos.checker.Checker;
import phaistos.checker.Result;
import phaistos.histories.Codec;
import phaistos.histories.generators.Generator;
import phaistos.histories.generators.Generators;

/**
 * What clients do in a run, and the checkers that judge it. Built by {@link #of} and the methods
 * that add parts.
 *
 * @param generator the load, for client threads, without an end of its own
 * @param finalGenerator what client threads do after all faults have ended
 * @param checkers each judges the client events of the history
 * @param audit what the audit of the nodes' files needs
 * @param goals what a run of it should come to, beside the goals of every run
 * @param claim what a valid verdict says, in one sentence
 */
public record Workload<C>(
    String name,
    Client<C> client,
    Codec<C> codec,
    Generator<C> generator,
    Generator<C> finalGenerator,
    List<Named<C>> checkers,
    AuditNeeds audit,
    List<Goal> goals,
    String claim) {
  private static final long FINAL_GAP_NANOS = 500_000_000L;
  private static final int FINAL_TRIES = 40;

  /** A checker with the name of its result in the report. */
  public record Named<C>(String name, Checker<C, ? extends Result> checker) {}

  public Workload {
    checkers = List.copyOf(checkers);
    goals = List.copyOf(goals);
  }

  /** A workload without a final generator, checker or audit. */
  public static <C> Workload<C> of(
      String name, Client<C> client, Codec<C> codec, Generator<C> generator) {
    return new Workload<>(
        name,
        client,
        codec,
        generator,
        Generators.nothing(),
        List.of(),
        new AuditNeeds.Nothing("the workload names no markers"),
        List.of(),
        "");
  }

  /**
   * Lets each client thread make this call until it is ok, at most 40 times, half a second apart.
   * Most workloads read like this at the end.
   */
  public static <C> Generator<C> untilOkOnEachThread(C call) {
    return Generators.eachThread(
        Generators.untilOk(
            Generators.limit(
                FINAL_TRIES,
                Generators.delay(FINAL_GAP_NANOS, Generators.repeat(Generators.call(call))))));
  }

  public Workload<C> finalGenerator(Generator<C> last) {
    return new Workload<>(name, client, codec, generator, last, checkers, audit, goals, claim);
  }

  /** At the end, after what there is already, each client thread makes this call until it is ok. */
  public Workload<C> endingWith(C call) {
    return finalGenerator(Generators.phases(finalGenerator, untilOkOnEachThread(call)));
  }

  public Workload<C> checker(String called, Checker<C, ? extends Result> checker) {
    List<Named<C>> more = new ArrayList<>(checkers);
    more.add(new Named<>(called, checker));
    return new Workload<>(
        name, client, codec, generator, finalGenerator, more, audit, goals, claim);
  }

  public Workload<C> audit(AuditNeeds needs) {
    return new Workload<>(
        name, client, codec, generator, finalGenerator, checkers, needs, goals, claim);
  }

  public Workload<C> goal(Goal goal) {
    List<Goal> more = new ArrayList<>(goals);
    more.add(goal);
    return new Workload<>(
        name, client, codec, generator, finalGenerator, checkers, audit, more, claim);
  }

  public Workload<C> claim(String sentence) {
    return new Workload<>(
        name, client, codec, generator, finalGenerator, checkers, audit, goals, sentence);
  }
}
