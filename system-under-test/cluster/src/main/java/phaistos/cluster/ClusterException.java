package phaistos.cluster;

/** The cluster could not do what was asked: a defect of the harness or of the machine. */
public final class ClusterException extends RuntimeException {
  public ClusterException(String message) {
    super(message);
  }

  public ClusterException(String message, Throwable cause) {
    super(message, cause);
  }
}
