package example;

import eu.rekawek.toxiproxy.Proxy;
import eu.rekawek.toxiproxy.ToxiproxyClient;
import java.io.IOException;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.toxiproxy.ToxiproxyContainer;

/** A primary and a standby in containers; the standby's link goes through Toxiproxy. */
final class Pair implements AutoCloseable {
  static final String DATA = "/var/lib/postgresql/pair";

  private static final String IMAGE = System.getProperty("postgres.image", "postgres:15");
  private static final int LINK = 8666;

  final GenericContainer<?> primary;
  final GenericContainer<?> standby;
  final Proxy link;
  private final Network network = Network.newNetwork();
  private final ToxiproxyContainer toxiproxy =
      new ToxiproxyContainer("ghcr.io/shopify/toxiproxy:2.12.0")
          .withNetwork(network)
          .withNetworkAliases("link");

  /**
   * @param standbyNames synchronous_standby_names of the primary
   */
  Pair(String standbyNames) throws IOException {
    primary =
        server(
            "initdb -D $D -A trust >/dev/null"
                + " && echo 'host all all all trust' >>$D/pg_hba.conf"
                + " && echo 'host replication all all trust' >>$D/pg_hba.conf"
                + " && exec postgres -D $D -c listen_addresses='*' -c unix_socket_directories=''"
                + " -c wal_keep_size=1GB"
                + " -c synchronous_standby_names=\""
                + standbyNames
                + "\"",
            "n1");
    primary.start();
    toxiproxy.start();
    link =
        new ToxiproxyClient(toxiproxy.getHost(), toxiproxy.getControlPort())
            .createProxy("n2-n1", "0.0.0.0:" + LINK, "n1:5432");
    standby =
        server(
            "pg_basebackup -D $D -h link -p "
                + LINK
                + " -U postgres -R -X stream"
                + " && echo \"primary_conninfo = 'host=link port="
                + LINK
                + " user=postgres application_name=n2'\" >>$D/postgresql.auto.conf"
                + " && exec postgres -D $D -c listen_addresses='*' -c unix_socket_directories=''"
                + " -c wal_receiver_timeout=3s",
            "n2");
    standby.start();
  }

  private GenericContainer<?> server(String script, String name) {
    return new GenericContainer<>(IMAGE)
        .withNetwork(network)
        .withNetworkAliases(name)
        .withExposedPorts(5432)
        .withCreateContainerCmdModifier(command -> command.withEntrypoint("bash"))
        .withCommand(
            "-c",
            "getent passwd postgres >/dev/null || useradd postgres; install -d -o postgres -m 700 "
                + DATA
                + " && exec chroot --userspec=postgres / env D="
                + DATA
                + " PATH=\"$PATH\" bash -c '"
                + script.replace("'", "'\\''")
                + "'")
        .waitingFor(Wait.forLogMessage(".*database system is ready to accept.*", 1));
  }

  String url() {
    return "jdbc:postgresql://%s:%d/postgres?user=postgres&connectTimeout=5&socketTimeout=10"
        .formatted(primary.getHost(), primary.getMappedPort(5432));
  }

  @Override
  public void close() {
    standby.stop();
    primary.stop();
    toxiproxy.stop();
    network.close();
  }
}
