package phaistos.server.settings;

import java.util.List;
import phaistos.server.errors.PgError;

/**
 * A setting by PostgreSQL's name (guc.c).
 *
 * @param boot default, in canonical form
 * @param min for numbers, in units of {@code unit}
 * @param options for enumerations, the words that are shown
 */
public record Parameter(
    String name,
    Kind kind,
    String boot,
    Context context,
    long min,
    long max,
    Unit unit,
    List<String> options) {
  /** How the value is read. */
  public enum Kind {
    BOOL,
    INT,
    REAL,
    ENUM,
    STRING
  }

  /** When it may be changed. */
  public enum Context {
    INTERNAL,
    POSTMASTER,
    SIGHUP,
    USER
  }

  /** What a number counts. */
  public enum Unit {
    NONE("", 1),
    MILLIS("ms", 1),
    SECONDS("s", 1000),
    MINUTES("min", 60_000),
    KILOBYTES("kB", 1),
    MEGABYTES("MB", 1024),
    BLOCKS("8kB", 8);

    private final String label;
    private final long size;

    Unit(String label, long size) {
      this.label = label;
      this.size = size;
    }
  }

  static Parameter bool(String name, boolean boot, Context context) {
    String value = boot ? "on" : "off";
    return new Parameter(name, Kind.BOOL, value, context, 0, 0, Unit.NONE, List.of());
  }

  static Parameter integer(String name, long boot, Context context, long min, long max, Unit unit) {
    return new Parameter(name, Kind.INT, Long.toString(boot), context, min, max, unit, List.of());
  }

  static Parameter real(String name, String boot, Context context) {
    return new Parameter(name, Kind.REAL, boot, context, 0, 0, Unit.NONE, List.of());
  }

  static Parameter text(String name, String boot, Context context) {
    return new Parameter(name, Kind.STRING, boot, context, 0, 0, Unit.NONE, List.of());
  }

  static Parameter choice(String name, String boot, Context context, String... options) {
    return new Parameter(name, Kind.ENUM, boot, context, 0, 0, Unit.NONE, List.of(options));
  }

  /**
   * The canonical form of a value: on or off, a number in the parameter's unit, an option's word.
   *
   * @throws PgError 22023 with PostgreSQL's text
   */
  public String canonical(String text) {
    return switch (kind) {
      case STRING -> text;
      case BOOL -> bool(text);
      case INT -> Long.toString(integer(text.strip()));
      case REAL -> real(text.strip());
      case ENUM -> option(text.strip());
    };
  }

  /** As SHOW prints it: with the largest unit that fits. */
  public String shown(String canonical) {
    if (kind != Kind.INT || unit == Unit.NONE) {
      return canonical;
    }
    long value = Long.parseLong(canonical) * unit.size;
    if (value <= 0) {
      return canonical;
    }
    boolean time = unit == Unit.MILLIS || unit == Unit.SECONDS || unit == Unit.MINUTES;
    String[] names = time ? new String[] {"d", "h", "min", "s"} : new String[] {"TB", "GB", "MB"};
    long[] sizes =
        time
            ? new long[] {86_400_000, 3_600_000, 60_000, 1000}
            : new long[] {1L << 30, 1L << 20, 1L << 10};
    for (int i = 0; i < names.length; i++) {
      if (value % sizes[i] == 0) {
        return value / sizes[i] + names[i];
      }
    }
    return value + (time ? "ms" : "kB");
  }

  private String bool(String text) {
    String word = text.strip().toLowerCase(java.util.Locale.ROOT);
    if (!word.isEmpty()) {
      if ("true".startsWith(word) || "yes".startsWith(word) || word.equals("1")) {
        return "on";
      }
      if ("false".startsWith(word) || "no".startsWith(word) || word.equals("0")) {
        return "off";
      }
      if (word.equals("on")) {
        return "on";
      }
      if (word.length() > 1 && "off".startsWith(word)) {
        return "off";
      }
    }
    throw PgError.error("22023", "parameter \"%s\" requires a Boolean value".formatted(name));
  }

  private String option(String text) {
    String word = text.toLowerCase(java.util.Locale.ROOT);
    for (String option : options) {
      if (option.equals(word)) {
        return option;
      }
    }
    // boolean spellings of synchronous_commit and its like
    if (options.contains("on") && options.contains("off")) {
      switch (word) {
        case "true", "yes", "1" -> {
          return "on";
        }
        case "false", "no", "0" -> {
          return "off";
        }
        default -> {
          // reported below
        }
      }
    }
    throw PgError.withHint(
        "22023", invalid(text), "Available values: " + String.join(", ", options) + ".");
  }

  private String real(String text) {
    try {
      return Double.toString(Double.parseDouble(text));
    } catch (NumberFormatException e) {
      throw PgError.error("22023", invalid(text));
    }
  }

  private long integer(String text) {
    int split = text.length();
    while (split > 0 && Character.isLetter(text.charAt(split - 1))) {
      split--;
    }
    String suffix = text.substring(split);
    double number;
    try {
      number = Double.parseDouble(text.substring(0, split).strip());
    } catch (NumberFormatException e) {
      throw PgError.error("22023", invalid(text));
    }
    long value = Math.round(suffix.isEmpty() ? number : number * scale(suffix, text) / unit.size);
    if (value < min || value > max) {
      throw PgError.error(
          "22023",
          "%d%s is outside the valid range for parameter \"%s\" (%d .. %d)"
              .formatted(value, unit == Unit.NONE ? "" : " " + unit.label, name, min, max));
    }
    return value;
  }

  private double scale(String suffix, String text) {
    boolean time = unit == Unit.MILLIS || unit == Unit.SECONDS || unit == Unit.MINUTES;
    double scale =
        switch (suffix) {
          case "us" -> time ? 0.001 : 0;
          case "ms" -> time ? 1 : 0;
          case "s" -> time ? 1000 : 0;
          case "min" -> time ? 60_000 : 0;
          case "h" -> time ? 3_600_000 : 0;
          case "d" -> time ? 86_400_000 : 0;
          case "B" -> time ? 0 : 1.0 / 1024;
          case "kB" -> time ? 0 : 1;
          case "MB" -> time ? 0 : 1 << 10;
          case "GB" -> time ? 0 : 1 << 20;
          case "TB" -> time ? 0 : 1 << 30;
          default -> 0;
        };
    if (scale == 0 || unit == Unit.NONE) {
      throw PgError.withHint(
          "22023",
          invalid(text),
          time
              ? "Valid units for this parameter are \"us\", \"ms\", \"s\", \"min\", \"h\", and"
                  + " \"d\"."
              : "Valid units for this parameter are \"B\", \"kB\", \"MB\", \"GB\", and \"TB\".");
    }
    return scale;
  }

  private String invalid(String text) {
    return "invalid value for parameter \"%s\": \"%s\"".formatted(name, text);
  }
}
