package phaistos.cluster.containers;

import com.github.dockerjava.api.exception.NotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import phaistos.cluster.ClusterException;
import phaistos.cluster.Nodes;
import phaistos.cluster.fuse.FuseVolumes;
import phaistos.cluster.machine.DataVolumes;
import phaistos.cluster.machine.UserId;
import phaistos.cluster.postgres.Durability;
import phaistos.cluster.postgres.FirstSegment;
import phaistos.cluster.postgres.PostgresConfiguration;
import phaistos.cluster.postgres.PostgresLog;
import phaistos.cluster.postgres.PostgresPrograms;
import phaistos.cluster.postgres.PostgresVersion;

/**
 * Real PostgreSQL as the program of the nodes: a major version from its image, or an exact one, or
 * one without an image, from Maven's binaries, which the nodes see in a folder.
 */
public final class PostgresProgram implements NodeProgram {
  private static final String BINARIES = "/postgres";
  private static final String ARCHIVE = "/archive";

  /** Its libraries serve Maven's binaries, too. */
  private static final int CARRIER = 15;

  private static final List<Integer> WITH_IMAGE = List.of(13, 15, 17, 18);

  /** For root, as whom PostgreSQL does not run. */
  private static final UserId ORDINARY = new UserId(999, 999);

  private final PostgresVersion version;
  private final Optional<PostgresPrograms> mounted;

  private PostgresProgram(PostgresVersion version, Optional<PostgresPrograms> mounted) {
    this.version = version;
    this.mounted = mounted;
  }

  /** Finds the version's image, or fetches its binaries. */
  public static PostgresProgram of(PostgresVersion version) {
    return new PostgresProgram(
        version,
        hasImage(version) ? Optional.empty() : Optional.of(PostgresPrograms.fromMaven(version)));
  }

  private static boolean hasImage(PostgresVersion version) {
    return version.minor().isEmpty() && WITH_IMAGE.contains(version.major());
  }

  private static String imageOf(PostgresVersion version) {
    return "phaistos/postgres:" + (hasImage(version) ? version.major() : CARRIER);
  }

  /** Why its nodes cannot be made here, with the remedy, in one line; empty if they can. */
  public static Optional<String> missing(PostgresVersion version) {
    return ContainerEngine.missing()
        .or(() -> missingImage(imageOf(version)))
        .or(() -> missingBinaries(version));
  }

  private static Optional<String> missingBinaries(PostgresVersion version) {
    try {
      of(version);
      return Optional.empty();
    } catch (ClusterException e) {
      return Optional.of(e.getMessage());
    }
  }

  private static Optional<String> missingImage(String image) {
    try {
      ContainerEngine.client().inspectImageCmd(image).exec();
      return Optional.empty();
    } catch (NotFoundException e) {
      String major = image.substring(image.indexOf(':') + 1);
      return Optional.of(
          "the Docker engine has no image %s (system-under-test/cluster/images/postgres %s makes it)"
              .formatted(image, major));
    }
  }

  @Override
  public String image() {
    return imageOf(version);
  }

  /** The engine runs on this machine, since a node's folder is one of this machine's. */
  @Override
  public DataVolumes volumes() {
    return FuseVolumes.orPlain();
  }

  @Override
  public UserId runsAs() {
    UserId self = UserId.self();
    return self.isRoot() ? ORDINARY : self;
  }

  /** The names of users, since initdb refuses one without a name. */
  @Override
  public Map<Path, String> mounts(Path folder) {
    Map<Path, String> mounts = new LinkedHashMap<>();
    Path users = folder.resolve("passwd");
    String line =
        "postgres:x:%d:%d:postgres:%s:/bin/sh\n"
            .formatted(runsAs().uid(), runsAs().gid(), NodeContainer.FOLDER);
    try {
      Files.writeString(users, "root:x:0:0:root:/root:/bin/sh\n" + line);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + users, e);
    }
    mounts.put(users, "/etc/passwd");
    mounted.ifPresent(programs -> mounts.put(programs.folder().getParent(), BINARIES));
    return mounts;
  }

  private String path(String program) {
    return mounted.isPresent() ? BINARIES + "/bin/" + program : program;
  }

  @Override
  public List<String> initCommand(String classPath, OptionalLong firstXid) {
    if (firstXid.isPresent()) {
      throw new ClusterException("PostgreSQL's own initdb says where transaction ids begin");
    }
    String init =
        "%s -D %s -U %s --auth=trust --encoding=UTF8 --locale=C --no-sync"
            .formatted(path("initdb"), DATA, user());
    // Nobody but the proxies is in a node's network.
    String access = "printf 'host all all all trust\\nhost replication all all trust\\n'";
    return List.of("/bin/sh", "-c", init + " && " + access + " >>" + DATA + "/pg_hba.conf");
  }

  @Override
  public List<String> startCommand(String classPath, Map<String, String> settings) {
    String held = NodeContainer.FOLDER + "/" + ContainerServers.HOLD;
    return List.of(
        "/bin/sh",
        "-c",
        "while [ -e %s ]; do sleep 0.01; done; exec %s -D %s"
            .formatted(held, path("postgres"), DATA));
  }

  @Override
  public List<List<String>> joinCommands(String primary) {
    if (mounted.isPresent()) {
      return List.of();
    }
    return List.of(
        List.of(
            "pg_rewind",
            "--target-pgdata=" + DATA,
            "--source-server=" + primary + " dbname=postgres",
            "--no-sync"),
        List.of(
            "/bin/sh",
            "-c",
            "rm -rf %s && pg_basebackup -d '%s' -D %s -c fast --no-sync"
                .formatted(DATA, primary, DATA)));
  }

  @Override
  public List<String> probeCommand(String classPath, List<String> addresses) {
    // SSLRequest, as by LinkProbe, in the shell's own way
    String ask = "printf '\\000\\000\\000\\010\\004\\322\\026\\057' >&3";
    List<String> each = new ArrayList<>();
    for (String address : addresses) {
      each.add("exec 3<>/dev/tcp/" + address.replaceFirst(":(\\d+)$", "/$1"));
      each.add(ask);
      each.add("[[ $(head -c 1 <&3) == [NS] ]]");
      each.add("exec 3>&-");
    }
    return List.of("/bin/bash", "-c", String.join(" && ", each));
  }

  @Override
  public Map<String, String> settings() {
    Map<String, String> settings =
        new LinkedHashMap<>(PostgresConfiguration.settings(version.major()));
    settings.put("listen_addresses", "*");
    settings.put("port", Integer.toString(PORT));
    settings.put("unix_socket_directories", "");
    settings.putAll(PostgresConfiguration.archiving(ARCHIVE));
    return settings;
  }

  @Override
  public String whyItEnded(List<String> log) {
    return PostgresLog.whyItEnded(log);
  }

  @Override
  public OptionalInt postgresMajor() {
    return OptionalInt.of(version.major());
  }

  @Override
  public Optional<String> archive() {
    return Optional.of(ARCHIVE);
  }

  @Override
  public void check(Nodes nodes, Map<String, String> settings) {
    Durability.assertOn(nodes, settings);
    FirstSegment.begin(nodes);
  }

  @Override
  public boolean saysReady(String line) {
    return PostgresLog.saysReady(line);
  }

  @Override
  public boolean saysRedo(String line) {
    return PostgresLog.saysRedo(line);
  }

  @Override
  public boolean saysCannotFollow(String line) {
    return PostgresLog.saysCannotFollow(line);
  }
}
