package phaistos.junit;

import eu.rekawek.toxiproxy.Proxy;
import eu.rekawek.toxiproxy.model.ToxicDirection;
import java.io.IOException;
import java.time.Duration;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.ContainerState;

/**
 * A fault that a test injects.
 *
 * @param kind a word for pages: partition, latency, pause
 * @param what a clause: "n1 was cut from n2"
 */
public record ServerFault(String kind, String what, Act begin, Act end) {
  /** Begins or ends a fault. */
  @FunctionalInterface
  public interface Act {
    void run() throws IOException;
  }

  private static final String TOXIC = "phaistos-";

  /** Nothing passes through the proxy, and its connections break. */
  public static ServerFault cut(Proxy proxy, String what) {
    return new ServerFault("partition", what, proxy::disable, proxy::enable);
  }

  /** Nothing passes through the proxy, and its connections stay. */
  public static ServerFault stall(Proxy proxy, String what) {
    String up = TOXIC + "stall-up";
    String down = TOXIC + "stall-down";
    return new ServerFault(
        "stall",
        what,
        () -> {
          proxy.toxics().bandwidth(up, ToxicDirection.UPSTREAM, 0);
          proxy.toxics().bandwidth(down, ToxicDirection.DOWNSTREAM, 0);
        },
        () -> {
          proxy.toxics().get(up).remove();
          proxy.toxics().get(down).remove();
        });
  }

  /** What comes back through the proxy comes later. */
  public static ServerFault latency(Proxy proxy, Duration delay, String what) {
    String name = TOXIC + "latency";
    return new ServerFault(
        "latency",
        what,
        () -> proxy.toxics().latency(name, ToxicDirection.DOWNSTREAM, delay.toMillis()),
        () -> proxy.toxics().get(name).remove());
  }

  /** The processes of a container stand still. */
  public static ServerFault pause(ContainerState container, String what) {
    return new ServerFault(
        "pause",
        what,
        () ->
            DockerClientFactory.instance()
                .client()
                .pauseContainerCmd(container.getContainerId())
                .exec(),
        () ->
            DockerClientFactory.instance()
                .client()
                .unpauseContainerCmd(container.getContainerId())
                .exec());
  }
}
