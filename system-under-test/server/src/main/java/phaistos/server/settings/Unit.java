package phaistos.server.settings;

import java.util.Locale;

/** What the number of a setting counts (guc.c's GUC_UNIT). */
public enum Unit {
  NONE("", false, 1),
  MILLIS("ms", true, 1),
  SECONDS("s", true, 1000),
  MINUTES("min", true, 60_000),
  BYTES("B", false, 1),
  KILOBYTES("kB", false, 1L << 10),
  BLOCKS("8kB", false, 1L << 13),
  MEGABYTES("MB", false, 1L << 20);

  private static final String[] TIMES = {"d", "h", "min", "s", "ms"};
  private static final double[] MILLIS_EACH = {86_400_000, 3_600_000, 60_000, 1000, 1};
  private static final String[] SIZES = {"TB", "GB", "MB", "kB", "B"};
  private static final double[] BYTES_EACH = {1L << 40, 1L << 30, 1L << 20, 1L << 10, 1};

  private final String label;
  private final boolean time;
  private final long size;

  Unit(String label, boolean time, long size) {
    this.label = label;
    this.time = time;
    this.size = size;
  }

  /** As pg_settings has it. */
  public String label() {
    return label;
  }

  public boolean isTime() {
    return time;
  }

  /** In milliseconds, or in bytes. */
  long size() {
    return size;
  }

  static Unit labelled(String label) {
    for (Unit unit : values()) {
      if (unit.label.equals(label)) {
        return unit;
      }
    }
    throw new IllegalArgumentException("no unit: " + label);
  }

  /** How many of these one of {@code suffix} is; 0 if it is none of their kind. */
  double perSuffix(String suffix) {
    if (this == NONE) {
      return 0;
    }
    if (time && suffix.equals("us")) {
      return 0.001 / size;
    }
    String[] names = time ? TIMES : SIZES;
    for (int i = 0; i < names.length; i++) {
      if (names[i].equals(suffix)) {
        return (time ? MILLIS_EACH[i] : BYTES_EACH[i]) / size;
      }
    }
    return 0;
  }

  /** With the largest unit in which the value is a whole number (ShowGUCOption). */
  String shown(double value, String canonical) {
    if (this == NONE || value <= 0) {
      return canonical;
    }
    String[] names = time ? TIMES : SIZES;
    double[] sizes = time ? MILLIS_EACH : BYTES_EACH;
    double base = value * size;
    for (int i = 0; i < names.length; i++) {
      double count = base / sizes[i];
      if (count >= 1 && count == Math.rint(count)) {
        return String.format(Locale.ROOT, "%.0f%s", count, names[i]);
      }
    }
    return time ? canonical + label : String.format(Locale.ROOT, "%.0fB", base);
  }

  /** For an error with a wrong suffix. */
  String hint() {
    return switch (this) {
      case NONE -> "";
      case MILLIS, SECONDS, MINUTES ->
          "Valid units for this parameter are \"us\", \"ms\", \"s\", \"min\", \"h\", and \"d\".";
      case BYTES, KILOBYTES, BLOCKS, MEGABYTES ->
          "Valid units for this parameter are \"B\", \"kB\", \"MB\", \"GB\", and \"TB\".";
    };
  }
}
