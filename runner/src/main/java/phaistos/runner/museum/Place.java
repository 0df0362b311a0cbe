package phaistos.runner.museum;

import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;
import phaistos.cluster.Cluster;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.containers.ContainerCluster;
import phaistos.cluster.containers.PostgresProgram;
import phaistos.cluster.machine.ClusterOptions;
import phaistos.cluster.machine.DataVolumes;
import phaistos.cluster.postgres.PostgresPrograms;
import phaistos.cluster.postgres.PostgresVersion;
import phaistos.cluster.processes.ProcessCluster;
import phaistos.runner.options.UsageException;

/**
 * Where the nodes of an exhibit run, with one version of PostgreSQL.
 *
 * @param words for people: "15.18", "15 in containers"
 */
record Place(String words, Opener opener) {
  /** Makes the nodes, which are not started yet. */
  interface Opener {
    Site open(ClusterOptions options, DataVolumes volumes);
  }

  /**
   * @param files the data directory of a node, on this machine
   */
  record Site(Cluster cluster, Function<NodeId, Path> files) {}

  /** Which kind of cluster. */
  enum Kind {
    PROCESSES,
    CONTAINERS;

    /**
     * @throws UsageException if there is none of this version; names the remedy
     */
    Place of(PostgresVersion version) {
      return switch (this) {
        case PROCESSES -> {
          require(ProcessCluster.missing());
          PostgresPrograms programs = PostgresPrograms.find(version);
          yield new Place(
              programs.version().toString(),
              (options, volumes) -> {
                ProcessCluster cluster = new ProcessCluster(options, programs, volumes);
                return new Site(cluster, cluster::dataDirectory);
              });
        }
        case CONTAINERS -> {
          require(PostgresProgram.missing(version));
          PostgresProgram program = PostgresProgram.of(version);
          yield new Place(
              version + " in containers",
              (options, volumes) -> {
                ContainerCluster cluster = new ContainerCluster(options, program, volumes);
                return new Site(cluster, cluster::dataDirectory);
              });
        }
      };
    }

    private static void require(Optional<String> missing) {
      if (missing.isPresent()) {
        throw new UsageException(missing.get());
      }
    }
  }
}
