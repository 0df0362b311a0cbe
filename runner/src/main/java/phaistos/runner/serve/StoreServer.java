package phaistos.runner.serve;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import phaistos.runner.serve.StoredRuns.Run;

/**
 * Serves a store over HTTP, for reading only. A path is resolved with its links and must then lie
 * within the store. On a loopback address a request must also name one as its host, so that a page
 * of another site that resolves to it gets nothing. Thread-safe.
 *
 * <pre>
 * /                          the list of runs
 * /runs/campaign/index.html  the page of the campaigns
 * /runs/TEST/TIME/...        a run's files; ?from=N&amp;length=N shows bytes
 * /zip/TEST/TIME             a run's folder as one file
 * /compare?a=RUN&amp;b=RUN       two runs side by side
 * </pre>
 */
public final class StoreServer implements AutoCloseable {
  private static final int DEFAULT_LENGTH = 1_024;

  private final Path root;
  private final StoredRuns runs;
  private final StorePages pages;
  private final HttpServer server;
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final boolean isLoopback;

  /** An answer that is no page. */
  private static final class Refused extends IOException {
    final int status;

    Refused(int status, String why) {
      super(why);
      this.status = status;
    }
  }

  /**
   * Begins to serve.
   *
   * @param port 0 lets the kernel pick one
   * @throws IOException if the store is not there or the address is taken
   */
  public StoreServer(Path store, InetAddress address, int port) throws IOException {
    root = store.toRealPath();
    runs = new StoredRuns(root);
    pages = new StorePages(root);
    isLoopback = address.isLoopbackAddress();
    server = HttpServer.create(new InetSocketAddress(address, port), 0);
    server.setExecutor(executor);
    server.createContext("/", this::handle);
    server.start();
  }

