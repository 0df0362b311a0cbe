package phaistos.server.sql;

import java.util.List;
import java.util.Optional;

/** A statement, parsed. Immutable, so that sessions may share it. */
public sealed interface Statement {
  /** Nothing but blanks and comments. */
  record Empty() implements Statement {}

  /** BEGIN or START TRANSACTION, as the tag says. */
  record Begin(String tag, Modes modes) implements Statement {}

  record Commit() implements Statement {}

  record Rollback() implements Statement {}

  record Savepoint(String name) implements Statement {}

  record Release(String name) implements Statement {}

  record RollbackTo(String name) implements Statement {}

  /** SET; without a value SET ... TO DEFAULT. {@code local} until the transaction's end. */
  record Set(String name, Optional<String> value, boolean local) implements Statement {}

  /** RESET; "all" for every setting. */
  record Reset(String name) implements Statement {}

  /** SET TRANSACTION, or SET SESSION CHARACTERISTICS for all that follow. */
  record SetTransaction(Modes modes, boolean session) implements Statement {}

  record Show(String name) implements Statement {}

  /** ALTER SYSTEM; without a value, RESET. Takes effect with the next reload. */
  record AlterSystem(String name, Optional<String> value) implements Statement {}

  record Checkpoint() implements Statement {}

  /** DISCARD; {@code what} is "all", "plans", "sequences" or "temp". */
  record Discard(String what) implements Statement {}

  /** DEALLOCATE; without a name all prepared statements. */
  record Deallocate(Optional<String> name) implements Statement {}

  /** VACUUM and ANALYZE, as the tag says; without tables, of all. Not allowed in recovery. */
  record Vacuum(String tag, VacuumOptions options, List<Command.Name> tables) implements Statement {
    public Vacuum {
      tables = List.copyOf(tables);
    }
  }

  /**
   * Options of VACUUM; those that this server does not support are refused when it is parsed.
   *
   * @param indexCleanup removes index entries even for few dead line pointers (INDEX_CLEANUP ON)
   * @param truncate cuts empty pages off the end
   * @param skipLocked leaves out tables that others have locked
   */
  record VacuumOptions(
      boolean freeze, boolean indexCleanup, boolean truncate, boolean skipLocked) {}

  /**
   * SQL that reads or changes rows or tables.
   *
   * @param parameterCount the highest n of a $n
   */
  record Sql(Command command, int parameterCount) implements Statement {}

  /**
   * Isolation and access of a transaction, where they are given.
   *
   * @param isolation in lower case: "read committed"
   */
  record Modes(Optional<String> isolation, Optional<Boolean> readOnly) {
    public static final Modes NONE = new Modes(Optional.empty(), Optional.empty());
  }
}
