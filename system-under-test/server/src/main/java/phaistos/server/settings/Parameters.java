package phaistos.server.settings;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import phaistos.environment.FileRanges;
import phaistos.server.errors.PgError;
import phaistos.server.settings.Parameter.Context;
import phaistos.server.settings.Parameter.Kind;

/**
 * Every setting of PostgreSQL 15, with its name, range and default, and what it does here. The
 * table is the resource {@code settings.tsv}.
 */
public final class Parameters {
  private static final String TABLE = "settings.tsv";
  private static final String OWN_PREFIX = "phaistos.";
  private static final Map<String, Parameter> BY_NAME = read();
  private static final List<Parameter> ALL = List.copyOf(BY_NAME.values());

  /** The place of each in {@link #ALL}, by its name as PostgreSQL spells it and in lower case. */
  private static final Map<String, Integer> PLACES = places();

  private Parameters() {}

  private static Map<String, Parameter> read() {
    Map<String, Parameter> all = new TreeMap<>();
    try (InputStream in = Parameters.class.getResourceAsStream(TABLE);
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (!line.startsWith("#")) {
          Parameter parameter = parse(line.split("\t", -1));
          all.put(parameter.name().toLowerCase(Locale.ROOT), parameter);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + TABLE, e);
    }
    return all;
  }

  private static Map<String, Integer> places() {
    Map<String, Integer> places = new HashMap<>();
    for (int i = 0; i < ALL.size(); i++) {
      String name = ALL.get(i).name();
      places.put(name, i);
      places.put(name.toLowerCase(Locale.ROOT), i);
    }
    return places;
  }

  private static Parameter parse(String[] columns) {
    Kind kind = Kind.STRING;
    for (Kind each : Kind.values()) {
      kind = each.label().equals(columns[1]) ? each : kind;
    }
    Context context = Context.valueOf(columns[2].toUpperCase(Locale.ROOT).replace('-', '_'));
    return new Parameter(
        columns[0].intern(), // so that the server's own constants are found without a comparison
        kind,
        columns[4],
        context,
        columns[5].isEmpty() ? 0 : Double.parseDouble(columns[5]),
        columns[6].isEmpty() ? 0 : Double.parseDouble(columns[6]),
        Unit.labelled(columns[3]),
        columns[7].isEmpty() ? List.of() : List.of(columns[7].split(",")),
        Effect.parse(columns[8]));
  }

  /**
   * A setting of PostgreSQL or of this server; or one with a dot in its name, which PostgreSQL
   * keeps for whoever reads it.
   *
   * @throws PgError 42704 if there is none of this name
   */
  public static Parameter named(String name) {
    int place = place(name);
    if (place >= 0) {
      return ALL.get(place);
    }
    if (!name.toLowerCase(Locale.ROOT).startsWith(OWN_PREFIX) && isQualified(name)) {
      return Parameter.text(
          name, "", Context.USER, new Effect.Works("Kept for whoever reads it; empty if not set."));
    }
    throw PgError.error("42704", "unrecognized configuration parameter \"%s\"".formatted(name));
  }

  /** The place in {@link #all}, or -1 if the table has none of this name. */
  static int place(String name) {
    Integer place = PLACES.get(name);
    return place != null ? place : PLACES.getOrDefault(name.toLowerCase(Locale.ROOT), -1);
  }

  private static boolean isQualified(String name) {
    return name.matches("[A-Za-z_][A-Za-z0-9_$]*(\\.[A-Za-z_][A-Za-z0-9_$]*)+");
  }

  /**
   * The canonical form of a value that somebody gave. Values with their own grammar are checked
   * here, when they are set, not when they are used.
   *
   * @throws PgError 22023 if the parameter does not take it, 0A000 if this server does not
   */
  static String accepted(Parameter parameter, String text) {
    String value = parameter.canonical(text);
    switch (parameter.name()) {
      case "synchronous_standby_names" -> StandbyNames.parse(value);
      case "primary_conninfo" -> ConnectionInfo.parse(value, "");
      case "DateStyle" -> value = dateStyle(parameter, text);
      case "client_encoding" -> value = encoding(parameter, text);
      case "phaistos.transaction_buffers" -> checkBuffers(parameter, Long.parseLong(value));
      case "phaistos.slru_sync_range" -> checkRangeSync(parameter, value);
      default -> {
        // any text
      }
    }
    if (parameter.effect() instanceof Effect.Only only && !only.values().contains(value)) {
      throw PgError.error(
          "0A000",
          "parameter \"%s\" cannot be \"%s\": %s"
              .formatted(parameter.name(), value, only.reason()));
    }
    return value;
  }

  /** With fewer than four an eviction could find no page but the latest. */
  private static void checkBuffers(Parameter parameter, long value) {
    if (value > 0 && value < 4) {
      throw PgError.error(
          "22023",
          "invalid value for parameter \"%s\": %d".formatted(parameter.name(), value),
          "It must be 0, or at least 4.");
    }
  }

  private static void checkRangeSync(Parameter parameter, String value) {
    if (value.equals("on") && !FileRanges.AVAILABLE) {
      throw PgError.error(
          "22023",
          "%s must be off on systems that lack sync_file_range()".formatted(parameter.name()));
    }
  }

  private static String dateStyle(Parameter parameter, String text) {
    String style = "ISO";
    String order = "MDY";
    for (String part : text.split(",")) {
      String word = part.strip().toUpperCase(Locale.ROOT);
      switch (word) {
        case "ISO", "DEFAULT" -> style = "ISO";
        case "SQL", "POSTGRES", "GERMAN" -> style = word;
        case "MDY", "US", "NONEURO", "NONEUROPEAN" -> order = "MDY";
        case "DMY", "EURO", "EUROPEAN" -> order = "DMY";
        case "YMD" -> order = "YMD";
        default ->
            throw PgError.error(
                "22023",
                "invalid value for parameter \"%s\": \"%s\"".formatted(parameter.name(), text),
                "Unrecognized key word: \"%s\".".formatted(word.toLowerCase(Locale.ROOT)));
      }
    }
    if (!style.equals("ISO")) {
      throw PgError.error(
          "0A000",
          "parameter \"DateStyle\" cannot be \"%s\": dates are written in ISO style only"
              .formatted(text));
    }
    return style + ", " + order;
  }

  private static String encoding(Parameter parameter, String text) {
    String word = text.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "");
    return switch (word) {
      case "UTF8", "UNICODE" -> "UTF8";
      case "SQLASCII" -> "SQL_ASCII";
      default ->
          throw PgError.error(
              "0A000",
              "parameter \"%s\" cannot be \"%s\": text is not converted from UTF8"
                  .formatted(parameter.name(), text));
    };
  }

  /** Whether there is one of this name in the table. */
  public static boolean exists(String name) {
    return place(name) >= 0;
  }

  /** All of them by rising name. */
  public static List<Parameter> all() {
    return ALL;
  }
}
