package phaistos.server.executor;

import static phaistos.server.executor.Views.column;

import java.util.ArrayList;
import java.util.List;
import phaistos.server.executor.Outcome.Column;
import phaistos.server.settings.Effect;
import phaistos.server.settings.Parameter;
import phaistos.server.settings.Parameters;
import phaistos.server.settings.Settings;
import phaistos.server.types.Datum;
import phaistos.server.types.SqlType;

/** pg_settings: PostgreSQL 15's columns; short_desc says what a setting does in this server. */
final class SettingsView {
  static final List<Column> COLUMNS =
      List.of(
          column("name", SqlType.TEXT),
          column("setting", SqlType.TEXT),
          column("unit", SqlType.TEXT),
          column("category", SqlType.TEXT),
          column("short_desc", SqlType.TEXT),
          column("extra_desc", SqlType.TEXT),
          column("context", SqlType.TEXT),
          column("vartype", SqlType.TEXT),
          column("source", SqlType.TEXT),
          column("min_val", SqlType.TEXT),
          column("max_val", SqlType.TEXT),
          column("enumvals", SqlType.TEXT),
          column("boot_val", SqlType.TEXT),
          column("reset_val", SqlType.TEXT),
          column("sourcefile", SqlType.TEXT),
          column("sourceline", SqlType.INT4),
          column("pending_restart", SqlType.BOOL));

  private SettingsView() {}

  static List<List<Datum>> rows(SessionContext session) {
    List<List<Datum>> rows = new ArrayList<>();
    Settings own = session.settings();
    Settings server = session.server().settings();
    for (Parameter parameter : Parameters.all()) {
      rows.add(row(parameter, own, server));
    }
    return rows;
  }

  private static List<Datum> row(Parameter parameter, Settings own, Settings server) {
    String name = parameter.name();
    boolean number =
        parameter.kind() == Parameter.Kind.INT || parameter.kind() == Parameter.Kind.REAL;
    boolean changed = !own.get(name).equals(server.get(name));
    String source = changed ? "session" : server.isGiven(name) ? "configuration file" : "default";
    return List.of(
        Datum.of(name),
        Datum.of(own.get(name)),
        text(parameter.unit().label()),
        Datum.of(category(parameter.effect())),
        Datum.of(parameter.effect().sentence()),
        Datum.NULL,
        Datum.of(parameter.context().label()),
        Datum.of(parameter.kind().label()),
        Datum.of(source),
        number ? Datum.of(parameter.printed(parameter.min())) : Datum.NULL,
        number ? Datum.of(parameter.printed(parameter.max())) : Datum.NULL,
        parameter.options().isEmpty()
            ? Datum.NULL
            : Datum.of("{" + String.join(",", parameter.options()) + "}"),
        Datum.of(parameter.boot()),
        Datum.of(server.get(name)),
        Datum.NULL,
        Datum.NULL,
        Datum.FALSE);
  }

  private static String category(Effect effect) {
    return switch (effect) {
      case Effect.Works _ -> "Has an effect";
      case Effect.None _ -> "Has no effect";
      case Effect.Only _ -> "Other values are refused";
      case Effect.Internal _ -> "Preset";
    };
  }

  private static Datum text(String value) {
    return value.isEmpty() ? Datum.NULL : Datum.of(value);
  }
}
