package phaistos.cluster.containers;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.Container;
import com.github.dockerjava.api.model.Network;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import phaistos.cluster.machine.MachineFiles;
import phaistos.cluster.machine.Mounts;
import phaistos.cluster.machine.Owner;

/**
 * Finds and removes, by their labels, the containers and networks that a run left on the Docker
 * engine. A run removes its own at its end and on SIGINT and SIGTERM. After a SIGKILL the next run
 * does.
 */
public final class Leftovers {
  /** The run's name. */
  static final String RUN = "phaistos.run";

  /** The run's process, see {@link Owner}. */
  static final String OWNER = "phaistos.owner";

  /** The run's folder on this machine, with the nodes' data. */
  static final String FOLDER = "phaistos.folder";

  /** A file in each run's folder; a folder without it is never removed. */
  static final String MARKER = ".phaistos-run";

  private Leftovers() {}

  /** Removes the leftovers of runs whose process is gone; returns their names. */
  public static List<String> removeDead() {
    return remove(
        labels -> Owner.parse(labels.getOrDefault(OWNER, "")).map(Owner::isGone).orElse(false),
        true);
  }

  /** The names of the containers and networks of a run. */
  static List<String> of(String run) {
    DockerClient client = ContainerEngine.client();
    List<String> names = new ArrayList<>();
    containers(client, labels -> run.equals(labels.get(RUN))).forEach(c -> names.add(name(c)));
    networks(client, labels -> run.equals(labels.get(RUN))).forEach(n -> names.add(n.getName()));
    return names;
  }

  static List<String> removeRun(String run) {
    return remove(labels -> run.equals(labels.get(RUN)), false);
  }

  private static List<String> remove(Predicate<Map<String, String>> which, boolean folders) {
    DockerClient client = ContainerEngine.client();
    List<String> removed = new ArrayList<>();
    for (Container container : containers(client, which)) {
      try {
        client.removeContainerCmd(container.getId()).withForce(true).withRemoveVolumes(true).exec();
        removed.add(name(container));
      } catch (NotFoundException | ConflictException e) {
        // Another run is removing it.
        continue;
      }
      String folder = container.getLabels().get(FOLDER);
      if (folders && folder != null && Files.exists(Path.of(folder, MARKER))) {
        deleteFolder(Path.of(folder));
      }
    }
    for (Network network : networks(client, which)) {
      try {
        client.removeNetworkCmd(network.getId()).exec();
        removed.add(network.getName());
      } catch (DockerException e) {
        // Another run removed it, or a container that is being removed is still in it.
        continue;
      }
    }
    return removed;
  }

  private static List<Container> containers(
      DockerClient client, Predicate<Map<String, String>> which) {
    return client
        .listContainersCmd()
        .withShowAll(true)
        .withLabelFilter(List.of(RUN))
        .exec()
        .stream()
        .filter(container -> which.test(container.getLabels()))
        .toList();
  }

  private static List<Network> networks(DockerClient client, Predicate<Map<String, String>> which) {
    return client.listNetworksCmd().withFilter("label", List.of(RUN)).exec().stream()
        .filter(network -> which.test(network.getLabels()))
        .toList();
  }

  private static String name(Container container) {
    return container.getNames()[0].replaceFirst("^/", "");
  }

  static void deleteFolder(Path folder) {
    Mounts.removeBelow(folder);
    try {
      MachineFiles.delete(folder);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove " + folder, e);
    }
  }
}
