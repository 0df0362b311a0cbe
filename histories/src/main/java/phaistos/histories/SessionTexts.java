package phaistos.histories;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The line-based texts in which checkers of isolation keep the transactions of sessions. */
final class SessionTexts {
  private static final Pattern PLUME_LINE =
      Pattern.compile(
          "\\s*([rRwW])\\s*\\(\\s*(-?\\d+)\\s*,\\s*(-?\\d+)"
              + "\\s*,\\s*(-?\\d+)\\s*,\\s*(-?\\d+)\\s*\\)\\s*");
  private static final Pattern AWDIT_LINE = Pattern.compile("\\s*([rRwW])\\s+(\\S+)\\s+(\\S+)\\s*");
  private static final Pattern DBCOP_TXN = Pattern.compile("\\s*\\[([^\\[\\]]*)\\](!?)");
  private static final Pattern DBCOP_EVENT =
      Pattern.compile("\\s*(\\w+)\\s*(:=|==)\\s*(\\?|-?\\d+)\\s*,?");
  private static final String ABORTED = "-1";

  private final BufferedReader in;
  private final String source;
  private final SessionEvents events = new SessionEvents();
  private long line;

  SessionTexts(BufferedReader in, String source) {
    this.in = in;
    this.source = source;
  }

  /**
   * Plume and PolySI: {@code r(key,value,session,transaction)}; transaction -1 is an aborted one,
   * of which nothing else is known.
   */
  ListedEvents plume() throws IOException {
    for (String text = in.readLine(); text != null; text = in.readLine()) {
      line++;
      if (text.isBlank()) {
        continue;
      }
      Matcher parts = PLUME_LINE.matcher(text);
      if (!parts.matches()) {
        throw error("not r(key,value,session,transaction) or w(...)", text);
      }
      boolean isWrite = parts.group(1).equalsIgnoreCase("w");
      Edn session = SessionEvents.atom(parts.group(4));
      Edn name = SessionEvents.atom(parts.group(5));
      if (parts.group(5).equals(ABORTED)) {
        name = events.begin(session, true, line);
      } else {
        beginNamed(name, session);
      }
      events.step(
          name, isWrite, SessionEvents.atom(parts.group(2)), SessionEvents.atom(parts.group(3)));
    }
    return events.events();
  }

  private void beginNamed(Edn name, Edn session) {
    try {
      events.beginNamed(name, session, line);
    } catch (IllegalArgumentException e) {
      throw new EdnException(source, line, e.getMessage());
    }
  }

  /** AWDIT's tests: a step a line, lines of - between transactions, lines of = between sessions. */
  ListedEvents awdit() throws IOException {
    long session = 0;
    Edn txn = Edn.NIL;
    for (String text = in.readLine(); text != null; text = in.readLine()) {
      line++;
      String own = text.strip();
      if (own.isEmpty()) {
        continue;
      }
      if (own.chars().allMatch(c -> c == '=') || own.chars().allMatch(c -> c == '-')) {
        txn = Edn.NIL;
        session += own.charAt(0) == '=' ? 1 : 0;
        continue;
      }
      Matcher parts = AWDIT_LINE.matcher(text);
      if (!parts.matches()) {
        throw error("not r key value, w key value, ---- or ====", text);
      }
      if (txn == Edn.NIL) {
        txn = events.begin(Edn.of(session), false, line);
      }
      events.step(
          txn,
          parts.group(1).equalsIgnoreCase("w"),
          SessionEvents.atom(parts.group(2)),
          SessionEvents.atom(parts.group(3)));
    }
    return events.events();
  }

  /**
   * dbcop's: {@code [x:=1 y==2] [z==?]!}, a transaction in brackets, with ! if it was not
   * committed; lines of - between sessions; what follows // is a comment.
   */
  ListedEvents dbcop() throws IOException {
    long session = 0;
    for (String text = in.readLine(); text != null; text = in.readLine()) {
      line++;
      int comment = text.indexOf("//");
      String own = (comment < 0 ? text : text.substring(0, comment)).strip();
      if (own.isEmpty()) {
        continue;
      }
      if (own.chars().allMatch(c -> c == '-')) {
        session++;
        continue;
      }
      Matcher txns = DBCOP_TXN.matcher(own);
      int end = 0;
      while (txns.region(end, own.length()).lookingAt()) {
        end = txns.end();
        Edn txn = events.begin(Edn.of(session), !txns.group(2).isEmpty(), line);
        steps(txn, txns.group(1));
      }
      if (!own.substring(end).isBlank()) {
        throw error("not [x:=1 y==2]", own.substring(end));
      }
    }
    return events.events();
  }

  private void steps(Edn txn, String text) {
    Matcher steps = DBCOP_EVENT.matcher(text);
    int end = 0;
    while (steps.region(end, text.length()).lookingAt()) {
      end = steps.end();
      boolean isWrite = steps.group(2).equals(":=");
      boolean isInitial = steps.group(3).equals("?");
      if (isWrite && isInitial) {
        throw error("a write of ?", text);
      }
      events.step(
          txn,
          isWrite,
          SessionEvents.atom(steps.group(1)),
          isInitial ? Edn.NIL : SessionEvents.atom(steps.group(3)));
    }
    if (!text.substring(end).isBlank()) {
      throw error("not x:=1, x==1 or x==?", text.substring(end));
    }
  }

  private EdnException error(String expected, String text) {
    String shown = text.length() <= 60 ? text : text.substring(0, 57) + "...";
    return new EdnException(source, line, expected + ": \"" + shown + "\"");
  }
}
