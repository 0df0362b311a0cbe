package phaistos.server.errors;

/**
 * An error as PostgreSQL's ereport reports it: severity, SQLSTATE, message, and optionally a detail
 * and a hint (empty if there is none).
 */
public final class PgError extends RuntimeException {
  /** What the failure ends: the statement's transaction, the session, or the server. */
  public enum Severity {
    ERROR,
    FATAL,
    PANIC
  }

  private final Severity severity;
  private final String sqlState;
  private final String detail;
  private final String hint;
  private final Subject subject;
  private final int position;

  /** The table, and its column or constraint, that the error is about; empty if there is none. */
  public record Subject(String table, String column, String constraint) {
    private static final Subject NONE = new Subject("", "", "");
  }

  public PgError(Severity severity, String sqlState, String message, String detail, String hint) {
    this(severity, sqlState, message, detail, hint, Subject.NONE, 0);
  }

  private PgError(
      Severity severity,
      String sqlState,
      String message,
      String detail,
      String hint,
      Subject subject,
      int position) {
    super(message);
    this.subject = subject;
    this.position = position;
    this.severity = severity;
    this.sqlState = sqlState;
    this.detail = detail;
    this.hint = hint;
  }

  public static PgError error(String sqlState, String message) {
    return new PgError(Severity.ERROR, sqlState, message, "", "");
  }

  public static PgError error(String sqlState, String message, String detail) {
    return new PgError(Severity.ERROR, sqlState, message, detail, "");
  }

  public static PgError withHint(String sqlState, String message, String hint) {
    return new PgError(Severity.ERROR, sqlState, message, "", hint);
  }

  public static PgError fatal(String sqlState, String message) {
    return new PgError(Severity.FATAL, sqlState, message, "", "");
  }

  public static PgError panic(String message, Throwable cause) {
    return panic("58030", message, cause);
  }

  public static PgError panic(String sqlState, String message, Throwable cause) {
    PgError panic = new PgError(Severity.PANIC, sqlState, message, "", "");
    panic.initCause(cause);
    return panic;
  }

  /** A part of SQL that this server does not support (0A000). */
  public static PgError unsupported(String what) {
    return error("0A000", what + " is not supported by this server");
  }

  /** The same error, with the table, column or constraint that it is about. */
  public PgError about(Subject named) {
    return new PgError(severity, sqlState, getMessage(), detail, hint, named, position);
  }

  /**
   * The same error at a place of the query's text.
   *
   * @param where characters from 1 on; 0 for none
   */
  public PgError at(int where) {
    return new PgError(severity, sqlState, getMessage(), detail, hint, subject, where);
  }

  /** Where in the query's text, in characters from 1 on; 0 if that is not known. */
  public int position() {
    return position;
  }

  public Subject subject() {
    return subject;
  }

  public Severity severity() {
    return severity;
  }

  public String sqlState() {
    return sqlState;
  }

  public String detail() {
    return detail;
  }

  public String hint() {
    return hint;
  }
}
