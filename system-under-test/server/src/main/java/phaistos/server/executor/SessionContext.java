package phaistos.server.executor;

import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import phaistos.server.settings.Settings;
import phaistos.server.state.ServerContext;
import phaistos.server.xact.Transaction;

/** What a statement may use of the session that it runs in. */
public interface SessionContext {
  ServerContext server();

  Tables tables();

  Observed observed();

  Administration administration();

  /** The transaction, which has begun. */
  Transaction transaction();

  /** The current settings of this session. */
  Settings settings();

  /**
   * Changes a setting for the session or the transaction; without a value, to its default.
   *
   * @throws phaistos.server.errors.PgError if there is no such setting or it does not take the
   *     value
   */
  void set(String name, Optional<String> value, boolean local);

  /**
   * Forgets a prepared statement of the extended protocol; all without a name.
   *
   * @throws phaistos.server.errors.PgError 26000 if there is none of this name
   */
  void deallocate(Optional<String> name);

  /** Sends a NOTICE to the client. */
  void notice(String sqlState, String message);

  /** The same as a WARNING. */
  void warning(String sqlState, String message);

  /**
   * Planning begins, and notes what the plan rests on; each tells whether it still holds, after it
   * has taken its locks.
   *
   * @param needs takes the notes; null to end
   * @return what took them before
   */
  List<BooleanSupplier> planning(List<BooleanSupplier> needs);

  /** The plan that is being made rests on this. Without effect if none is. */
  void needs(BooleanSupplier need);

  /** A function in SQL language is called; how many calls are under way. */
  int enterFunction();

  void leaveFunction();

  int pid();

  String user();

  /** Microseconds since 2000, when the transaction began. */
  long transactionStart();

  /**
   * Requests promotion, and waits for its end if {@code wait}.
   *
   * @return whether the promotion was completed, or requested
   */
  boolean promote(boolean wait, long waitSeconds);
}
