package phaistos.server.executor;

import java.util.List;
import java.util.Optional;
import phaistos.formats.FullXid;
import phaistos.formats.Xid;
import phaistos.server.errors.PgError;
import phaistos.server.types.Datum;
import phaistos.server.types.SqlType;
import phaistos.server.xact.ProcArray;

/** Functions of transactions' ids. */
final class TransactionFunctions {
  private TransactionFunctions() {}

  static Optional<Expr> compile(String name, List<Expr> arguments) {
    return switch (name) {
      case "txid_current" -> Optional.of(Functions.of(SqlType.INT8, s -> currentXid(s, name)));
      case "pg_current_xact_id" ->
          Optional.of(Functions.of(SqlType.XID8, s -> currentXid(s, name)));
      case "txid_current_if_assigned" ->
          Optional.of(Functions.of(SqlType.INT8, TransactionFunctions::xidIfAssigned));
      case "pg_current_xact_id_if_assigned" ->
          Optional.of(Functions.of(SqlType.XID8, TransactionFunctions::xidIfAssigned));
      case "age" -> age(arguments);
      case "txid_status", "pg_xact_status" ->
          Optional.of(
              new Expr(
                  SqlType.TEXT,
                  frame -> {
                    Datum xid = arguments.getFirst().of(frame);
                    return xid instanceof Datum.Int(long value)
                        ? status(frame.session(), new FullXid(value))
                        : Datum.NULL;
                  }));
      default -> Optional.empty();
    };
  }

  private static Datum currentXid(SessionContext session, String name) {
    if (!session.server().state().isRunning()) {
      throw PgError.error("25006", "cannot execute %s() during recovery".formatted(name));
    }
    return Datum.of(session.transaction().topXid().value());
  }

  private static Datum xidIfAssigned(SessionContext session) {
    return session.transaction().hasXid()
        ? Datum.of(session.transaction().topXid().value())
        : Datum.NULL;
  }

  /** xid_age: how many ids ago an id was given out; the greatest number for special ones. */
  private static Optional<Expr> age(List<Expr> arguments) {
    if (arguments.size() != 1 || arguments.getFirst().type() != SqlType.XID) {
      return Optional.empty();
    }
    return Optional.of(
        new Expr(
            SqlType.INT4,
            frame ->
                arguments.getFirst().of(frame) instanceof Datum.Int(long xid)
                    ? Datum.of(age(frame.session(), xid))
                    : Datum.NULL));
  }

  private static int age(SessionContext session, long xid) {
    FullXid now =
        session.transaction().hasXid()
            ? session.transaction().topXid()
            : session.tables().procArray().next();
    boolean normal = xid >= 3;
    return normal ? (int) (now.value() - xid) : Integer.MAX_VALUE;
  }

  /** pg_xact_status: looks in the process array first, then in the commit log. */
  private static Datum status(SessionContext session, FullXid full) {
    ProcArray procArray = session.tables().procArray();
    FullXid next = procArray.next();
    if (Long.compareUnsigned(full.value(), next.value()) >= 0) {
      throw PgError.error(
          "22023",
          "transaction ID %s is in the future".formatted(Long.toUnsignedString(full.value())));
    }
    Xid xid = full.xid();
    if (next.value() - full.value() >= 1L << 31
        || xid.precedes(session.observed().clog().oldestXid())) {
      return Datum.NULL;
    }
    if (procArray.isInProgress(xid)) {
      return Datum.of("in progress");
    }
    return Datum.of(
        switch (session.observed().clog().transactionIdGetStatus(xid)) {
          case COMMITTED -> "committed";
          case ABORTED, IN_PROGRESS, SUB_COMMITTED -> "aborted";
        });
  }
}
