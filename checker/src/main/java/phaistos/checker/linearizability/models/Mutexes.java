package phaistos.checker.linearizability.models;

import java.util.Optional;
import java.util.OptionalLong;
import phaistos.checker.linearizability.CallDecoder;
import phaistos.checker.linearizability.Model;
import phaistos.checker.linearizability.Step;
import phaistos.histories.Edn;
import phaistos.histories.EdnWriter;
import phaistos.histories.UntypedCall;

/**
 * Locks and a semaphore. In a history: {@code :acquire} and {@code :release}. The caller is the
 * value, or its {@code :client} or {@code :owner}, or else the process; a fence is the ok's value,
 * or its {@code :fence} or {@code :token}; permits are the value, or 1.
 */
public final class Mutexes {
  private Mutexes() {}

  /** A call on any of the locks. */
  public sealed interface LockCall {
    Edn owner();
  }

  /**
   * @param fence the token that the lock gave out with it, where known
   */
  public record Acquire(Edn owner, OptionalLong fence) implements LockCall {}

  public record Release(Edn owner) implements LockCall {}

  private static final Edn ANYONE = Edn.keyword("anyone");

  /** One may hold it; anyone may release it. The state is whether it is held. */
  public record Mutex() implements Model<Boolean, LockCall> {
    @Override
    public Boolean initial() {
      return false;
    }

    @Override
    public Step<Boolean> step(Boolean isHeld, LockCall call) {
      return switch (call) {
        case Acquire _ -> isHeld ? Step.inconsistent("already held") : Step.next(true);
        case Release _ -> isHeld ? Step.next(false) : Step.inconsistent("not held");
      };
    }

    @Override
    public String describe(LockCall call) {
      return Mutexes.describe(call);
    }

    @Override
    public String describeState(Boolean isHeld) {
      return isHeld ? "held" : "free";
    }
  }

  /** Who holds a lock, how often, and the last fence that was given out. */
  public record Held(Optional<Edn> owner, int times, long fence) {
    static final Held FREE = new Held(Optional.empty(), 0, Long.MIN_VALUE);

    @Override
    public String toString() {
      String who = owner.map(o -> "held by " + EdnWriter.print(o)).orElse("free");
      String often = times > 1 ? " " + times + " times" : "";
      return who + often + (fence > Long.MIN_VALUE ? ", last fence " + fence : "");
    }
  }

  /** Only its owner may release it; the owner may not acquire it again. */
  public record OwnerMutex() implements Model<Held, LockCall> {
    @Override
    public Held initial() {
      return Held.FREE;
    }

    @Override
    public Step<Held> step(Held held, LockCall call) {
      return switch (call) {
        case Acquire acquire ->
            held.owner.isPresent()
                ? Step.inconsistent("already " + held)
                : Step.next(new Held(Optional.of(acquire.owner), 1, held.fence));
        case Release release -> released(held, release);
      };
    }

    @Override
    public String describe(LockCall call) {
      return Mutexes.describe(call);
    }
  }

  /** Only its owner may release it; the owner may acquire it again, and releases it as often. */
  public record ReentrantMutex() implements Model<Held, LockCall> {
    @Override
    public Held initial() {
      return Held.FREE;
    }

    @Override
    public Step<Held> step(Held held, LockCall call) {
      return switch (call) {
        case Acquire acquire ->
            held.owner.isPresent() && !held.owner.get().equals(acquire.owner)
                ? Step.inconsistent("already " + held)
                : Step.next(new Held(Optional.of(acquire.owner), held.times + 1, held.fence));
        case Release release -> released(held, release);
      };
    }

    @Override
    public String describe(LockCall call) {
      return Mutexes.describe(call);
    }
  }

  /**
   * An owner's mutex that issues a token with each acquisition, larger than all before. An
   * acquisition with an unknown token gets the smallest possible one, which allows everything that
   * a larger one would.
   */
  public record FencedMutex() implements Model<Held, LockCall> {
    @Override
    public Held initial() {
      return Held.FREE;
    }

