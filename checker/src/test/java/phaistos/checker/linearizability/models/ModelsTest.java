package phaistos.checker.linearizability.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import phaistos.checker.linearizability.Model;
import phaistos.checker.linearizability.Step;
import phaistos.histories.Edn;
import phaistos.histories.EdnReader;
import phaistos.histories.UntypedCall;

/** Models, call by call: what a history says, and whether the object may answer so. */
class ModelsTest {
  private static final long SEED = Long.getLong("phaistos.seed", System.nanoTime());

  private static Edn edn(String text) {
    try {
      return new EdnReader(new StringReader(text), "test").next().orElseThrow();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Why the first of these calls that cannot be, each as {@code :f value}; empty if all can. */
  private static String why(String name, String initial, String... calls) {
    Optional<Edn> start = initial.isEmpty() ? Optional.empty() : Optional.of(edn(initial));
    return why(NamedModel.named(name, start), calls);
  }

  private static <S, C> String why(NamedModel<S, C> named, String... calls) {
    Model<S, C> model = named.model();
    S state = model.initial();
    for (String call : calls) {
      String[] parts = call.split(" ", 2);
      C decoded = named.decoder().decode(0, new UntypedCall(edn(parts[0]), edn(parts[1])));
      switch (model.step(state, decoded)) {
        case Step.Next<S>(S next) -> state = next;
        case Step.Inconsistent<S>(String reason) -> {
          return reason;
        }
      }
    }
    return "";
  }

  private static void can(String name, String initial, String... calls) {
    assertEquals("", why(name, initial, calls));
  }

  @Test
  void aQueueAnswersThatItIsEmptyOnlyWhenItIs() {
    can("fifo-queue", "", ":dequeue :empty", ":enqueue 1", ":dequeue 1", ":dequeue :empty");
    assertEquals(
        "the queue is not empty: [1]", why("fifo-queue", "", ":enqueue 1", ":dequeue :empty"));
    assertEquals(
        "an element :empty cannot be told from the answer :empty of an empty stack",
        assertThrows(IllegalArgumentException.class, () -> why("stack", "", ":push :empty"))
            .getMessage());
  }

  @Test
  void aBoundedQueueHasRoomForSoMany() {
    can("bounded-queue", "2", ":enqueue 1", ":enqueue 2", ":enqueue :full", ":dequeue 1");
    assertEquals(
        "can't enqueue 3, the queue is full: [1 2]",
        why("bounded-queue", "2", ":enqueue 1", ":enqueue 2", ":enqueue 3"));
    assertEquals(
        "the queue is not full: [1]", why("bounded-queue", "2", ":enqueue 1", ":enqueue :full"));
    assertThrows(IllegalArgumentException.class, () -> why("bounded-queue", ""));
  }

  @Test
  void aDequeHasTwoEnds() {
    can(
        "deque",
        "",
        ":push-front 1",
        ":push-back 2",
        ":push-front 0",
        ":pop-back 2",
        ":pop-front nil",
        ":pop-back 1",
        ":pop-front :empty");
    assertEquals("can't pop-front 1, there is 2", why("deque", "", ":push-back 2", ":pop-front 1"));
  }

  @Test
  void aBankMovesWhatItHas() {
    String transfer = ":transfer {:from 0, :to 1, :amount 5}";
    can("bank", "{0 10, 1 10}", ":read {0 10, 1 10}", transfer, ":read {0 5, 1 15}", ":read nil");
    assertEquals("account 0 has 5, not 10", why("bank", "{0 10}", transfer, ":read {0 10, 1 5}"));
    // the balances at the start are what the first read makes them
    can("bank", "", transfer, ":read {0 7, 1 3}", transfer, ":read {0 2}", ":read {1 8}");
    assertEquals(
        "account 1 has 8, not 3",
        why("bank", "", ":read {0 7, 1 3}", transfer, ":read {0 2, 1 3}"));
  }

  @Test
  void etcdCountsRevisionsAndGuards() {
    can(
        "etcd",
        "",
        ":get [\"a\" []]",
        ":put [\"a\" 1]",
        ":get [\"a\" [{:key \"a\" :value 1 :version 1 :create-revision 2 :mod-revision 2}]]",
        ":txn {:if [[:= :mod-revision \"a\" 2]] :then [[:put \"a\" 2] [:put \"b\" 3]]"
            + " :succeeded true :revision 3}",
        ":range [\"a\" \"b\" [{:key \"a\" :value 2 :version 2}]]",
        ":range [\"a\" \"c\" [{:key \"a\" :value 2} {:key \"b\" :value 3 :mod-revision 3}]]",
        ":txn {:if [[:< :version \"b\" 1]] :then [] :else [[:delete-range \"a\" \"z\" 2]]"
            + " :succeeded false :revision 4}",
        ":txn {:then [[:get \"a\" []]] :revision 4}",
        ":txn {:if [[:= :create-revision \"a\" 0]] :then [[:put \"a\" 9]] :revision 5}");
    assertEquals(
        "its revision would be 2", why("etcd", "", ":txn {:then [[:put 1 1]] :revision 3}"));
    assertEquals(
        "can't see get 1 [] in {1=1 (version 1, created at 2, modified at 2)}",
        why("etcd", "", ":put [1 1]", ":get [1 []]"));
    assertTrue(
        why("etcd", "", ":txn {:if [[:= :value 1 1]] :then [] :succeeded true}")
            .startsWith("its guards do not hold in revision 1"));
  }

  /** The stack and the priority queue against Java's own. */
  @Test
  void longRunsAnswerLikeJavasCollections() {
    Random random = new Random(SEED);
    ArrayDeque<Integer> stack = new ArrayDeque<>();
    java.util.PriorityQueue<Integer> queue = new java.util.PriorityQueue<>();
    Stack.Pile pile = Stack.Pile.EMPTY;
    SortedBag bag = SortedBag.EMPTY;
    for (int i = 0; i < 20_000; i++) {
      boolean isPut = random.nextBoolean() || stack.isEmpty();
      Queues.QueueCall push;
      Queues.QueueCall insert;
      if (isPut) {
        int element = random.nextInt(300);
        stack.push(element);
        queue.add(element);
        push = new Queues.Enqueue(Edn.of(element));
        insert = push;
      } else {
        push = new Queues.Dequeue(Optional.of(Edn.of(stack.pop())));
        insert = new Queues.Dequeue(Optional.of(Edn.of(queue.remove())));
      }
      pile = next(new Stack(), pile, push);
      bag = next(new PriorityQueue(), bag, insert);
    }
  }

  private static <S> S next(Model<S, Queues.QueueCall> model, S state, Queues.QueueCall call) {
    if (model.step(state, call) instanceof Step.Next<S>(S next)) {
      return next;
    }
    throw new AssertionError(model.describe(call) + " in " + state + ", seed " + SEED);
  }
}
