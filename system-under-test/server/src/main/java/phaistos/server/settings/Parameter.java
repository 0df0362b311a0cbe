package phaistos.server.settings;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.List;
import java.util.Locale;
import phaistos.server.errors.PgError;

/**
 * A setting by PostgreSQL's name (guc.c).
 *
 * @param boot default, in canonical form
 * @param min for numbers, in units of {@code unit}
 * @param options for enumerations, the words that are shown
 * @param effect what it does here
 */
public record Parameter(
    String name,
    Kind kind,
    String boot,
    Context context,
    double min,
    double max,
    Unit unit,
    List<String> options,
    Effect effect) {
  /** Numbers that are shown and read as octal. */
  private static final List<String> OCTAL =
      List.of("data_directory_mode", "log_file_mode", "unix_socket_permissions");

  /** How the value is read. */
  public enum Kind {
    BOOL("bool"),
    INT("integer"),
    REAL("real"),
    ENUM("enum"),
    STRING("string");

    private final String label;

    Kind(String label) {
      this.label = label;
    }

    /** As pg_settings has it. */
    public String label() {
      return label;
    }
  }

  /** When it may be changed. */
  public enum Context {
    INTERNAL,
    POSTMASTER,
    SIGHUP,
    SUPERUSER_BACKEND,
    BACKEND,
    SUPERUSER,
    USER;

    /** As pg_settings has it. */
    public String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Whether a session may change it: all users are superusers. */
    public boolean isOfSession() {
      return this == SUPERUSER || this == USER;
    }
  }

  static Parameter text(String name, String boot, Context context, Effect effect) {
    return new Parameter(name, Kind.STRING, boot, context, 0, 0, Unit.NONE, List.of(), effect);
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
      case INT -> Long.toString(Math.round(number(text.strip())));
      case REAL -> printed(number(text.strip()));
      case ENUM -> option(text.strip());
    };
  }

  /** As SHOW prints it: with the largest unit that fits. */
  public String shown(String canonical) {
    if (OCTAL.contains(name)) {
      return "%04o".formatted(Long.parseLong(canonical));
    }
    return switch (kind) {
      case INT, REAL -> unit.shown(Double.parseDouble(canonical), canonical);
      case BOOL, ENUM, STRING -> canonical;
    };
  }

  private String bool(String text) {
    String word = text.strip().toLowerCase(Locale.ROOT);
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
    String word = text.toLowerCase(Locale.ROOT);
    for (String option : options) {
      if (option.equalsIgnoreCase(word)) {
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

  /** A number with an optional unit, in this parameter's unit (parse_int, parse_real). */
  private double number(String text) {
    int split = text.length();
    boolean hex = text.matches("[-+]?0[xX].*");
    while (split > 0 && Character.isLetter(text.charAt(split - 1)) && !hex) {
      split--;
    }
    String suffix = text.substring(split);
    double value = literal(text.substring(0, split).strip(), text);
    if (!suffix.isEmpty()) {
      double scale = unit.perSuffix(suffix);
      if (scale == 0) {
        throw PgError.withHint("22023", invalid(text), unit.hint());
      }
      value *= scale;
    }
    double rounded = kind == Kind.INT ? Math.rint(value) : value;
    if (Double.isNaN(value) || rounded < min || rounded > max) {
      throw PgError.error(
          "22023",
          "%s%s is outside the valid range for parameter \"%s\" (%s .. %s)"
              .formatted(
                  printed(rounded),
                  unit == Unit.NONE ? "" : " " + unit.label(),
                  name,
                  printed(min),
                  printed(max)));
    }
    return rounded;
  }

  private double literal(String digits, String text) {
    try {
      return kind == Kind.INT && digits.matches("[-+]?0[0-9xX].*")
          ? Long.decode(digits)
          : Double.parseDouble(digits);
    } catch (NumberFormatException e) {
      throw PgError.error("22023", invalid(text));
    }
  }

  /** As C's %g and %d print it. */
  public String printed(double value) {
    if (kind == Kind.INT && Math.abs(value) < 1e15) {
      return Long.toString((long) value);
    }
    BigDecimal rounded = new BigDecimal(value).round(new MathContext(6, RoundingMode.HALF_EVEN));
    int exponent = rounded.signum() == 0 ? 0 : rounded.precision() - rounded.scale() - 1;
    if (exponent < -4 || exponent >= 6) {
      BigDecimal digits = rounded.movePointLeft(exponent).stripTrailingZeros();
      return "%se%s%02d"
          .formatted(digits.toPlainString(), exponent < 0 ? "-" : "+", Math.abs(exponent));
    }
    return rounded.signum() == 0 ? "0" : rounded.stripTrailingZeros().toPlainString();
  }

  private String invalid(String text) {
    return "invalid value for parameter \"%s\": \"%s\"".formatted(name, text);
  }
}
