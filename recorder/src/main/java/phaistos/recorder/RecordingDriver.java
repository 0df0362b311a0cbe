package phaistos.recorder;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.DriverPropertyInfo;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.logging.Logger;

/**
 * {@code jdbc:phaistos:postgresql://...}: connects through the driver of the rest of the URL, and
 * records xid, marker, level and outcome of each transaction that wrote, as {@link
 * RecordingConnection} says. Its own parameters in the URL or the properties:
 *
 * <ul>
 *   <li>{@code phaistosHistory}: the file that is appended to, default {@value #DEFAULT_HISTORY}
 *   <li>{@code phaistosNode}: the server's name in {@code ./phaistos audit}; recorded only if given
 * </ul>
 */
public final class RecordingDriver implements Driver {
  static final String PREFIX = "jdbc:phaistos:";
  static final String HISTORY = "phaistosHistory";
  static final String NODE = "phaistosNode";
  static final String DEFAULT_HISTORY = "phaistos-history.jsonl";

  static {
    try {
      DriverManager.registerDriver(new RecordingDriver());
    } catch (SQLException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  @Override
  public boolean acceptsURL(String url) {
    return url.startsWith(PREFIX);
  }

  @Override
  public Connection connect(String url, Properties given) throws SQLException {
    if (!acceptsURL(url)) {
      return null;
    }
    Properties properties = new Properties();
    given.stringPropertyNames().forEach(name -> properties.put(name, given.getProperty(name)));
    String inner = "jdbc:" + withoutOurs(url.substring(PREFIX.length()), properties);
    Path file = Path.of(Optional.ofNullable(take(properties, HISTORY)).orElse(DEFAULT_HISTORY));
    Optional<String> node = Optional.ofNullable(take(properties, NODE));
    HistoryFile history = HistoryFile.of(file);
    return RecordingConnection.wrap(DriverManager.getConnection(inner, properties), history, node);
  }

  private static String take(Properties properties, String name) {
    return (String) properties.remove(name);
  }

  /** The URL for the other driver; moves our parameters to the properties. */
  private static String withoutOurs(String url, Properties properties) {
    int query = url.indexOf('?');
    if (query < 0) {
      return url;
    }
    List<String> others = new ArrayList<>();
    for (String part : url.substring(query + 1).split("&")) {
      int equals = part.indexOf('=');
      String name = equals < 0 ? part : part.substring(0, equals);
      if (name.equals(HISTORY) || name.equals(NODE)) {
        String value = equals < 0 ? "" : part.substring(equals + 1);
        properties.put(
            name, java.net.URLDecoder.decode(value, java.nio.charset.StandardCharsets.UTF_8));
      } else {
        others.add(part);
      }
    }
    return url.substring(0, query) + (others.isEmpty() ? "" : "?" + String.join("&", others));
  }

  @Override
  public DriverPropertyInfo[] getPropertyInfo(String url, Properties given) {
    DriverPropertyInfo history = new DriverPropertyInfo(HISTORY, DEFAULT_HISTORY);
    history.description = "file to which transactions are recorded";
    DriverPropertyInfo node = new DriverPropertyInfo(NODE, "");
    node.description = "name of the server in the records";
    return new DriverPropertyInfo[] {history, node};
  }

  @Override
  public int getMajorVersion() {
    return 0;
  }

  @Override
  public int getMinorVersion() {
    return 1;
  }

  @Override
  public boolean jdbcCompliant() {
    return false;
  }

  @Override
  public Logger getParentLogger() throws SQLFeatureNotSupportedException {
    throw new SQLFeatureNotSupportedException("no java.util.logging");
  }
}
