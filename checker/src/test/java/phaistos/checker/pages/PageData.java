package phaistos.checker.pages;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.zip.GZIPInputStream;

/** Reads a page's data as its scripts do. */
public final class PageData {
  private PageData() {}

  public static JsonNode of(String page, String name) {
    String start = "id=\"data-" + name + "\">";
    int from = page.indexOf(start);
    if (from < 0) {
      throw new AssertionError("the page has no data of this name: " + name);
    }
    String text = page.substring(from + start.length(), page.indexOf('<', from + start.length()));
    try (GZIPInputStream in =
        new GZIPInputStream(new ByteArrayInputStream(Base64.getDecoder().decode(text)))) {
      return new ObjectMapper().readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
