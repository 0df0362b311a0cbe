package phaistos.server.executor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import phaistos.server.errors.PgError;
import phaistos.server.types.Datum;
import phaistos.server.types.SqlType;
import phaistos.server.types.TypeText;

/** regclass and regtype: OIDs that are written as names. */
final class Names {
  private Names() {}

  static boolean isName(SqlType type) {
    return type == SqlType.REGCLASS || type == SqlType.REGTYPE || type == SqlType.REGNAMESPACE;
  }

  /** A cast to one of them: a name is looked up, a number stays. */
  static Expr cast(Expr given, SqlType to, SessionContext session) {
    Expr inner = given.known(SqlType.TEXT);
    if (!inner.type().isText()) {
      return Casts.explicit(inner, to, 0);
    }
    return new Expr(
        to,
        frame ->
            inner.of(frame) instanceof Datum.Text(String text)
                ? Datum.of(oid(text, to, session))
                : Datum.NULL);
  }

  private static long oid(String text, SqlType type, SessionContext session) {
    if (text.matches("[0-9]+")) {
      return ((Datum.Int) TypeText.parse(text, SqlType.OID)).value();
    }
    if (type == SqlType.REGTYPE) {
      return SqlType.named(text.replace("pg_catalog.", ""))
          .orElseThrow(() -> PgError.error("42704", "type \"%s\" does not exist".formatted(text)))
          .oid();
    }
    if (type == SqlType.REGNAMESPACE) {
      return SystemCatalog.schemaOf(text)
          .orElseThrow(
              () -> PgError.error("3F000", "schema \"%s\" does not exist".formatted(text)));
    }
    String name = text.substring(text.lastIndexOf('.') + 1);
    boolean quoted = name.startsWith("\"") && name.endsWith("\"") && name.length() > 2;
    String folded =
        quoted ? name.substring(1, name.length() - 1).replace("\"\"", "\"") : name.toLowerCase();
    return SystemCatalog.oidOf(folded, session)
        .orElseThrow(
            () -> PgError.error("42P01", "relation \"%s\" does not exist".formatted(text)));
  }

  /** The name as text. */
  static Expr text(Expr inner, SqlType to) {
    SqlType from = inner.type();
    return new Expr(
        to,
        frame ->
            inner.of(frame) instanceof Datum.Int(long oid)
                ? Datum.of(shown(oid, from, frame.session()))
                : Datum.NULL);
  }

  /** An OID as its type shows it: by its name if there is one. */
  static String shown(long oid, SqlType type, SessionContext session) {
    Optional<String> name =
        switch (type) {
          case REGTYPE -> SqlType.ofOid((int) oid).map(SqlType::label);
          case REGNAMESPACE -> SystemCatalog.schemaName((int) oid);
          default -> SystemCatalog.nameOf((int) oid, session);
        };
    return oid == 0 ? "-" : name.orElse(Long.toUnsignedString(oid));
  }

  /** The rows of a result with names in the columns of type regclass. */
  static List<List<Datum>> shown(
      List<List<Datum>> rows, List<Outcome.Column> columns, SessionContext session) {
    List<List<Datum>> made = rows;
    for (int i = 0; i < columns.size(); i++) {
      SqlType type = columns.get(i).type();
      if (type == SqlType.REGCLASS || type == SqlType.REGNAMESPACE) {
        int at = i;
        made =
            made.stream()
                .map(
                    row -> {
                      List<Datum> named = new ArrayList<>(row);
                      if (row.get(at) instanceof Datum.Int(long oid)) {
                        named.set(at, Datum.of(shown(oid, type, session)));
                      }
                      return named;
                    })
                .toList();
      }
    }
    return made;
  }
}
