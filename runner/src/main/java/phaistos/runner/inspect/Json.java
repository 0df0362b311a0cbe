package phaistos.runner.inspect;

import phaistos.formats.Text;

/** Appends JSON: flat objects, one a line, built by hand for speed. */
final class Json {
  private final Text out;
  private char separator = '{';

  Json(Text out) {
    this.out = out;
  }

  Json put(String name, String value) {
    name(name);
    string(out, value);
    return this;
  }

  Json put(String name, long value) {
    name(name);
    out.append(value);
    return this;
  }

  Json put(String name, boolean value) {
    name(name);
    out.append(value);
    return this;
  }

  /** The name of a field whose value the caller appends. */
  Text name(String name) {
    out.append(separator).append('"').append(name).append("\":");
    separator = ',';
    return out;
  }

  void end() {
    out.append(separator == '{' ? "{}" : "}");
  }

  static void string(Text out, CharSequence value) {
    out.append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < ' ' || c > '~') {
        out.append("\\u%04x".formatted((int) c));
      } else {
        out.append(c);
      }
    }
    out.append('"');
  }
}
