package phaistos.server.session;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import phaistos.server.errors.PgError;
import phaistos.server.executor.Description;
import phaistos.server.executor.Outcome;
import phaistos.server.executor.PlanSource;
import phaistos.server.sql.Command;
import phaistos.server.sql.Statement;
import phaistos.server.types.BinaryForm;
import phaistos.server.types.Datum;
import phaistos.server.types.SqlType;
import phaistos.server.types.TypeText;
import phaistos.server.wire.Frame;
import phaistos.server.wire.MessageWriter;
import phaistos.server.xact.Transaction;

/**
 * The extended query protocol: prepared statements and portals. After an error all messages up to
 * Sync are skipped. Used by the session's task only.
 */
final class ExtendedQueries {
  private static final int SOURCES_MAX = 256;

  private final Session session;

  /** By their texts, so that a client that prepares a statement each time is as fast. */
  private final Map<String, PlanSource> sources = new HashMap<>();

  private final Map<String, Prepared> statements = new TreeMap<>();
  private final Map<String, Portal> portals = new TreeMap<>();
  private boolean inSequence;
  private boolean skipping;

  /** A prepared statement; described when first asked. */
  private static final class Prepared {
    final String text;
    final PlanSource source;
    Optional<Description> description = Optional.empty();

    /** The catalog's when the statement was described. */
    long generation;

    Prepared(String text, PlanSource source) {
      this.text = text;
      this.source = source;
    }

    Statement statement() {
      return source.statement();
    }
  }

  private static final class Portal {
    final Prepared prepared;
    final List<Datum> parameters;
    final List<Integer> formats;
    Optional<Outcome> outcome = Optional.empty();
    int sent;

    Portal(Prepared prepared, List<Datum> parameters, List<Integer> formats) {
      this.prepared = prepared;
      this.parameters = parameters;
      this.formats = formats;
    }
  }

  ExtendedQueries(Session session) {
    this.session = session;
  }

  boolean isSkipping() {
    return skipping;
  }

  /** An error came; answers whether to skip to Sync. */
  boolean failed() {
    if (inSequence) {
      skipping = true;
    }
    return inSequence;
  }

  void sync() {
    inSequence = false;
    skipping = false;
  }

  /** Portals do not outlive their transaction. */
  void transactionEnded() {
    portals.clear();
  }

  void simpleQueryBegins() {
    inSequence = false;
    statements.remove("");
    portals.remove("");
  }

  /**
   * DEALLOCATE, of all prepared statements without a name.
   *
   * @throws PgError 26000 if there is none of this name
   */
  void deallocate(Optional<String> name) {
    if (name.isEmpty()) {
      statements.clear();
    } else {
      prepared(name.get());
      statements.remove(name.get());
    }
  }

