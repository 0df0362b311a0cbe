package phaistos.histories;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** Tells a history's format from its first bytes. */
final class HistorySniffer {
  private static final Pattern LOG_LINE =
      Pattern.compile("(?m)^[A-Z]+[ \\t]+jepsen\\.[a-z.-]+[ \\t]+-[ \\t]");

  private HistorySniffer() {}

  /**
   * @throws HistoryException if it is none that we know
   */
  static HistoryFormat tell(byte[] head, String source) {
    String text = new String(head, StandardCharsets.UTF_8);
    int i = skipBlank(text, 0);
    if (i == text.length()) {
      if (head.length == 0) {
        throw new HistoryException(source, 0, "the file is empty");
      }
      return HistoryFormat.EDN_LINES;
    }
    char first = text.charAt(i);
    switch (first) {
      case '{' -> {
        return isJsonObject(text, i) ? HistoryFormat.JSON : HistoryFormat.EDN_LINES;
      }
      case '#' -> {
        return HistoryFormat.EDN_LINES;
      }
      case '(' -> {
        return HistoryFormat.EDN;
      }
      case '[' -> {
        int next = skipBlank(text, i + 1);
        boolean isObject = next < text.length() && text.charAt(next) == '{';
        return isObject && isJsonObject(text, next) ? HistoryFormat.JSON : HistoryFormat.EDN;
      }
      default -> {
        if (LOG_LINE.matcher(text).find()) {
          return HistoryFormat.ETCD_LOG;
        }
        long line = text.substring(0, i).chars().filter(c -> c == '\n').count() + 1;
        throw new HistoryException(
            source, line, "neither EDN, JSON lines nor a log of jepsen.util: " + excerpt(text, i));
      }
    }
  }

  private static String excerpt(String text, int from) {
    int end = from;
    while (end < text.length() && end < from + 40 && text.charAt(end) >= ' ') {
      end++;
    }
    return "\"" + text.substring(from, end) + "\"";
  }

  /** An object's first key is followed by a colon; an EDN map's text key by its value. */
  private static boolean isJsonObject(String text, int brace) {
    int i = brace + 1;
    while (i < text.length() && text.charAt(i) <= ' ') {
      i++;
    }
    if (i == text.length() || text.charAt(i) != '"') {
      return false;
    }
    for (i++; i < text.length() && text.charAt(i) != '"'; i++) {
      if (text.charAt(i) == '\\') {
        i++;
      }
    }
    for (i++; i < text.length(); i++) {
      if (text.charAt(i) > ' ') {
        // {"type" :invoke} is EDN, {"type" : "invoke"} is JSON
        return text.charAt(i) == ':' && !isKeywordStart(text, i + 1);
      }
    }
    return false;
  }

  private static boolean isKeywordStart(String text, int i) {
    if (i >= text.length()) {
      return false;
    }
    char c = text.charAt(i);
    boolean isJsonWord =
        text.startsWith("true", i) || text.startsWith("false", i) || text.startsWith("null", i);
    return Character.isLetter(c) && !isJsonWord;
  }

  private static int skipBlank(String text, int from) {
    int i = from;
    while (i < text.length()) {
      char c = text.charAt(i);
      if (c == ';') {
        while (i < text.length() && text.charAt(i) != '\n') {
          i++;
        }
      } else if (c <= ' ' || c == ',' || c == '\uFEFF') {
        i++;
      } else {
        return i;
      }
    }
    return i;
  }
}
