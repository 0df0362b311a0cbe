package phaistos.server.session;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import phaistos.server.errors.PgError;

/** The first message of a connection. */
sealed interface StartupPacket {
  int PROTOCOL_3 = 196_608;
  int CANCEL = 80_877_102;
  int SSL = 80_877_103;
  int GSS = 80_877_104;

  /** Asks for encryption, which is refused. */
  record Encryption(String kind) implements StartupPacket {}

  record Cancel(int pid, int key) implements StartupPacket {}

  /**
   * @param settings from the packet and its {@code options}
   */
  record Start(
      String user,
      String database,
      boolean replication,
      Map<String, String> settings,
      List<String> unknownOptions,
      int minor)
      implements StartupPacket {}

  static StartupPacket parse(ByteBuffer body) {
    int code = body.getInt();
    if (code == SSL || code == GSS) {
      return new Encryption(code == SSL ? "SSL" : "GSSAPI encryption");
    }
    if (code == CANCEL) {
      if (body.remaining() < 8) {
        throw PgError.fatal("08P01", "invalid length of startup packet");
      }
      return new Cancel(body.getInt(), body.getInt());
    }
    if (code >>> 16 != 3) {
      throw PgError.fatal(
          "0A000",
          "unsupported frontend protocol %d.%d: server supports 3.0 to 3.0"
              .formatted(code >>> 16, code & 0xFFFF));
    }
    Map<String, String> values = new TreeMap<>();
    List<String> unknown = new ArrayList<>();
    while (true) {
      String name = string(body);
      if (name.isEmpty()) {
        break;
      }
      values.put(name, string(body));
    }
    if (body.hasRemaining()) {
      throw PgError.fatal(
          "08P01", "invalid startup packet layout: expected terminator as last byte");
    }
    if (values.getOrDefault("user", "").isEmpty()) {
      throw PgError.fatal("28000", "no PostgreSQL user name specified in startup packet");
    }
    return start(values, unknown, code & 0xFFFF);
  }

  private static StartupPacket start(Map<String, String> values, List<String> unknown, int minor) {
    String user = values.remove("user");
    String database = values.getOrDefault("database", user);
    values.remove("database");
    String replication = values.getOrDefault("replication", "false");
    values.remove("replication");
    String options = values.getOrDefault("options", "");
    values.remove("options");
    Map<String, String> settings = new TreeMap<>();
    parseOptions(options, settings);
    for (Map.Entry<String, String> entry : values.entrySet()) {
      if (entry.getKey().startsWith("_pq_.")) {
        unknown.add(entry.getKey());
      } else {
        settings.put(entry.getKey(), entry.getValue());
      }
    }
    boolean physical =
        switch (replication.toLowerCase(java.util.Locale.ROOT)) {
          case "true", "on", "yes", "1" -> true;
          case "database" -> throw PgError.fatal("0A000", "logical replication is not supported");
          case "false", "off", "no", "0" -> false;
          default ->
              throw new PgError(
                  PgError.Severity.FATAL,
                  "22023",
                  "invalid value for parameter \"replication\": \"%s\"".formatted(replication),
                  "",
                  "Valid values are: \"false\", 0, \"true\", 1, \"database\".");
        };
    return new Start(user, database, physical, settings, unknown, minor);
  }

  /** {@code -c name=value} and {@code --name=value}, a backslash before a space. */
  private static void parseOptions(String options, Map<String, String> settings) {
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    for (int i = 0; i < options.length(); i++) {
      char c = options.charAt(i);
      if (c == '\\' && i + 1 < options.length()) {
        word.append(options.charAt(++i));
      } else if (c == ' ') {
        if (!word.isEmpty()) {
          words.add(word.toString());
          word.setLength(0);
        }
      } else {
        word.append(c);
      }
    }
    if (!word.isEmpty()) {
      words.add(word.toString());
    }
    for (int i = 0; i < words.size(); i++) {
      String option = words.get(i);
      if (option.equals("-c") && i + 1 < words.size()) {
        option = words.get(++i);
      } else if (option.startsWith("-c")) {
        option = option.substring(2);
      } else if (option.startsWith("--")) {
        option = option.substring(2);
      } else {
        throw PgError.fatal("42601", "invalid command-line argument: " + option);
      }
      int equals = option.indexOf('=');
      if (equals <= 0) {
        throw PgError.fatal("42601", "-c %s requires a value".formatted(option));
      }
      settings.put(option.substring(0, equals).replace('-', '_'), option.substring(equals + 1));
    }
  }

  private static String string(ByteBuffer body) {
    int from = body.position();
    while (body.hasRemaining()) {
      if (body.get() == 0) {
        byte[] bytes = new byte[body.position() - 1 - from];
        body.get(from, bytes);
        return new String(bytes, StandardCharsets.UTF_8);
      }
    }
    throw PgError.fatal("08P01", "invalid startup packet layout: expected terminator as last byte");
  }
}
