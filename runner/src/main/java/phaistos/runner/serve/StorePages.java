package phaistos.runner.serve;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import phaistos.checker.pages.Page;
import phaistos.histories.Edn;
import phaistos.runner.serve.StoredRuns.Run;

/** The pages about a store: the list of its runs, two runs side by side, folders, bytes. */
final class StorePages {
  private static final int BYTES_MAX = 1 << 16;
  private static final int BYTES_A_LINE = 16;

  /** Settings that a comparison leaves out: they say what others say. */
  private static final Set<String> SAID_ELSEWHERE = Set.of("name", "replay", "defect");

  private final Path root;

  StorePages(Path root) {
    this.root = root;
  }

  /** All runs, to be filtered; two of them can be chosen. Above them the campaigns' page. */
  static String list(List<Run> runs, Optional<String> campaigns) {
    Page page = new Page("Runs").element("h1", "", "Runs");
    campaigns.ifPresent(
        path ->
            page.html(
                "<p><a href=\"/runs/%s\">campaigns: the nights and what they found</a></p>"
                    .formatted(Page.escape(path))));
    return page.html("<section id=\"runs\"></section>")
        .script(Page.Script.RUNS)
        .data(
            "runs",
            json -> {
              json.writeStartArray();
              for (Run run : runs) {
                json.writeStartArray();
                json.writeString(run.test());
                json.writeString(run.time());
                json.writeString(run.verdict());
                json.writeString(run.reason());
                json.writeString(run.text("seed"));
                json.writeString(run.text("revision"));
                json.writeString(run.text("nemesis"));
                json.writeEndArray();
              }
              json.writeEndArray();
            })
        .build();
  }

  /** Two runs: what they share, and where they differ. */
  String compare(Run a, Run b) {
    Page page = new Page("Two runs").element("h1", "", "Two runs").html(back());
    page.html("<div class=\"scroll\"><table class=\"pair\"><tr><th></th>");
    for (Run run : List.of(a, b)) {
      page.html(
          "<th><a href=\"/runs/%s/index.html\">%s</a></th>"
              .formatted(Page.escape(run.path()), Page.escape(run.path())));
    }
    page.html("</tr>");
    row("verdict", a.verdict(), b.verdict(), page);
    row("reason", a.reason(), b.reason(), page);
    for (String key : keys(a.settings(), b.settings())) {
      if (!SAID_ELSEWHERE.contains(key)) {
        row(key, a.text(key), b.text(key), page);
      }
    }
    for (String key : keys(a.results(), b.results())) {
      if (a.results().get(key) instanceof Edn.Table || b.results().get(key) instanceof Edn.Table) {
        parts(key, a.results().get(key), b.results().get(key), page);
      }
    }
    row("history", "", difference(a, b), page);
    page.html("</table></div>");
    page.element("p", "quiet small", "Rows that differ are marked.");
    return page.build();
  }

  private static void parts(String key, Edn a, Edn b, Page page) {
    Edn.Table first = a instanceof Edn.Table table ? table : Edn.Table.EMPTY;
    Edn.Table second = b instanceof Edn.Table table ? table : Edn.Table.EMPTY;
    for (String inner : keys(first, second)) {
      row(
          key.replace('-', ' ') + ": " + inner,
          StoredRuns.shown(first.get(inner)),
          StoredRuns.shown(second.get(inner)),
          page);
    }
  }

  private static Set<String> keys(Edn.Table a, Edn.Table b) {
    Set<String> keys = new LinkedHashSet<>();
    for (Edn.Table table : List.of(a, b)) {
      for (Map.Entry<Edn, Edn> entry : table.entries().entrySet()) {
        keys.add(StoredRuns.shown(entry.getKey()));
      }
    }
    return keys;
  }

  private static void row(String name, String a, String b, Page page) {
    page.html(
        "<tr%s><td>%s</td><td>%s</td><td>%s</td></tr>"
            .formatted(
                a.equals(b) ? "" : " class=\"fault\"",
                Page.escape(name),
                Page.escape(a),
                Page.escape(b)));
  }

  /** Where the two histories part. */
  private String difference(Run a, Run b) {
    Path first = root.resolve(a.path()).resolve("history.edn");
    Path second = root.resolve(b.path()).resolve("history.edn");
    try (BufferedReader left = Files.newBufferedReader(first);
        BufferedReader right = Files.newBufferedReader(second)) {
      for (int line = 1; ; line++) {
        String one = left.readLine();
        String other = right.readLine();
        if (one == null && other == null) {
          return "equal, event by event";
        }
        if (one == null || !one.equals(other)) {
          return "differs from line " + line + " on";
        }
      }
    } catch (IOException e) {
      return "cannot be compared: " + e.getMessage();
    }
  }

  private static String back() {
    return "<p><a href=\"/\">all runs</a></p>";
  }

  /** The entries of a folder. */
  String folder(Path folder, String path) throws IOException {
    Page page = new Page(path).element("h1", "", path).html(back());
    List<Path> entries;
    try (Stream<Path> found = Files.list(folder)) {
      entries = found.sorted().toList();
    }
    page.html("<div class=\"scroll\"><table>");
    for (Path entry : entries) {
      boolean isFolder = Files.isDirectory(entry);
      String name = entry.getFileName().toString() + (isFolder ? "/" : "");
      page.html(
          "<tr><td><a href=\"%s\">%s</a></td><td class=\"number\">%s</td></tr>"
              .formatted(
                  Page.escape(name),
                  Page.escape(name),
                  isFolder ? "" : "%,d".formatted(Files.size(entry))));
    }
    return page.html("</table></div>").build();
  }

  /** Bytes of a file from an offset on, as a page. */
  static String bytes(Path file, String path, long from, int length) throws IOException {
    byte[] bytes;
    try (var channel = Files.newByteChannel(file)) {
      java.nio.ByteBuffer buffer = java.nio.ByteBuffer.allocate(Math.clamp(length, 1, BYTES_MAX));
      channel.position(Math.max(0, from));
      while (buffer.hasRemaining() && channel.read(buffer) >= 0) {
        // until the buffer is full or the file ends
      }
      bytes = java.util.Arrays.copyOf(buffer.array(), buffer.position());
    }
    String range = "%s from byte %,d on".formatted(path, from);
    return new Page(range)
        .element("h1", "", range)
        .html(back())
        .html(
            "<p><a href=\"?from=%d&amp;length=%d\">earlier</a> <a href=\"?from=%d&amp;length=%d\">later</a> <a href=\"?\">the whole file</a></p>"
                .formatted(Math.max(0, from - length), length, from + length, length))
        .html(
            "<pre class=\"hex mono\">"
                + Page.escape(String.join("\n", dump(bytes, from)))
                + "</pre>")
        .build();
  }

  private static List<String> dump(byte[] bytes, long from) {
    List<String> lines = new ArrayList<>();
    for (int at = 0; at < bytes.length; at += BYTES_A_LINE) {
      StringBuilder digits = new StringBuilder();
      StringBuilder text = new StringBuilder();
      for (int i = at; i < Math.min(at + BYTES_A_LINE, bytes.length); i++) {
        digits.append("%02x ".formatted(bytes[i]));
        text.append(bytes[i] > 31 && bytes[i] < 127 ? (char) bytes[i] : '.');
      }
      lines.add("%08x  %-48s %s".formatted(from + at, digits, text));
    }
    return lines;
  }
}
