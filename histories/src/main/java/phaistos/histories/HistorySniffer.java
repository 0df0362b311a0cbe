package phaistos.histories;

import java.util.regex.Pattern;

/** Recognises the form of a history by its first characters. */
final class HistorySniffer {
  private static final Pattern OLDEST_LOG_LINE =
      Pattern.compile("(?m)^[A-Z]+[ \\t]+jepsen\\.[a-z.-]+[ \\t]+-[ \\t]");

  /** Jepsen 0.1: level, date, thread; from 0.2 on: date, level, thread. */
  private static final Pattern LOG_LINE =
      Pattern.compile(
          "(?m)^(?:[A-Z]+[ \\t]+\\[\\d{4}-\\d\\d-\\d\\d[ T][^\\]]*\\][ \\t]"
              + "|\\d{4}-\\d\\d-\\d\\d[ T]\\d\\d:\\d\\d:\\d\\d[,.]\\d+\\S*[ \\t]+[A-Z]+[ \\t])");

  private static final Pattern OPERATION_LINE =
      Pattern.compile(
          "[^\\t\\n{]*+\\t *:\\w+ *\\t|[^\\s\\[({]\\S*+[ \\t]+:(?:invoke|ok|fail|info)[ \\t]");

  private static final Pattern PLUME = Pattern.compile("[rRwW][ \\t]*\\(");
  private static final Pattern AWDIT =
      Pattern.compile("[-=\\s]*+[rRwW][ \\t]+\\S++[ \\t]+\\S++[ \\t]*+(?:[\\r\\n]|\\z)");
  private static final Pattern DBCOP_TEXT = Pattern.compile("\\[\\s*+\\w++\\s*+(?::=|==)");

  private static final Pattern CALL = Pattern.compile("(?i)\"call\"\\s*:");
  private static final Pattern INPUT =
      Pattern.compile("(?i)\"(?:input|return|clientid|output)\"\\s*:");
  private static final Pattern EVENTS = Pattern.compile("\"events\"\\s*:\\s*\\[");
  private static final Pattern PROCESS = Pattern.compile("\"process\"\\s*:");

  private static final Pattern PGBENCH_LOG =
      Pattern.compile("^\\d+ \\d+ (\\d+|skipped|failed|serialization|deadlock) \\d+ \\d{9,} \\d+");
  private static final Pattern SERVER_LOG =
      Pattern.compile("^\\d{4}-\\d{2}-\\d{2} \\d{2}:\\d{2}:\\d{2}(\\.\\d+)? [A-Z0-9+:-]+[, ]");
  private static final Pattern JSON_LOG = Pattern.compile("\"error_severity\"\\s*:");
  private static final String RECORD_INSTEAD =
      "record instead, when COMMIT has answered, a line xid,marker, or run the application with"
          + " jdbc:phaistos:postgresql: (docs/AUDIT.md, \"Where a history comes from\")";

  private HistorySniffer() {}

  /**
   * @throws HistoryException if the form is unknown
   */
  static HistoryFormat tell(String text, String source) {
    int i = skipBlank(text, 0);
    if (i == text.length()) {
      if (text.isEmpty()) {
        throw new HistoryException(source, 0, "the file is empty");
      }
      return HistoryFormat.EDN_LINES;
    }
    switch (text.charAt(i)) {
      case '{' -> {
        if (JSON_LOG.matcher(text.substring(i, endOfLine(text, i))).find()) {
          throw serverLog(source);
        }
        return isJsonObject(text, i) ? json(text) : HistoryFormat.EDN_LINES;
      }
      case '#' -> {
        return HistoryFormat.EDN_LINES;
      }
      case '(' -> {
        return HistoryFormat.EDN;
      }
      case '[' -> {
        return bracketed(text, i);
      }
      default -> {
        return plain(text, source, i);
      }
    }
  }