  public int port() {
    return server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
    executor.shutdownNow();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      try {
        requireReading(exchange);
        answer(exchange);
      } catch (Refused refused) {
        text(exchange, refused.status, refused.getMessage());
      } catch (NoSuchFileException | InvalidPathException _) {
        text(exchange, 404, "there is no such file in the store");
      } catch (UncheckedIOException e) {
        text(exchange, 500, "the store cannot be read: " + e.getMessage());
      }
    }
  }

  private void requireReading(HttpExchange exchange) throws Refused {
    String method = exchange.getRequestMethod();
    if (!method.equals("GET") && !method.equals("HEAD")) {
      throw new Refused(405, "the store is for reading only");
    }
    String host = Optional.ofNullable(exchange.getRequestHeaders().getFirst("Host")).orElse("");
    if (isLoopback && !host.matches("(127\\.0\\.0\\.1|localhost|\\[::1\\])(:\\d+)?")) {
      throw new Refused(403, "this address answers to its own name only");
    }
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getRawPath();
    if (path.equals("/")) {
      page(exchange, StorePages.list(runs.all(), runs.campaigns()));
    } else if (path.equals("/compare")) {
      Map<String, String> query = query(exchange);
      page(exchange, pages.compare(run(query.get("a")), run(query.get("b"))));
    } else if (path.startsWith("/runs/")) {
      file(exchange, decoded(path.substring("/runs/".length())));
    } else if (path.startsWith("/zip/")) {
      zip(exchange, decoded(path.substring("/zip/".length())));
    } else {
      throw new Refused(404, "there is no such page");
    }
  }

  private static String decoded(String path) throws Refused {
    try {
      return URLDecoder.decode(path.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException _) {
      throw new Refused(400, "the path is not encoded as it should be");
    }
  }

  private static Map<String, String> query(HttpExchange exchange) throws Refused {
    Map<String, String> values = new LinkedHashMap<>();
    String raw = exchange.getRequestURI().getRawQuery();
    for (String pair : raw == null ? new String[0] : raw.split("&")) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        values.put(pair.substring(0, equals), decoded(pair.substring(equals + 1)));
      }
    }
    return values;
  }

  private Run run(String path) throws Refused {
    return runs.find(path == null ? "" : path)
        .orElseThrow(() -> new Refused(404, "there is no such run: " + path));
  }

  /**
   * The file of this path. Names that lead up, absolute ones and links that lead out are refused
   * alike.
   */
  private Path within(String path) throws IOException {
    for (String name : path.split("[/\\\\]")) {
      if (name.equals("..") || name.equals(".")) {
        throw new Refused(403, "outside of the store");
      }
    }
    if (path.indexOf('\0') >= 0 || path.startsWith("/") || path.indexOf('\\') >= 0) {
      throw new Refused(403, "outside of the store");
    }
    Path real = root.resolve(path).toRealPath();
    if (!real.startsWith(root)) {
      throw new Refused(403, "outside of the store");
    }
    return real;
  }

  private void file(HttpExchange exchange, String path) throws IOException {
    Path file = within(path);
    if (Files.isDirectory(file)) {
      if (!exchange.getRequestURI().getRawPath().endsWith("/")) {
        exchange.getResponseHeaders().set("Location", exchange.getRequestURI().getRawPath() + "/");
        text(exchange, 301, "a folder");
        return;
      }
      page(exchange, pages.folder(file, path));
      return;
    }
    Map<String, String> query = query(exchange);
    if (query.containsKey("from")) {
      long from = number(query.get("from"));
      int length =
          (int) Math.min(number(query.getOrDefault("length", "" + DEFAULT_LENGTH)), 65_536);
      page(exchange, StorePages.bytes(file, path, from, Math.max(1, length)));
      return;
    }
    head(exchange, 200, type(file.getFileName().toString()), Files.size(file));
    if (!exchange.getRequestMethod().equals("HEAD")) {
      try (OutputStream out = exchange.getResponseBody()) {
        Files.copy(file, out);
      }
    }
  }

  private static long number(String text) throws Refused {
    if (!text.matches("\\d{1,15}")) {
      throw new Refused(400, "no number: " + text);
    }
    return Long.parseLong(text);
  }

  private static String type(String name) {
    return switch (name.substring(name.lastIndexOf('.') + 1)) {
      case "html" -> "text/html; charset=utf-8";
      case "svg" -> "image/svg+xml";
      case "json" -> "application/json";
      case "edn", "txt", "log", "history" -> "text/plain; charset=utf-8";
      default -> "application/octet-stream";
    };
  }

  private void zip(HttpExchange exchange, String path) throws IOException {
    Path folder = within(path);
    if (!Files.exists(folder.resolve("test.edn")) || folder.equals(root)) {
      throw new Refused(404, "there is no such run: " + path);
    }
    String name = path.replaceAll("[^A-Za-z0-9_.=-]+", "-") + ".zip";
    exchange.getResponseHeaders().set("Content-Disposition", "attachment; filename=" + name);
    head(exchange, 200, "application/zip", -1);
    try (ZipOutputStream zip = new ZipOutputStream(exchange.getResponseBody());
        Stream<Path> found = Files.walk(folder)) {
      List<Path> files =
          found
              .filter(each -> Files.isRegularFile(each, LinkOption.NOFOLLOW_LINKS))
              .sorted()
              .toList();
      for (Path file : files) {
        zip.putNextEntry(new ZipEntry(folder.relativize(file).toString().replace('\\', '/')));
        Files.copy(file, zip);
        zip.closeEntry();
      }
    }
  }

  private static void page(HttpExchange exchange, String html) throws IOException {
    body(exchange, 200, "text/html; charset=utf-8", html);
  }

  private static void text(HttpExchange exchange, int status, String text) throws IOException {
    body(exchange, status, "text/plain; charset=utf-8", text + "\n");
  }

  private static void body(HttpExchange exchange, int status, String type, String text)
      throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    head(exchange, status, type, bytes.length);
    if (!exchange.getRequestMethod().equals("HEAD")) {
      exchange.getResponseBody().write(bytes);
    }
  }

  /** The headers; a length of -1 is not known yet. */
  private static void head(HttpExchange exchange, int status, String type, long length)
      throws IOException {
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
    exchange
        .getResponseHeaders()
        .set(
            "Content-Security-Policy",
            "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline';"
                + " img-src data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'");
    boolean isHead = exchange.getRequestMethod().equals("HEAD");
    exchange.sendResponseHeaders(status, isHead || length == 0 ? -1 : length < 0 ? 0 : length);
  }
}