  void parse(Frame frame) {
    inSequence = true;
    String name = frame.string();
    String text = frame.string();
    int count = frame.count();
    List<Integer> types = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      types.add(frame.int32());
    }
    frame.end();
    List<Statement> parsed = session.parts().parser().parse(text);
    if (parsed.size() > 1) {
      throw PgError.error("42601", "cannot insert multiple commands into a prepared statement");
    }
    if (!name.isEmpty() && statements.containsKey(name)) {
      throw PgError.error("42P05", "prepared statement \"%s\" already exists".formatted(name));
    }
    session.block().check(parsed.getFirst());
    Prepared prepared = new Prepared(text, source(text, parsed.getFirst(), types));
    describe(prepared);
    statements.put(name, prepared);
    session.out().begin('1').end();
  }

  private PlanSource source(String text, Statement statement, List<Integer> types) {
    PlanSource known = sources.get(text);
    if (known != null && known.is(statement, types)) {
      return known;
    }
    if (sources.size() == SOURCES_MAX) {
      sources.clear();
    }
    PlanSource made = new PlanSource(statement, types);
    sources.put(text, made);
    return made;
  }

  private Description describe(Prepared prepared) {
    if (prepared.description.isEmpty()) {
      session.noteQuery(prepared.text);
      if (prepared.statement() instanceof Statement.Sql) {
        session.block().ensure();
      }
      prepared.generation = generation();
      prepared.description = Optional.of(described(prepared));
    }
    return prepared.description.get();
  }

  private Description described(Prepared prepared) {
    return session.parts().executor().describe(prepared.source, session.context());
  }

  private long generation() {
    return session.parts().tables().catalog().generation();
  }

  /**
   * Describes a statement again if tables have changed since (RevalidateCachedQuery).
   *
   * @throws PgError 0A000 if its result has changed, which the client may have seen described
   */
  private void revalidate(Prepared prepared) {
    boolean changed =
        prepared.generation != generation()
            || session.block().current().map(Transaction::hasChangedCatalog).orElse(false);
    if (!changed
        || prepared.description.isEmpty()
        || !(prepared.statement() instanceof Statement.Sql)) {
      return;
    }
    session.block().ensure();
    prepared.generation = generation();
    if (!described(prepared).columns().equals(prepared.description.get().columns())) {
      throw PgError.error("0A000", "cached plan must not change result type");
    }
  }

  private Prepared prepared(String name) {
    Prepared found = statements.get(name);
    if (found == null) {
      throw PgError.error(
          "26000",
          name.isEmpty()
              ? "unnamed prepared statement does not exist"
              : "prepared statement \"%s\" does not exist".formatted(name));
    }
    return found;
  }

  private Portal portal(String name) {
    Portal found = portals.get(name);
    if (found == null) {
      throw PgError.error("34000", "portal \"%s\" does not exist".formatted(name));
    }
    return found;
  }

  void bind(Frame frame) {
    inSequence = true;
    String portalName = frame.string();
    String name = frame.string();
    Prepared prepared = prepared(name);
    session.block().check(prepared.statement());
    revalidate(prepared);
    List<Integer> formats = int16s(frame);
    int count = frame.count();
    List<SqlType> types = describe(prepared).parameters();
    if (count != types.size()) {
      throw PgError.error(
          "08P01",
          "bind message supplies %d parameters, but prepared statement \"%s\" requires %d"
              .formatted(count, name, types.size()));
    }
    List<Datum> values = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      int length = frame.int32();
      if (length < 0) {
        values.add(Datum.NULL);
        continue;
      }
      byte[] bytes = frame.bytes(length);
      values.add(
          ResultWriter.format(formats, i) == 1
              ? BinaryForm.parse(bytes, types.get(i))
              : TypeText.parse(new String(bytes, StandardCharsets.UTF_8), types.get(i)));
    }
    List<Integer> resultFormats = int16s(frame);
    frame.end();
    portals.put(portalName, new Portal(prepared, values, resultFormats));
    session.out().begin('2').end();
  }

  private static List<Integer> int16s(Frame frame) {
    int count = frame.count();
    List<Integer> values = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      values.add(frame.int16());
    }
    return values;
  }

  void describe(Frame frame) {
    inSequence = true;
    MessageWriter out = session.out();
    int kind = kind(frame, "DESCRIBE");
    String name = frame.string();
    frame.end();
    if (kind == 'S') {
      Description description = describe(prepared(name));
      out.begin('t').int16(description.parameters().size());
      description.parameters().forEach(type -> out.int32(type.oid()));
      out.end();
      columns(prepared(name), description, List.of());
    } else {
      Portal portal = portal(name);
      columns(portal.prepared, describe(portal.prepared), portal.formats);
    }
  }

  private void columns(Prepared of, Description description, List<Integer> formats) {
    boolean query =
        of.statement() instanceof Statement.Sql sql && sql.command() instanceof Command.Select;
    if (description.columns().isEmpty() && !query) {
      session.out().begin('n').end();
    } else {
      ResultWriter.description(session.out(), description.columns(), formats);
    }
  }

  private static int kind(Frame frame, String message) {
    int kind = frame.int8();
    if (kind != 'S' && kind != 'P') {
      throw PgError.error("08P01", "invalid %s message subtype %d".formatted(message, kind));
    }
    return kind;
  }

  void execute(Frame frame) throws IOException {
    inSequence = true;
    MessageWriter out = session.out();
    String name = frame.string();
    Portal portal = portal(name);
    int max = frame.int32();
    frame.end();
    session.noteQuery(portal.prepared.text);
    session.log().statement(portal.prepared.text, session.settings());
    if (portal.prepared.statement() instanceof Statement.Empty) {
      out.begin('I').end();
      return;
    }
    if (portal.outcome.isEmpty()) {
      portal.outcome =
          Optional.of(
              StatementRunner.run(
                  session, portal.prepared.source, portal.parameters, session::commandComplete));
      if (portal.prepared.statement() instanceof Statement.Commit) {
        return;
      }
    } else if (!portal.outcome.get().hasRows()) {
      throw PgError.error("55000", "portal \"%s\" cannot be run".formatted(name));
    }
    Outcome outcome = portal.outcome.get();
    int before = portal.sent;
    int to = outcome.rows().size();
    if (max > 0) {
      to = Math.min(to, portal.sent + max);
    }
    for (; portal.sent < to; portal.sent++) {
      ResultWriter.row(out, outcome.rows().get(portal.sent), outcome.columns(), portal.formats);
    }
    if (max > 0 && portal.sent - before == max) {
      out.begin('s').end();
      return;
    }
    boolean select = outcome.tag().startsWith("SELECT ");
    out.commandComplete(select ? "SELECT " + (portal.sent - before) : outcome.tag());
  }

  void close(Frame frame) {
    inSequence = true;
    int kind = kind(frame, "CLOSE");
    String name = frame.string();
    frame.end();
    if (kind == 'S') {
      statements.remove(name);
    } else {
      portals.remove(name);
    }
    session.out().begin('3').end();
  }
}
