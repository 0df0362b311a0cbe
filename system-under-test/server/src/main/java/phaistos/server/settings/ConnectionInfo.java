package phaistos.server.settings;

import java.util.Map;
import java.util.TreeMap;
import phaistos.environment.Network.Address;
import phaistos.server.errors.PgError;

/**
 * primary_conninfo: {@code key=value} pairs, values in single quotes where they hold blanks, as
 * libpq reads them. Used are host, port, user and application_name.
 */
public record ConnectionInfo(Address address, String user, String applicationName) {
  /**
   * Reads the setting.
   *
   * @param name the application name if the setting gives none
   * @throws PgError 22023 if it is malformed
   */
  public static ConnectionInfo parse(String text, String name) {
    Map<String, String> values = pairs(text);
    int port;
    try {
      port = Integer.parseInt(values.getOrDefault("port", "5432"));
    } catch (NumberFormatException e) {
      throw malformed(text, "port is no number");
    }
    return new ConnectionInfo(
        new Address(values.getOrDefault("host", "localhost"), port),
        values.getOrDefault("user", "postgres"),
        values.getOrDefault("application_name", name));
  }

  private static Map<String, String> pairs(String text) {
    Map<String, String> values = new TreeMap<>();
    int at = 0;
    while (true) {
      while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
        at++;
      }
      if (at == text.length()) {
        return values;
      }
      int equals = text.indexOf('=', at);
      if (equals < 0) {
        throw malformed(text, "missing \"=\" after \"" + text.substring(at) + "\"");
      }
      String key = text.substring(at, equals).strip();
      at = equals + 1;
      StringBuilder value = new StringBuilder();
      boolean quoted = at < text.length() && text.charAt(at) == '\'';
      at += quoted ? 1 : 0;
      while (at < text.length()) {
        char c = text.charAt(at);
        if (quoted ? c == '\'' : Character.isWhitespace(c)) {
          break;
        }
        if (c == '\\' && at + 1 < text.length()) {
          c = text.charAt(++at);
        }
        value.append(c);
        at++;
      }
      if (quoted && at == text.length()) {
        throw malformed(text, "unterminated quoted string");
      }
      at += quoted ? 1 : 0;
      values.put(key, value.toString());
    }
  }

  private static PgError malformed(String text, String detail) {
    return PgError.error(
        "22023",
        "invalid value for parameter \"primary_conninfo\": \"%s\"".formatted(text),
        detail);
  }
}
