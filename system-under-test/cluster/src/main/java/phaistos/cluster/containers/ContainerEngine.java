package phaistos.cluster.containers;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.NotFoundException;
import java.util.List;
import java.util.Optional;
import org.testcontainers.DockerClientFactory;

/** The Docker engine of this machine, and the images that a cluster needs there. */
public final class ContainerEngine {
  static final String TOXIPROXY_IMAGE = "ghcr.io/shopify/toxiproxy:2.12.0";
  static final String NODE_IMAGE = "phaistos/node:25";

  private ContainerEngine() {}

  /**
   * Why no cluster of containers can be made here, with the remedy, in one line; empty if one can.
   */
  public static Optional<String> missing() {
    if (!"true".equals(System.getenv("TESTCONTAINERS_RYUK_DISABLED"))) {
      return Optional.of(
          "containers need TESTCONTAINERS_RYUK_DISABLED=true in the environment,"
              + " which ./phaistos and ./mvnw set");
    }
    if (!DockerClientFactory.instance().isDockerAvailable()) {
      return Optional.of(
          "no Docker engine answers (./phaistos test --set-up-only says how to get one)");
    }
    for (String image : List.of(TOXIPROXY_IMAGE, NODE_IMAGE)) {
      try {
        client().inspectImageCmd(image).exec();
      } catch (NotFoundException e) {
        return Optional.of(
            "the Docker engine has no image "
                + image
                + " (./phaistos test --set-up-only makes it)");
      }
    }
    return Optional.empty();
  }

  static DockerClient client() {
    return DockerClientFactory.instance().client();
  }
}
