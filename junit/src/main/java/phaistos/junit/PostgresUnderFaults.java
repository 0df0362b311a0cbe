package phaistos.junit;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.BeforeTestExecutionCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import phaistos.checker.CheckContext;
import phaistos.checker.durability.AuditInput;
import phaistos.checker.durability.AuditReport;
import phaistos.checker.durability.DurabilityAudit;
import phaistos.checker.durability.ImageKind;
import phaistos.checker.durability.NodeImage;
import phaistos.formats.FolderDataDirectory;
import phaistos.histories.Event;
import phaistos.histories.History;
import phaistos.histories.RunStore;
import phaistos.histories.UntypedCall;
import phaistos.recorder.RecordingDriver;

/**
 * Puts the PostgreSQL that a test has made under faults while the test runs, and audits its files
 * in the end: every commit that the test was told about must be where its level promised. The test
 * connects by {@link #url}; what it commits through that is recorded.
 *
 * <pre>{@code
 * @RegisterExtension final PostgresUnderFaults postgres = new PostgresUnderFaults();
 *
 * @BeforeEach
 * void start() {
 *   ... // a primary, a standby, and a proxy between them
 *   postgres
 *       .primary("n1", jdbcUrl, new ContainerFiles(primary, "/data"))
 *       .standby("n2", new ContainerFiles(standby, "/data"))
 *       .fault(ServerFault.cut(link, "n1 was cut from n2"))
 *       .seed(7);
 * }
 * }</pre>
 *
 * <p>The faults begin after all {@code @BeforeEach} methods. The servers are stopped when the test
 * has ended, before {@code @AfterEach}, so each test starts its own. The faults and their times are
 * drawn from the seed; real time makes each run another one all the same. The test fails if the
 * audit's verdict is invalid or unknown; the message has proof, seed and page.
 */
public final class PostgresUnderFaults
    implements BeforeTestExecutionCallback, AfterTestExecutionCallback {
  private record Server(String name, NodeImage.Role role, ServerFiles files) {}

  private String jdbcUrl = "";
  private final List<Server> servers = new ArrayList<>();
  private final List<ServerFault> faults = new ArrayList<>();
  private long seed = 1;
  private Duration gap = Duration.ofSeconds(2);
  private Path root = Path.of("target", "phaistos");
  private Optional<String> promoted = Optional.empty();
  private RunStore store;
  private FaultThread thread;

  /**
   * The server that the test talks to.
   *
   * @param name for reports
   * @param url {@code jdbc:postgresql://...}, perhaps through a proxy
   */
  public PostgresUnderFaults primary(String name, String url, ServerFiles files) {
    if (!url.startsWith("jdbc:postgresql:")) {
      throw new IllegalArgumentException("not the URL of PostgreSQL's driver: " + url);
    }
    if (!jdbcUrl.isEmpty()) {
      throw new IllegalStateException("a second primary: " + name);
    }
    jdbcUrl = url;
    servers.add(new Server(name, NodeImage.Role.PRIMARY, files));
    return this;
  }

  /**
   * Adds a standby.
   *
   * @param name as in synchronous_standby_names
   */
  public PostgresUnderFaults standby(String name, ServerFiles files) {
    servers.add(new Server(name, NodeImage.Role.STANDBY, files));
    return this;
  }

  /** Adds a fault. Without any the files are audited all the same. */
  public PostgresUnderFaults fault(ServerFault fault) {
    faults.add(fault);
    return this;
  }

  public PostgresUnderFaults seed(long number) {
    seed = number;
    return this;
  }

  /** The mean time between faults, and how long one lasts; 2 s unless told. */
  public PostgresUnderFaults every(Duration mean) {
    gap = mean;
    return this;
  }

  /** Where the page and the files go; target/phaistos unless told. */
  public PostgresUnderFaults store(Path folder) {
    root = folder;
    return this;
  }

  /** The standby that the test has promoted: from then on its files count. */
  public PostgresUnderFaults promoted(String name) {
    promoted = Optional.of(name);
    return this;
  }

  /** The URL by which the test connects; only while a test runs. */
  public String url() {
    String separator = jdbcUrl.contains("?") ? "&" : "?";
    return "jdbc:phaistos:"
        + jdbcUrl.substring("jdbc:".length())
        + separator
        + "phaistosHistory="
        + java.net.URLEncoder.encode(history().toString(), java.nio.charset.StandardCharsets.UTF_8);
  }

  private Path history() {
    return store.folder().toAbsolutePath().resolve("history.jsonl");
  }

  @Override
  public void beforeTestExecution(ExtensionContext context) throws SQLException {
    if (jdbcUrl.isEmpty()) {
      throw new IllegalStateException("PostgresUnderFaults has no primary; name it in @BeforeEach");
    }
    DriverManager.registerDriver(new RecordingDriver());
    String name =
        context.getRequiredTestClass().getSimpleName()
            + "."
            + context.getRequiredTestMethod().getName();
    store = RunStore.create(root, name.replaceAll("[^A-Za-z0-9_+=,.-]", "-"), Instant.now());
    thread = new FaultThread(faults, seed, gap);
    thread.start();
  }

  @Override
  public void afterTestExecution(ExtensionContext context) throws IOException {
    thread.end();
    List<NodeImage> images = new ArrayList<>();
    for (Server server : servers) {
      Path folder = store.nodeFolder(server.name()).toAbsolutePath();
      Path data = server.files().stopAndCopy(folder);
      images.add(
          new NodeImage(
              server.name(), server.role(), ImageKind.WRITTEN, new FolderDataDirectory(data)));
    }
    if (context.getExecutionException().isPresent()) {
      return; // The test says itself what is wrong; its files are kept.
    }
    History<UntypedCall> told = RecordedHistory.read(history(), thread.events());
    AuditReport report = audit(images, told);
    ServerPage page = new ServerPage(report, told, images, List.of("seed " + seed));
    store.writeText("index.html", page.build());
    if (report.verdict().exitCode() != 0) {
      throw new AssertionError(page.message(store.folder().resolve("index.html")));
    }
  }

  private AuditReport audit(List<NodeImage> images, History<UntypedCall> told) {
    AuditInput.Builder input = AuditInput.of(images);
    promoted.ifPresent(input::promoted);
    List<Event<UntypedCall>> commits = told.clientEvents().toList();
    return new DurabilityAudit<UntypedCall>(input.build())
        .check(History.of(commits), CheckContext.UNLIMITED);
  }
}
