package phaistos.server.steps;

import java.util.List;
import phaistos.server.steps.Step.Part;

/** Steps of sessions: where a transaction begins and ends for its client. */
public final class SessionSteps {
  public static final Step<String, String> TRANSACTION_END =
      new Step<>(
          Part.SESSION,
          "transaction-end",
          "What becomes of a transaction, COMMIT or ROLLBACK; about what asks for it: COMMIT,"
              + " COMMIT of a failed one, ROLLBACK, or DISCONNECT.");
  public static final Step<String, String> COMMAND_TAG =
      new Step<>(
          Part.SESSION,
          "command-tag",
          "The tag that tells a client how its transaction has ended; about the right one.");
  public static final Step<String, Boolean> STATEMENT_FAILS =
      new Step<>(
          Part.SESSION,
          "statement-fails",
          "Whether an error of a statement fails its transaction block; about the SQLSTATE.");
  static final List<Step<?, ?>> ALL = List.of(TRANSACTION_END, COMMAND_TAG, STATEMENT_FAILS);

  private SessionSteps() {}
}