    @Override
    public Step<Held> step(Held held, LockCall call) {
      return switch (call) {
        case Release release -> released(held, release);
        case Acquire acquire -> {
          long fence = acquire.fence.orElse(held.fence + 1);
          if (held.owner.isPresent()) {
            yield Step.inconsistent("already " + held);
          }
          yield fence <= held.fence
              ? Step.inconsistent("fence " + fence + " is not above " + held.fence)
              : Step.next(new Held(Optional.of(acquire.owner), 1, fence));
        }
      };
    }

    @Override
    public String describe(LockCall call) {
      return Mutexes.describe(call);
    }
  }

  private static Step<Held> released(Held held, Release release) {
    if (held.owner.isEmpty() || !held.owner.get().equals(release.owner)) {
      return Step.inconsistent(EdnWriter.print(release.owner) + " can't release what is " + held);
    }
    int times = held.times - 1;
    return Step.next(new Held(times == 0 ? Optional.empty() : held.owner, times, held.fence));
  }

  private static String describe(LockCall call) {
    String owner = call.owner().equals(ANYONE) ? "" : " by " + EdnWriter.print(call.owner());
    return switch (call) {
      case Acquire acquire ->
          "acquire"
              + owner
              + (acquire.fence.isPresent() ? " fence " + acquire.fence.getAsLong() : "");
      case Release _ -> "release" + owner;
    };
  }

  /** For {@link Mutex}: the caller does not matter, so equal calls are interchangeable. */
  static final CallDecoder<LockCall> ANONYMOUS =
      (process, call) ->
          isAcquire(call) ? new Acquire(ANYONE, OptionalLong.empty()) : new Release(ANYONE);

  static final CallDecoder<LockCall> OWNED =
      (process, call) ->
          isAcquire(call)
              ? new Acquire(owner(process, call.value(), true), OptionalLong.empty())
              : new Release(owner(process, call.value(), true));

  static final CallDecoder<LockCall> FENCED =
      (process, call) -> {
        Edn owner = owner(process, call.value(), false);
        return isAcquire(call) ? new Acquire(owner, fence(call.value())) : new Release(owner);
      };

  private static boolean isAcquire(UntypedCall call) {
    return switch (call.name()) {
      case "acquire", "lock" -> true;
      case "release", "unlock" -> false;
      default ->
          throw new IllegalArgumentException(
              "a lock knows :acquire and :release, not " + EdnWriter.print(call.f()));
    };
  }

  private static Edn owner(long process, Edn value, boolean isValueOwner) {
    Edn named = Edn.NIL;
    if (value instanceof Edn.Table table) {
      named = table.get("client") instanceof Edn.Nil ? table.get("owner") : table.get("client");
    } else if (isValueOwner) {
      named = value;
    }
    return named instanceof Edn.Nil ? Edn.of(process) : named;
  }

  private static OptionalLong fence(Edn value) {
    Edn fence = value;
    if (value instanceof Edn.Table table) {
      fence = table.get("fence") instanceof Edn.Nil ? table.get("token") : table.get("fence");
    }
    return fence instanceof Edn.Int number ? OptionalLong.of(number.value()) : OptionalLong.empty();
  }

  /** A number of permits to take or to give back. */
  public record Permits(boolean isAcquire, long count) {}

  /**
   * Permits that anyone acquires and releases, never more than there are. The state is the number
   * left.
   */
  public record Semaphore(long permits) implements Model<Long, Permits> {
    @Override
    public Long initial() {
      return permits;
    }

    @Override
    public Step<Long> step(Long left, Permits call) {
      if (call.isAcquire) {
        return call.count <= left
            ? Step.next(left - call.count)
            : Step.inconsistent("can't take " + call.count + " of " + left + " permits");
      }
      return left + call.count <= permits
          ? Step.next(left + call.count)
          : Step.inconsistent(
              "can't give back " + call.count + ", only " + (permits - left) + " are taken");
    }

    @Override
    public String describe(Permits call) {
      return (call.isAcquire ? "acquire " : "release ") + call.count;
    }

    @Override
    public String describeState(Long left) {
      return left + " of " + permits + " left";
    }

    static Permits decode(UntypedCall call) {
      long count = call.value() instanceof Edn.Int number ? number.value() : 1;
      if (count < 0) {
        throw new IllegalArgumentException("a number of permits is not negative: " + count);
      }
      return new Permits(isAcquire(call), count);
    }
  }
}
