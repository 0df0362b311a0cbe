package phaistos.cluster;

import java.util.Map;
import phaistos.cluster.Cluster.Stream;

/** Toxiproxy's toxics on the streams of a cluster, by their names, attributes and meanings. */
public interface Toxics {
  /** A toxic. Its attributes are those of Toxiproxy 2.12, in milliseconds if nothing is said. */
  enum Kind {
    /** Delays all data: {@code latency}, {@code jitter}. */
    LATENCY,
    /** {@code rate} in kilobytes a second. */
    BANDWIDTH,
    /** Cuts data into pieces: {@code average_size}, {@code size_variation}, {@code delay} in us. */
    SLICER,
    /** Drops all data, and closes the connection after {@code timeout}; for 0 at its end. */
    TIMEOUT,
    /** Resets connections after {@code timeout}. */
    RESET_PEER,
    /** Closes a connection after so many {@code bytes}. */
    LIMIT_DATA,
    /** Delays the end of a connection by {@code delay}. */
    SLOW_CLOSE
  }

  /**
   * Adds a toxic.
   *
   * @param name its own on this stream
   */
  void add(String name, Stream stream, Kind kind, Map<String, Long> attributes);

  /** Takes a toxic away; does nothing if it is not there. */
  void remove(String name, Stream stream);
}
