package phaistos.harness.sweep;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import phaistos.environment.Clock;
import phaistos.environment.Disk;
import phaistos.environment.Environment;
import phaistos.environment.Network;
import phaistos.environment.Network.Address;
import phaistos.environment.NetworkSockets;
import phaistos.environment.Randomness;
import phaistos.environment.Task;
import phaistos.environment.Tasks;
import phaistos.formats.FullXid;
import phaistos.formats.Xid;
import phaistos.server.InitOptions;
import phaistos.server.Server;
import phaistos.server.defects.Defects;
import phaistos.server.settings.Settings;
import phaistos.simulator.RecordedDisk;
import phaistos.simulator.SimulatedWorld;
import phaistos.simulator.Simulation;
import phaistos.simulator.SimulationOptions;

/**
 * One run without faults: clients work through their scripts, each after the other client has had
 * its turn or not, as the seed has it. The disk of one node is recorded, with the moments at which
 * transactions began and were acknowledged.
 *
 * @param changes of the recorded disk
 * @param calls of the disk, reads included
 * @param from the first change after which the node has its tables
 * @param clients their transactions
 */
record Recording(List<RecordedDisk.Change> changes, long calls, int from, List<ClientRun> clients) {
  static final String PRIMARY = "n1";
  static final String STANDBY = "n2";
  static final int CLIENTS = 2;
  static final int WAL_SEGMENT_BYTES = 1 << 20;

  private static final long SYSTEM_ID = 7_000_000_000_000_000_013L;
  private static final long SECOND = 1_000_000_000L;

  /** Ids begin so that a run crosses a page and a segment of the commit log. */
  private static final FullXid FIRST_XID = new FullXid((1L << 32) + (1 << 20) - 400);

