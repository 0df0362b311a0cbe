package phaistos.checker.pages;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/**
 * One web page in one file: it loads nothing, follows the reader's choice of light or dark, and
 * fits a screen of 400 pixels. What must be readable without scripts stands in the body; what
 * scripts draw is data, JSON that is packed with gzip and base64. Not thread-safe.
 */
public final class Page {
  private static final String UPLOT = "/META-INF/resources/webjars/uplot/1.6.30/dist/";

  private static final JsonFactory JSON = new JsonFactory();

  /** Style sheets and scripts; every run's page has them. */
  private static final Map<String, String> RESOURCES = new ConcurrentHashMap<>();

  /** Scripts that a page may carry, in the order in which they depend on each other. */
  public enum Script {
    /** Charts over one axis of time, with faults as bands. */
    CHARTS("charts.js"),
    /** The operations of all processes on the same axis. */
    OPERATIONS("operations.js"),
    /** Tables that filter and page. */
    TABLES("tables.js"),
    /** What happened on all nodes, in one order. */
    EVENTS("events.js"),
    /** The list of the runs of a store. */
    RUNS("runs.js"),
    /** The runs of a campaign's last night. */
    CAMPAIGN("campaign.js");

    private final String file;

    Script(String file) {
      this.file = file;
    }
  }

  /** Writes one data block. */
  @FunctionalInterface
  public interface Data {
    void write(JsonGenerator json) throws IOException;
  }

  private final String title;
  private final StringBuilder body = new StringBuilder(1 << 14);
  private final StringBuilder blocks = new StringBuilder(1 << 16);
  private final List<Script> scripts = new ArrayList<>();

  public Page(String title) {
    this.title = title;
  }

  /** The text as it may stand between tags and in quoted attributes. */
  public static String escape(String text) {
    StringBuilder out = new StringBuilder(text.length() + 16);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '&' -> out.append("&amp;");
        case '<' -> out.append("&lt;");
        case '>' -> out.append("&gt;");
        case '"' -> out.append("&quot;");
        default -> out.append(c);
      }
    }
    return out.toString();
  }

  /** Adds markup. */
  public Page html(String markup) {
    body.append(markup).append('\n');
    return this;
  }

  /** Adds an element with this text. */
  public Page element(String tag, String style, String text) {
    return html(
        "<%s%s>%s</%s>"
            .formatted(tag, style.isEmpty() ? "" : " class=\"" + style + "\"", escape(text), tag));
  }

  public Page script(Script script) {
    if (!scripts.contains(script)) {
      scripts.add(script);
    }
    return this;
  }

  /** Adds data that scripts find by this name. */
  public Page data(String name, Data data) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(new Packed(bytes))) {
      data.write(json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    blocks
        .append("<script type=\"application/gzip\" id=\"data-")
        .append(escape(name))
        .append("\">")
        .append(Base64.getEncoder().encodeToString(bytes.toByteArray()))
        .append("</script>\n");
    return this;
  }

  /** Quick rather than small: a page is written in every run. */
  private static final class Packed extends GZIPOutputStream {
    Packed(ByteArrayOutputStream out) throws IOException {
      super(out, 1 << 13);
      def.setLevel(Deflater.BEST_SPEED);
    }
  }

  /** The page. */
  public String build() {
    boolean plots = scripts.contains(Script.CHARTS);
    StringBuilder out = new StringBuilder(body.length() + blocks.length() + (1 << 17));
    out.append("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n")
        .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
        .append("<link rel=\"icon\" href=\"data:,\">\n")
        .append("<title>")
        .append(escape(title))
        .append("</title>\n<style>\n")
        .append(plots ? resource(UPLOT + "uPlot.min.css") : "")
        .append(resource("page.css"))
        .append("</style></head>\n<body><main>\n")
        .append(body)
        .append("</main>\n")
        .append(blocks);
    if (plots) {
      script(resource(UPLOT + "uPlot.iife.min.js"), out);
    }
    StringBuilder own = new StringBuilder(resource("page.js"));
    scripts.stream().sorted().forEach(each -> own.append(resource(each.file)));
    script(own.append("start();\n").toString(), out);
    return out.append("</body></html>\n").toString();
  }

  private static void script(String text, StringBuilder out) {
    out.append("<script>\n").append(text).append("</script>\n");
  }

  private static String resource(String name) {
    return RESOURCES.computeIfAbsent(name, Page::read);
  }

  private static String read(String name) {
    try (InputStream in = Page.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("not on the class path: " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
