package phaistos.runner.browser;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * A headless Chromium with one tab, driven by the DevTools protocol over the JDK's WebSocket.
 * Errors of a page's scripts, and requests to other hosts than this one, are kept. Thread-safe for
 * one test at a time.
 */
final class Chromium implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Process process;
  private final WebSocket socket;
  private final Map<Integer, CompletableFuture<JsonNode>> waiting = new ConcurrentHashMap<>();
  private final List<String> problems = new CopyOnWriteArrayList<>();
  private String session = "";
  private int calls;

  private Chromium(Process process, String address) {
    this.process = process;
    this.socket =
        HttpClient.newHttpClient()
            .newWebSocketBuilder()
            .buildAsync(URI.create(address), new Answers())
            .join();
    String target = call("Target.createTarget", "url", "about:blank").get("targetId").asText();
    ObjectNode attach = JSON.createObjectNode().put("targetId", target).put("flatten", true);
    session = call("Target.attachToTarget", attach).get("sessionId").asText();
    for (String domain : List.of("Page", "Runtime", "Network", "Log")) {
      call(domain + ".enable", JSON.createObjectNode());
    }
  }

  /** Starts it; a machine without one skips the test. */
  static Chromium start(Path profile) throws IOException {
    Optional<Path> program =
        Stream.of("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
            .map(Path::of)
            .filter(Files::isExecutable)
            .findFirst();
    assumeTrue(program.isPresent(), "Chromium is not installed (Debian: apt-get install chromium)");
    Process process =
        new ProcessBuilder(
                program.get().toString(),
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--hide-scrollbars",
                "--remote-debugging-port=0",
                "--user-data-dir=" + profile,
                "about:blank")
            .redirectErrorStream(true)
            .start();
    BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
    List<String> said = new ArrayList<>();
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      said.add(line);
      if (line.startsWith("DevTools listening on ")) {
        Thread.ofVirtual().start(() -> out.lines().forEach(_ -> {}));
        return new Chromium(process, line.substring("DevTools listening on ".length()));
      }
    }
    throw new IOException("Chromium did not start: " + said);
  }

  /** Collects the answers to calls, and what the page reports by itself. */
  private final class Answers implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
      text.append(part);
      if (last) {
        try {
          hear(JSON.readTree(text.toString()));
        } catch (IOException e) {
          problems.add("no JSON: " + text);
        }
        text.setLength(0);
      }
      from.request(1);
      return null;
    }

    private void hear(JsonNode message) {
      if (message.has("id")) {
        waiting.remove(message.get("id").asInt()).complete(message);
        return;
      }
      JsonNode parameters = message.path("params");
      switch (message.path("method").asText()) {
        case "Runtime.exceptionThrown" ->
            problems.add("exception: " + parameters.path("exceptionDetails"));
        case "Log.entryAdded" -> {
          if (parameters.path("entry").path("level").asText().equals("error")) {
            problems.add("log: " + parameters.path("entry").path("text").asText());
          }
        }
        case "Network.requestWillBeSent" -> {
          String url = parameters.path("request").path("url").asText();
          if (!url.matches("(file:|data:|about:|blob:|http://127\\.0\\.0\\.1:).*")) {
            problems.add("request: " + url);
          }
        }
        default -> {}
      }
    }
  }

  private JsonNode call(String method, String name, String value) {
    return call(method, JSON.createObjectNode().put(name, value));
  }

  private JsonNode call(String method, ObjectNode parameters) {
    int id = ++calls;
    ObjectNode message = JSON.createObjectNode().put("id", id).put("method", method);
    message.set("params", parameters);
    if (!session.isEmpty()) {
      message.put("sessionId", session);
    }
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    waiting.put(id, answer);
    socket.sendText(message.toString(), true).join();
    JsonNode got = answer.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
    assertTrue(got.has("result"), method + ": " + got);
    return got.get("result");
  }

  /** From now on the window has this width and the reader prefers this scheme. */
  void look(int width, boolean dark) {
    call(
        "Emulation.setDeviceMetricsOverride",
        JSON.createObjectNode()
            .put("width", width)
            .put("height", 900)
            .put("deviceScaleFactor", 1)
            .put("mobile", width < 600));
    ObjectNode media = JSON.createObjectNode().put("media", "");
    media
        .putArray("features")
        .addObject()
        .put("name", "prefers-color-scheme")
        .put("value", dark ? "dark" : "light");
    call("Emulation.setEmulatedMedia", media);
  }

  /** Opens a page; returns how long it took until all parts of it were drawn. */
  Duration open(String url) {
    long start = System.nanoTime();
    call("Page.navigate", "url", url);
    await("document.readyState === 'complete' && location.href !== 'about:blank'");
    return Duration.ofNanos(System.nanoTime() - start);
  }

  /** Waits until the expression is true. */
  void await(String expression) {
    Awaitility.await(expression)
        .atMost(PATIENCE)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> eval("!!(" + expression + ")").asBoolean());
  }

  /** The value of an expression. */
  JsonNode eval(String expression) {
    ObjectNode asked =
        JSON.createObjectNode()
            .put("expression", expression)
            .put("returnByValue", true)
            .put("awaitPromise", true);
    JsonNode result = call("Runtime.evaluate", asked);
    if (result.has("exceptionDetails")) {
      String text = result.get("exceptionDetails").toString();
      // A page that is just being replaced has no world to evaluate in.
      assertTrue(text.contains("context"), expression + ": " + text);
      return JSON.nullNode();
    }
    return result.get("result").path("value");
  }

  String text(String selector) {
    return eval("document.querySelector('" + selector + "').innerText").asText();
  }

  void click(String selector) {
    await("document.querySelector('" + selector + "')");
    eval("document.querySelector('" + selector + "').click()");
  }

  /** Types into a field, as a person does. */
  void type(String selector, String text) {
    eval(
        "(f=>{f.value='"
            + text
            + "';f.dispatchEvent(new Event('input'));f.dispatchEvent(new Event('change'))})"
            + "(document.querySelector('"
            + selector
            + "'))");
  }

  /** What went wrong in the pages so far. */
  List<String> problems() {
    return List.copyOf(problems);
  }

  /** The whole page as a PNG. */
  void screenshot(Path file) throws IOException {
    ObjectNode asked =
        JSON.createObjectNode().put("format", "png").put("captureBeyondViewport", true);
    JsonNode size = call("Page.getLayoutMetrics", JSON.createObjectNode()).get("cssContentSize");
    asked
        .putObject("clip")
        .put("x", 0)
        .put("y", 0)
        .put("width", size.get("width").asInt())
        .put("height", Math.min(12_000, size.get("height").asInt()))
        .put("scale", 1);
    String data = call("Page.captureScreenshot", asked).get("data").asText();
    Files.createDirectories(file.toAbsolutePath().getParent());
    Files.write(file, Base64.getDecoder().decode(data));
  }

  @Override
  public void close() {
    // Its children write to the profile until they end, and the caller deletes that folder.
    List<ProcessHandle> children = process.descendants().toList();
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    for (ProcessHandle child : children) {
      child.destroyForcibly();
      child.onExit().join();
    }
  }
}
