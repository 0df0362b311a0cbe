package phaistos.server.settings;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import phaistos.server.errors.PgError;

/**
 * The server's settings: the given values, and defaults for the rest. Immutable; a reload creates a
 * new instance. Names are case-insensitive.
 */
public final class Settings {
  private static final long NO_TIME = Long.MIN_VALUE;

  private final Map<String, String> given;

  /** Filled at the first look: a session asks for many of them with each message. */
  private Value[] values;

  /**
   * @param number of an integer; else 0
   * @param nanos of a time in whole units; else {@link #NO_TIME}
   */
  private record Value(Parameter parameter, String text, long number, boolean isOn, long nanos) {}

  private Settings(Map<String, String> given) {
    this.given = given;
  }

  public static Settings defaults() {
    return new Settings(new TreeMap<>());
  }

  /**
   * A copy with another value for one setting.
   *
   * @throws PgError 42704 for an unknown name, 22023 for a value that does not fit
   */
  public Settings with(String name, String value) {
    Parameter parameter = Parameters.named(name);
    Map<String, String> changed = new TreeMap<>(given);
    changed.put(parameter.name().toLowerCase(Locale.ROOT), parameter.canonical(value));
    return new Settings(changed);
  }

  /**
   * A copy with a value that a user gave for one setting, in a file or on the command line.
   *
   * @throws PgError 55P02 for a setting that cannot be changed, 0A000 for a value that this server
   *     refuses, and as {@link #with(String, String)}
   */
  public Settings given(String name, String value) {
    Parameter parameter = Parameters.named(name);
    if (parameter.context() == Parameter.Context.INTERNAL) {
      throw PgError.error(
          "55P02", "parameter \"%s\" cannot be changed".formatted(parameter.name()));
    }
    String accepted = Parameters.accepted(parameter, value);
    Map<String, String> changed = new TreeMap<>(given);
    changed.put(parameter.name().toLowerCase(Locale.ROOT), accepted);
    return new Settings(changed);
  }

  /** The names that were given a value which changes nothing here, by rising name. */
  public List<String> withoutEffect() {
    List<String> names = new ArrayList<>();
    for (String name : given.keySet()) {
      Parameter parameter = Parameters.named(name);
      if (parameter.effect() instanceof Effect.None) {
        names.add(parameter.name());
      }
    }
    return names;
  }

  /** The warning for one of {@link #withoutEffect}. */
  public static String noEffect(String name) {
    return "setting \"%s\" has no effect in this server".formatted(name);
  }

  /** With the default for one setting. */
  public Settings without(String name) {
    Map<String, String> changed = new TreeMap<>(given);
    changed.remove(Parameters.named(name).name().toLowerCase(Locale.ROOT));
    return new Settings(changed);
  }

  /**
   * These settings after a reload: those that only a start sets keep their values.
   *
   * @param log takes a line for each that would have changed
   */
  public Settings reloadedOver(Settings running, Consumer<String> log) {
    Map<String, String> changed = new TreeMap<>(given);
    for (Parameter parameter : Parameters.all()) {
      String name = parameter.name().toLowerCase(Locale.ROOT);
      if (parameter.context() == Parameter.Context.POSTMASTER
          && !get(name).equals(running.get(name))) {
        log.accept(
            "parameter \"%s\" cannot be changed without restarting the server"
                .formatted(parameter.name()));
        changed.put(name, running.get(name));
      }
    }
    return new Settings(changed);
  }

  /** A copy in which the values of {@code over} take precedence. */
  public Settings with(Settings over) {
    if (over.given.isEmpty()) {
      return this;
    }
    Map<String, String> changed = new TreeMap<>(given);
    changed.putAll(over.given);
    return new Settings(changed);
  }

  /**
   * Reads a configuration file without {@code include} directives.
   *
   * @throws PgError naming the file and the line
   */
  public static Settings parse(String file, String text) {
    return new ConfigurationText(ConfigurationText.NO_FILES).parse(file, text);
  }

  /** The canonical value. */
  public String get(String name) {
    return value(name).text;
  }

  private Value value(String name) {
    int place = Parameters.place(name);
    if (place < 0) {
      return compute(Parameters.named(name));
    }
    // tasks that fill it at once compute the same
    Value[] all = values;
    if (all == null) {
      all = new Value[Parameters.all().size()];
      values = all;
    }
    Value known = all[place];
    if (known == null) {
      known = compute(Parameters.all().get(place));
      all[place] = known;
    }
    return known;
  }

  private Value compute(Parameter parameter) {
    String value = given.get(parameter.name().toLowerCase(Locale.ROOT));
    String text = value != null ? value : parameter.boot();
    boolean isInteger = parameter.kind() == Parameter.Kind.INT;
    long number = isInteger ? Long.parseLong(text) : 0;
    long nanos = isInteger ? nanos(parameter.unit(), number) : NO_TIME;
    return new Value(parameter, text, number, text.equals("on"), nanos);
  }

  private static long nanos(Unit unit, long number) {
    return switch (unit) {
      case MILLIS -> number * 1_000_000;
      case SECONDS -> number * 1_000_000_000;
      case MINUTES -> number * 60_000_000_000L;
      case NONE, BYTES, KILOBYTES, MEGABYTES, BLOCKS -> NO_TIME;
    };
  }

  /** The elements of a list that commas separate. */
  public List<String> list(String name) {
    List<String> elements = new ArrayList<>();
    for (String part : get(name).split(",")) {
      if (!part.isBlank()) {
        elements.add(part.strip());
      }
    }
    return elements;
  }

  public boolean isGiven(String name) {
    return given.containsKey(name.toLowerCase(Locale.ROOT));
  }

  public boolean bool(String name) {
    return value(name).isOn;
  }

  /** A number in the parameter's own unit. */
  public long number(String name) {
    Value value = value(name);
    return value.parameter.kind() == Parameter.Kind.INT ? value.number : Long.parseLong(value.text);
  }

  public double real(String name) {
    return Double.parseDouble(get(name));
  }

  /** A size setting in bytes, whatever its unit. */
  public long bytes(String name) {
    return number(name) * value(name).parameter.unit().size();
  }

  /** A time setting in nanoseconds, whatever its unit. */
  public long nanos(String name) {
    Value value = value(name);
    if (value.nanos == NO_TIME) {
      throw new IllegalArgumentException(name + " is no time");
    }
    return value.nanos;
  }

  /** As text for a configuration file. */
  public String format() {
    StringBuilder out = new StringBuilder();
    given.forEach(
        (name, value) ->
            out.append(name)
                .append(" = '")
                .append(value.replace("\\", "\\\\").replace("'", "''"))
                .append("'\n"));
    return out.toString();
  }
}
