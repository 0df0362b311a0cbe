package phaistos.server.errors;

import java.util.function.Consumer;

/**
 * The critical sections of one server (START_CRIT_SECTION): inside one, shared state is
 * inconsistent, so that any exception is a PANIC.
 *
 * <p>In PostgreSQL a PANIC ends the process while it holds its locks. Here the exception releases
 * the locks on its way up. So the server is marked as broken first. Code calls {@link #check}
 * before it makes anything durable or answers a client, a standby or a primary. Thread-safe.
 */
public final class CriticalSections {
  private final Consumer<PgError> onPanic;
  private volatile boolean broken;

  /**
   * @param onPanic called with each PANIC, on the task where it happened
   */
  public CriticalSections(Consumer<PgError> onPanic) {
    this.onPanic = onPanic;
  }

  /** What is done in a critical section. */
  @FunctionalInterface
  public interface Section<T> {
    T run() throws Exception;
  }

  /** The same without a result. */
  @FunctionalInterface
  public interface Silent {
    void run() throws Exception;
  }

  /**
   * Runs a critical section.
   *
   * @param name what is done, for the message
   * @throws PgError a PANIC, for any exception inside
   */
  public void run(String name, Silent section) {
    answer(
        name,
        () -> {
          section.run();
          return null;
        });
  }

  /** The same with a result. */
  public <T> T answer(String name, Section<T> section) {
    check();
    try {
      return section.run();
    } catch (Throwable thrown) {
      throw panic(asPanic(name, thrown));
    }
  }

  private static PgError asPanic(String name, Throwable thrown) {
    if (thrown instanceof PgError error) {
      return error.severity() == PgError.Severity.PANIC
          ? error
          : PgError.panic(error.sqlState(), error.getMessage() + " (in " + name + ")", error);
    }
    return PgError.panic("internal error: " + thrown + " (in " + name + ")", thrown);
  }

  /** Marks the server as broken; returns the error for the caller to throw. */
  public PgError panic(PgError error) {
    boolean first = !broken;
    broken = true;
    if (first) {
      onPanic.accept(error);
    }
    return error;
  }

  public boolean isBroken() {
    return broken;
  }

  /**
   * @throws PgError a PANIC if the server is broken
   */
  public void check() {
    if (broken) {
      throw PgError.panic("the server has ended with a PANIC", null);
    }
  }
}
