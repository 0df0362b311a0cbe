package phaistos.cluster.proxies;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The byte counters of a Toxiproxy, from its page {@code /metrics}: what it read from one side of a
 * proxy and what it wrote to the other. Toxiproxy 2.12 adds a connection's bytes when the
 * connection ends (its link.go), so those of open connections are missing.
 */
record ProxyMetrics(Map<String, Counters> counters) {
  private static final Pattern LINE =
      Pattern.compile(
          "^toxiproxy_proxy_(received|sent)_bytes_total\\{([^}]*)\\} (\\S+)$", Pattern.MULTILINE);
  private static final Pattern LABEL = Pattern.compile("(\\w+)=\"([^\"]*)\"");

  /** Bytes that came in on one side, and that went out on the other. */
  record Counters(long received, long sent) {
    static final Counters NONE = new Counters(0, 0);

    /** The bytes that came in and did not go out. */
    long missing() {
      return Math.max(0, received - sent);
    }

    Counters plus(Counters other) {
      return new Counters(received + other.received, sent + other.sent);
    }
  }

  static ProxyMetrics parse(String page) {
    Map<String, Counters> counters = new HashMap<>();
    Matcher line = LINE.matcher(page);
    while (line.find()) {
      Map<String, String> labels = new HashMap<>();
      Matcher label = LABEL.matcher(line.group(2));
      while (label.find()) {
        labels.put(label.group(1), label.group(2));
      }
      long bytes = (long) Double.parseDouble(line.group(3));
      Counters add =
          line.group(1).equals("received") ? new Counters(bytes, 0) : new Counters(0, bytes);
      counters.merge(
          key(labels.get("proxy"), "upstream".equals(labels.get("direction"))),
          add,
          Counters::plus);
    }
    return new ProxyMetrics(counters);
  }

  /** One stream of a proxy; upstream is from the dialer to the target. */
  Counters of(String proxy, boolean upstream) {
    return counters.getOrDefault(key(proxy, upstream), Counters.NONE);
  }

  private static String key(String proxy, boolean upstream) {
    return proxy + (upstream ? " upstream" : " downstream");
  }
}
