package phaistos.checker.plots;

import java.util.Locale;

/** Builds one SVG document. Not thread-safe. */
public final class Svg {
  private static final String STYLE =
      """
      <style>
      svg{--ground:#ffffff;--ink:#1b1f24;--faint:#8b949e;--grid:#e3e6ea;--box:#f6f8fa;\
      --ok:#2f6fdb;--info:#d9822b;--fail:#d64580;--rolled-back:#8b949e;--ww:#b3261e;--wr:#1d6f42;--rw:#6a3fb5;\
      --process:#8a6d00;--realtime:#0a7d8c;--band:#c9ced6;background:var(--ground)}
      @media (prefers-color-scheme:dark){svg{--ground:#14171b;--ink:#e6e9ed;--faint:#8b949e;\
      --grid:#2c3138;--box:#1f242b;--ok:#6ea8fe;--info:#f0a35e;--fail:#f27aa5;--rolled-back:#8b949e;--ww:#ff7b72;\
      --wr:#56d28c;--rw:#b794f6;--process:#e3c33f;--realtime:#4fd1dd;--band:#3a414b}}
      text{font:12px ui-sans-serif,system-ui,"DejaVu Sans",sans-serif;fill:var(--ink)}
      .mono{font-family:ui-monospace,"DejaVu Sans Mono",monospace;font-size:11px}
      .title{font-size:15px;font-weight:600}
      .faint{fill:var(--faint)}
      </style>
      """;

  private final StringBuilder out = new StringBuilder();

  /** A document of this size in pixels, with its ground painted. */
  public Svg(double width, double height, String title) {
    out.append(
        String.format(
            Locale.ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\""
                + " viewBox=\"0 0 %.0f %.0f\" role=\"img\">\n<title>%s</title>\n",
            width,
            height,
            width,
            height,
            escape(title)));
    out.append(STYLE);
    rect(0, 0, width, height, "fill=\"var(--ground)\"");
  }

  public Svg rect(double x, double y, double width, double height, String attributes) {
    return raw(
        "<rect x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" %s/>",
        n(x), n(y), n(width), n(height), attributes);
  }

  public Svg line(double x1, double y1, double x2, double y2, String attributes) {
    return raw(
        "<line x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\" %s/>",
        n(x1), n(y1), n(x2), n(y2), attributes);
  }

  public Svg circle(double x, double y, double radius, String attributes) {
    return raw("<circle cx=\"%s\" cy=\"%s\" r=\"%s\" %s/>", n(x), n(y), n(radius), attributes);
  }

  public Svg path(String d, String attributes) {
    return raw("<path d=\"%s\" %s/>", d, attributes);
  }

  public Svg text(double x, double y, String text, String attributes) {
    return raw("<text x=\"%s\" y=\"%s\" %s>%s</text>", n(x), n(y), attributes, escape(text));
  }

  /** Opens a group; close it with {@link #end}. */
  public Svg group(String attributes) {
    return raw("<g %s>", attributes);
  }

  public Svg end() {
    return raw("</g>");
  }

  /** A shape with a text that shows when the pointer rests on it. */
  public Svg hint(String text) {
    return raw("<title>%s</title>", escape(text));
  }

  private Svg raw(String format, Object... parts) {
    out.append(String.format(Locale.ROOT, format, parts)).append('\n');
    return this;
  }

  /** A coordinate, short. */
  public static String n(double value) {
    String text = String.format(Locale.ROOT, "%.1f", value);
    return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
  }

  public static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  /** The document's text. */
  public String build() {
    return out + "</svg>\n";
  }
}
