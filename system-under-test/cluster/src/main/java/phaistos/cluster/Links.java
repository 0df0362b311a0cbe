package phaistos.cluster;

import java.util.List;
import java.util.Optional;
import phaistos.cluster.Cluster.Stream;
import phaistos.cluster.Cluster.Traffic;

/** The links between nodes, and from clients to nodes. */
public interface Links {
  /** Every stream of this cluster. */
  List<Stream> streams();

  /** Stops the bytes on one directed stream until {@link #heal}. A cut stream stays cut. */
  void cut(Stream stream);

  /** Ends the cut. Does nothing if the stream is not cut. */
  void heal(Stream stream);

  void healAll();

  /** Present with {@link Capability#TOXIC}. */
  default Optional<Toxics> toxics() {
    return Optional.empty();
  }

  /** The bytes of this stream since the start. */
  Traffic traffic(Stream stream);
}