  /**
   * What a client did; the lists are by transaction.
   *
   * @param startedAt how many changes the disk had had
   * @param endedAt the same when its end was acknowledged
   */
  record ClientRun(
      List<Script.Txn> script, List<Integer> startedAt, List<Integer> endedAt, List<Long> xids) {
    ClientRun(List<Script.Txn> script) {
      this(script, new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    }

    /** How many transactions were acknowledged before the disk's state after {@code change}. */
    int ended(int change) {
      return (int) endedAt.stream().filter(at -> at <= change).count();
    }

    /** How many may have left a trace in it. */
    int started(int change) {
      return (int) startedAt.stream().filter(at -> at < change).count();
    }
  }

  /** The ports of a machine with a disk of ours. */
  record WithDisk(Environment other, Disk disk) implements Environment {
    @Override
    public Clock clock() {
      return other.clock();
    }

    @Override
    public Tasks tasks() {
      return other.tasks();
    }

    @Override
    public Network network() {
      return other.network();
    }

    @Override
    public Randomness randomness() {
      return other.randomness();
    }
  }

  static Settings settings(String node) {
    return Settings.defaults()
        .with("listen_addresses", node)
        .with("port", "5432")
        .with("phaistos.transaction_buffers", "4")
        .with("checkpoint_completion_target", "0");
  }

  static Recording make(SweepOptions options) {
    var result =
        Simulation.run(
            SimulationOptions.seed(options.seed()).withLimit(Duration.ofHours(1)),
            world -> new Run(world, options).run());
    Recording recording = result.valueOrThrow();
    if (!result.failures().isEmpty()) {
      throw new IllegalStateException("the recorded run has failed: " + result.failures());
    }
    return recording;
  }

  /** The run itself, inside the simulation. */
  private static final class Run {
    private final SimulatedWorld world;
    private final SweepOptions options;
    private final Environment control;
    private final List<ClientRun> clients = new ArrayList<>();
    private RecordedDisk recorded;
    private NetworkSockets sockets;

    Run(SimulatedWorld world, SweepOptions options) {
      this.world = world;
      this.options = options;
      this.control = world.environment();
    }

    Recording run() throws SQLException {
      boolean standby = options.target() == SweepOptions.Target.STANDBY;
      start(PRIMARY, !standby, standby ? "synchronous_standby_names" : "");
      if (standby) {
        start(STANDBY, true, "primary_conninfo");
      }
      try (NetworkSockets opened = NetworkSockets.over(control.network())) {
        world.atEnd(opened::close);
        sockets = opened;
        String url = sockets.url(List.of(new Address(PRIMARY, 5432)), "postgres");
        control.tasks().sleep(2 * SECOND);
        try (Connection connection = connect(url);
            Statement setup = connection.createStatement()) {
          for (int client = 0; client < CLIENTS; client++) {
            setup.execute(
                "create table %s(id int primary key, v text, n serial)"
                    .formatted(Script.table(client)));
          }
        }
        int from = recorded.changes().size();
        work(url);
        return new Recording(
            List.copyOf(recorded.changes()), recorded.calls(), from, List.copyOf(clients));
      }
    }

    private void start(String node, boolean record, String link) {
      Environment environment = world.machine(node).start();
      if (record) {
        recorded = new RecordedDisk(environment.disk());
        environment = new WithDisk(environment, recorded);
      }
      Server.initialize(
          environment,
          InitOptions.defaults()
              .withWalSegmentSize(WAL_SEGMENT_BYTES)
              .withSystemId(SYSTEM_ID)
              .withIds(new InitOptions.Ids(FIRST_XID, new Xid((1 << 20) - 2000))));
      Settings settings = settings(node);
      if (link.equals("primary_conninfo")) {
        Server.makeStandby(environment);
        settings =
            settings.with(
                link, "host=%s port=5432 application_name=%s".formatted(PRIMARY, STANDBY));
      } else if (!link.isEmpty()) {
        settings = settings.with(link, STANDBY);
      }
      Server.start(
          environment,
          settings,
          record ? options.defects() : Defects.none(),
          (time, severity, text) -> {});
    }

    private void work(String url) {
      List<Task> tasks = new ArrayList<>();
      for (int client = 0; client < CLIENTS; client++) {
        ClientRun run =
            new ClientRun(
                Script.of(client, options.seed(), (options.transactions() + client) / CLIENTS));
        clients.add(run);
        tasks.add(control.tasks().spawn("client" + client, () -> work(url, run)));
      }
      tasks.forEach(Task::join);
    }

    /** A standby's checkpoint is a restartpoint, which writes what it has replayed. */
    private void restartPoint(String maintenance) throws SQLException {
      if (options.target() == SweepOptions.Target.STANDBY && maintenance.equals("checkpoint")) {
        String url = sockets.url(List.of(new Address(STANDBY, 5432)), "postgres");
        try (Connection connection = connect(url);
            Statement statement = connection.createStatement()) {
          statement.execute(maintenance);
        }
      }
    }

    private void work(String url, ClientRun run) {
      try (Connection connection = connect(url);
          Statement statement = connection.createStatement()) {
        for (Script.Txn txn : run.script()) {
          run.startedAt().add(recorded.changes().size());
          statement.execute("begin");
          try (ResultSet rows = statement.executeQuery("select txid_current()")) {
            rows.next();
            run.xids().add(rows.getLong(1));
          }
          for (String command : txn.commands()) {
            statement.execute(command);
          }
          statement.execute(txn.commits() ? "commit" : "rollback");
          run.endedAt().add(recorded.changes().size());
          if (!txn.maintenance().isEmpty()) {
            statement.execute(txn.maintenance());
            restartPoint(txn.maintenance());
          }
        }
      } catch (SQLException e) {
        throw new IllegalStateException("the recorded run has failed", e);
      }
    }
  }

  static Connection connect(String url) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", "postgres");
    properties.setProperty("preferQueryMode", "simple");
    return DriverManager.getConnection(url, properties);
  }
}
