package phaistos.formats;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The file {@code backup_label} of a base backup: recovery begins at its position, not at the
 * control file's.
 *
 * @param start first WAL position that is needed (START WAL LOCATION)
 * @param checkpoint where the checkpoint's record is (CHECKPOINT LOCATION)
 * @param timeline START TIMELINE; 0 if the line is missing
 */
public record BackupLabel(
    Lsn start, Lsn checkpoint, int timeline, String method, String from, String label) {
  public static final String PATH = "backup_label";

  private static final Pattern POSITION = Pattern.compile("([0-9A-Fa-f]+/[0-9A-Fa-f]+)( .*)?");

  /**
   * Reads the file's text.
   *
   * @throws FormatException naming what is missing
   */
  public static BackupLabel parse(String text) {
    Map<String, String> fields = new HashMap<>();
    for (String line : text.lines().toList()) {
      int colon = line.indexOf(": ");
      if (colon > 0) {
        fields.putIfAbsent(line.substring(0, colon), line.substring(colon + 2).strip());
      }
    }
    String timeline = fields.getOrDefault("START TIMELINE", "0");
    try {
      return new BackupLabel(
          position(fields, "START WAL LOCATION"),
          position(fields, "CHECKPOINT LOCATION"),
          Integer.parseUnsignedInt(timeline),
          fields.getOrDefault("BACKUP METHOD", ""),
          fields.getOrDefault("BACKUP FROM", ""),
          fields.getOrDefault("LABEL", ""));
    } catch (NumberFormatException e) {
      throw new FormatException("backup_label: START TIMELINE is \"%s\"".formatted(timeline));
    }
  }

  private static Lsn position(Map<String, String> fields, String name) {
    Matcher matcher = POSITION.matcher(fields.getOrDefault(name, ""));
    if (!matcher.matches()) {
      throw new FormatException("backup_label: %s is missing or no LSN".formatted(name));
    }
    try {
      return Lsn.parse(matcher.group(1));
    } catch (IllegalArgumentException e) {
      throw new FormatException("backup_label: %s: %s".formatted(name, e.getMessage()));
    }
  }
}
