package phaistos.cluster;

import phaistos.cluster.Cluster.Stream;

/** Links whose bandwidth can be limited. */
public interface SlowLinks {
  /** Limits a stream to so many kilobytes a second; 0 takes the limit away. */
  void limitBandwidth(Stream stream, long kilobytesPerSecond);
}
