package phaistos.server.steps;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * The steps of one server and the actions attached to them, like PostgreSQL 17's injection points,
 * but around an act. Without an action a step only runs its act. Thread-safe.
 */
public final class Steps {
  /** An action that is attached. */
  public interface Attachment {
    /** Takes it away; a task that is in it stays there. */
    void detach();
  }

  private final ReentrantLock lock = new ReentrantLock();

  /** The actions by the number of their step, innermost first; null while there are none. */
  private volatile List<Action<?, ?>>[] actions;

  /** Puts an action around a step and the actions that it already has. */
  public <A, R> Attachment attach(Step<A, R> step, Action<? super A, R> action) {
    change(step, list -> list.add(action));
    return () -> change(step, list -> list.removeIf(attached -> attached == action));
  }

  private void change(Step<?, ?> step, Consumer<List<Action<?, ?>>> change) {
    lock.lock();
    try {
      List<Action<?, ?>>[] old = actions;
      int length = Math.max(step.number() + 1, old == null ? 0 : old.length);
      @SuppressWarnings({"unchecked", "rawtypes"})
      List<Action<?, ?>>[] changed = old == null ? new List[length] : Arrays.copyOf(old, length);
      List<Action<?, ?>> ofStep = changed[step.number()];
      List<Action<?, ?>> now = new ArrayList<>(ofStep == null ? List.of() : ofStep);
      change.accept(now);
      changed[step.number()] = now.isEmpty() ? null : now;
      actions = Arrays.stream(changed).allMatch(Objects::isNull) ? null : changed;
    } finally {
      lock.unlock();
    }
  }

  /** Takes a step that answers nothing. */
  public <A, E extends Exception> void step(Step<A, Void> step, A about, Act.Silent<E> act)
      throws E {
    List<Action<?, ?>> attached = attachedTo(step);
    if (attached == null) {
      act.run();
      return;
    }
    Act<Void, E> whole =
        () -> {
          act.run();
          return null;
        };
    around(attached, about, whole);
  }

  /** Takes a step that answers something. */
  public <A, R, E extends Exception> R answer(Step<A, R> step, A about, Act<R, E> act) throws E {
    List<Action<?, ?>> attached = attachedTo(step);
    return attached == null ? act.run() : around(attached, about, act);
  }

  /** Null if there are none. */
  private List<Action<?, ?>> attachedTo(Step<?, ?> step) {
    List<Action<?, ?>>[] all = actions;
    return all == null || step.number() >= all.length ? null : all[step.number()];
  }

  @SuppressWarnings("unchecked")
  private static <A, R, E extends Exception> R around(
      List<Action<?, ?>> attached, A about, Act<R, E> act) throws E {
    Act<R, Exception> whole = act::run;
    for (Action<?, ?> each : attached) {
      // attach() took it for this step, so its types are these
      Action<A, R> action = (Action<A, R>) each;
      Act<R, Exception> inner = whole;
      whole = () -> action.at(about, inner);
    }
    try {
      return whole.run();
    } catch (Exception e) {
      // exceptions of an action, checked ones too, pass as if the act had thrown them
      throw (E) e;
    }
  }
}
