package phaistos.runner.serve;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a store gives away over HTTP, asked byte by byte so that no client tidies the paths. */
class StoreServerTest {
  private static final String RUN = "commits-simulated/20260101T000000.000Z";

  @TempDir Path folder;
  private StoreServer server;

  private record Answer(int status, String head, byte[] body) {
    String text() {
      return new String(body, StandardCharsets.UTF_8);
    }
  }

  @BeforeEach
  void serve() throws IOException {
    Files.writeString(folder.resolve("secret"), "outside");
    Files.createDirectories(folder.resolve("store-of-others"));
    Files.writeString(folder.resolve("store-of-others/secret"), "outside");
    Path run = Files.createDirectories(folder.resolve("store").resolve(RUN));
    Files.writeString(run.resolve("test.edn"), "{:seed 7 :nemesis [\"kill\"]}");
    Files.writeString(run.resolve("results.edn"), "{:valid? false :reason \"<b>lost</b>\"}");
    Files.write(run.resolve("bytes"), new byte[] {0, 1, 2, 'P', 'G', (byte) 0xff});
    Files.createSymbolicLink(run.resolve("way-out"), folder.resolve("secret"));
    Files.createSymbolicLink(folder.resolve("store/latest"), Path.of(RUN));
    server = new StoreServer(folder.resolve("store"), InetAddress.getLoopbackAddress(), 0);
  }

  @AfterEach
  void end() {
    server.close();
  }

  private Answer get(String path) throws IOException {
    return ask("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + server.port());
  }

  private Answer ask(String request) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket
          .getOutputStream()
          .write((request + "\r\nConnection: close\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
      byte[] all = socket.getInputStream().readAllBytes();
      String text = new String(all, StandardCharsets.ISO_8859_1);
      int end = text.indexOf("\r\n\r\n");
      String head = text.substring(0, end);
      byte[] body = java.util.Arrays.copyOfRange(all, end + 4, all.length);
      return new Answer(Integer.parseInt(head.split(" ")[1]), head, body);
    }
  }

  @Test
  void campaignsAndTheirRunsAreInTheList() throws IOException {
    assertFalse(get("/").text().contains("/runs/campaign/index.html"), "there is none");
    Path campaign = folder.resolve("store/campaign");
    Path run = Files.createDirectories(campaign.resolve("runs/000007/bank-simulated/20260102T0"));
    Files.writeString(campaign.resolve("index.html"), "the nights");
    Files.writeString(run.resolve("test.edn"), "{:seed 8}");
    assertTrue(get("/").text().contains("href=\"/runs/campaign/index.html\""), get("/").text());
    assertEquals("the nights", get("/runs/campaign/index.html").text());
    String path = "campaign/runs/000007/bank-simulated/20260102T0";
    assertEquals(200, get("/zip/" + path).status());
    assertEquals(200, get("/compare?a=" + path + "&b=" + RUN).status());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/runs/../secret",
        "/runs/../../secret",
        "/runs/%2e%2e/secret",
        "/runs/%2E%2E%2Fsecret",
        "/runs/..%2fsecret",
        "/runs/..%5csecret",
        "/runs/..\\secret",
        "/runs/%252e%252e/secret",
        "/runs/commits-simulated/../../../secret",
        "/runs/commits-simulated/%2e%2e/%2e%2e/%2e%2e/secret",
        "/runs/commits-simulated/..;/..;/secret",
        "/runs//etc/passwd",
        "/runs/%2fetc/passwd",
        "/runs///etc/passwd",
        "/runs/../store-of-others/secret",
        "/runs/%00/../../secret",
        "/runs/commits-simulated%00/../../../secret",
        "/runs/commits-simulated/20260101T000000.000Z/way-out",
        "/runs/latest/way-out",
        "/runs/latest/../../../secret",
        "/runs/%c0%ae%c0%ae/secret",
        "/runs/%u002e%u002e/secret",
        "/runs/%zz",
        "/zip/..",
        "/zip/%2e%2e",
        "/zip/latest/../..",
        "/zip/",
        "/../secret",
        "/secret"
      })
  void whatIsOutsideIsRefused(String path) throws IOException {
    Answer answer = get(path);
    assertTrue(answer.status >= 400 && answer.status < 500, path + ": " + answer.head);
    assertFalse(answer.text().contains("outside\n") || answer.text().equals("outside"), path);
    assertFalse(answer.text().contains("root:"), path);
  }

  @Test
  void aFileIsGivenAsItIsAndItsBytesAsAPage() throws IOException {
    Answer whole = get("/runs/" + RUN + "/bytes");
    assertEquals(200, whole.status);
    assertArrayEquals(new byte[] {0, 1, 2, 'P', 'G', (byte) 0xff}, whole.body);
    assertTrue(whole.head.contains("nosniff"), whole.head);
    assertEquals(200, get("/runs/latest/bytes").status);
    String page = get("/runs/" + RUN + "/bytes?from=3&length=2").text();
    assertTrue(page.contains("00000003  50 47"), page);
    assertEquals(400, get("/runs/" + RUN + "/bytes?from=-1").status);
  }

  @Test
  void aRunIsOneDownload() throws IOException {
    Answer zip = get("/zip/" + RUN);
    assertEquals(200, zip.status);
    List<String> names = new ArrayList<>();
    byte[] chunks = zip.head.contains("chunked") ? unchunked(zip.body) : zip.body;
    try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(chunks))) {
      for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        names.add(entry.getName());
      }
    }
    assertTrue(names.containsAll(List.of("bytes", "results.edn", "test.edn")), names.toString());
    assertFalse(names.contains("way-out"), "a link was followed out of the store");
  }

  private static byte[] unchunked(byte[] body) {
    java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream();
    int at = 0;
    while (true) {
      int line = at;
      while (body[line] != '\r') {
        line++;
      }
      int size = Integer.parseInt(new String(body, at, line - at, StandardCharsets.US_ASCII), 16);
      if (size == 0) {
        return out.toByteArray();
      }
      out.write(body, line + 2, size);
      at = line + 2 + size + 2;
    }
  }

  @Test
  void onlyReadingAndOnlyUnderItsOwnName() throws IOException {
    String host = "\r\nHost: 127.0.0.1:" + server.port();
    for (String method : List.of("POST", "PUT", "DELETE", "OPTIONS")) {
      assertEquals(405, ask(method + " / HTTP/1.1" + host + "\r\nContent-Length: 0").status);
    }
    Answer head = ask("HEAD /runs/" + RUN + "/bytes HTTP/1.1" + host);
    assertEquals(200, head.status);
    assertEquals(0, head.body.length);
    assertEquals(403, ask("GET / HTTP/1.1\r\nHost: evil.example").status);
    assertEquals(200, ask("GET / HTTP/1.1\r\nHost: localhost:1").status);
  }

  @Test
  void textsOfRunsAreNoMarkup() throws IOException {
    String list = get("/").text();
    assertFalse(list.contains("<b>lost"), list);
    String compared = get("/compare?a=" + RUN + "&b=" + RUN).text();
    assertTrue(compared.contains("&lt;b&gt;lost&lt;/b&gt;"), compared);
    assertEquals(404, get("/compare?a=x&b=y").status);
  }
}