  private static HistoryFormat bracketed(String text, int bracket) {
    int next = skipBlank(text, bracket + 1);
    while (next < text.length() && (text.charAt(next) == '[' || text.charAt(next) == ']')) {
      next = skipBlank(text, next + 1);
    }
    boolean isObject = next < text.length() && text.charAt(next) == '{';
    if (isObject && isJsonObject(text, next)) {
      return json(text);
    }
    if (begins(DBCOP_TEXT, text, bracket)) {
      return HistoryFormat.DBCOP_TEXT;
    }
    return begins(OPERATION_LINE, text, bracket) && !isNested(text, bracket)
        ? HistoryFormat.HISTORY_TEXT
        : HistoryFormat.EDN;
  }

  /** Whether the bracket begins a collection of rows, and not the process of the first line. */
  private static boolean isNested(String text, int bracket) {
    int next = skipBlank(text, bracket + 1);
    return next < text.length() && (text.charAt(next) == '[' || text.charAt(next) == '(');
  }

  private static HistoryFormat json(String text) {
    if (CALL.matcher(text).find() && INPUT.matcher(text).find()) {
      return HistoryFormat.CALL_RETURN;
    }
    return EVENTS.matcher(text).find() && !PROCESS.matcher(text).find()
        ? HistoryFormat.DBCOP
        : HistoryFormat.JSON;
  }

  private static HistoryFormat plain(String text, String source, int start) {
    if (OLDEST_LOG_LINE.matcher(text).find()) {
      return HistoryFormat.ETCD_LOG;
    }
    String heading = text.substring(start, endOfLine(text, start));
    if (CsvEvents.isHeading(heading)) {
      return HistoryFormat.CSV;
    }
    refuseLogs(heading, source);
    if (LOG_LINE.matcher(text).find()) {
      return HistoryFormat.JEPSEN_LOG;
    }
    if (begins(PLUME, text, start)) {
      return HistoryFormat.PLUME;
    }
    if (begins(AWDIT, text, start)) {
      return HistoryFormat.AWDIT;
    }
    if (begins(DBCOP_TEXT, text, skipRemarks(text, start))) {
      return HistoryFormat.DBCOP_TEXT;
    }
    if (begins(OPERATION_LINE, text, start)) {
      return HistoryFormat.HISTORY_TEXT;
    }
    long line = text.substring(0, start).chars().filter(c -> c == '\n').count() + 1;
    throw new HistoryException(
        source,
        line,
        "in none of the forms of a history (EDN, JSON, history.txt, a log of jepsen.util, Plume,"
            + " AWDIT, dbcop): "
            + excerpt(text, start));
  }

  private static boolean begins(Pattern form, String text, int start) {
    return form.matcher(text).region(start, text.length()).lookingAt();
  }

  /** Skips dbcop's comments and its lines of dashes. */
  private static int skipRemarks(String text, int start) {
    int i = start;
    while (i < text.length() && (text.startsWith("//", i) || text.charAt(i) == '-')) {
      int end = text.indexOf('\n', i);
      i = end < 0 ? text.length() : skipBlank(text, end + 1);
    }
    return i;
  }

  private static int endOfLine(String text, int from) {
    int end = text.indexOf('\n', from);
    return end < 0 ? text.length() : end;
  }

  private static HistoryException serverLog(String source) {
    return new HistoryException(
        source,
        1,
        "a log of the server says what it was asked, not what clients were told; "
            + RECORD_INSTEAD);
  }

  /** Refuses logs that are often mistaken for histories but have no transactions. */
  private static void refuseLogs(String line, String source) {
    if (PGBENCH_LOG.matcher(line).find()) {
      throw new HistoryException(
          source,
          1,
          "a log of pgbench -l has latencies, but neither xid nor marker of a transaction; "
              + RECORD_INSTEAD);
    }
    if (SERVER_LOG.matcher(line).find()) {
      throw serverLog(source);
    }
  }

  private static String excerpt(String text, int from) {
    int end = from;
    while (end < text.length() && end < from + 40 && text.charAt(end) >= ' ') {
      end++;
    }
    return "\"" + text.substring(from, end) + "\"";
  }

  /**
   * Whether the brace begins a JSON object: a colon follows its first key. In an EDN map the value
   * follows a text key.
   */
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
