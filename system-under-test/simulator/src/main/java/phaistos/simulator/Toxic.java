package phaistos.simulator;

import java.time.Duration;

/**
 * A disturbance of one direction of the streams between two hosts, by Toxiproxy's names and
 * meanings (checked against Toxiproxy 2.12). It acts on existing and on new connections.
 */
public sealed interface Toxic {
  /** Delays all data. */
  record Latency(Duration latency, Duration jitter) implements Toxic {}

  /** Bounds each connection's speed; a rate of 0 stalls it until the toxic is removed. */
  record Bandwidth(long kilobytesPerSecond) implements Toxic {}

  /** Cuts data into pieces, with a delay after each. */
  record Slicer(int averageBytes, int variationBytes, Duration delay) implements Toxic {}

  /**
   * Drops all data and closes the connection after the delay; with a delay of zero it stays open
   * until the toxic is removed, which closes it.
   */
  record Timeout(Duration delay) implements Toxic {}

  /** Resets the connection after the delay. */
  record ResetPeer(Duration delay) implements Toxic {}

  /** Closes the connection once this many bytes have passed. */
  record LimitData(long bytes) implements Toxic {}

  /** Delays the end of the stream. */
  record SlowClose(Duration delay) implements Toxic {}
}
