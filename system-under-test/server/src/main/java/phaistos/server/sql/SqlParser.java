package phaistos.server.sql;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.sf.jsqlparser.parser.CCJSqlParser;
import net.sf.jsqlparser.parser.ParseException;
import net.sf.jsqlparser.parser.StringProvider;
import net.sf.jsqlparser.parser.TokenMgrException;
import net.sf.jsqlparser.parser.feature.Feature;
import phaistos.server.errors.PgError;

/**
 * Parses SQL. {@link UtilityParser} parses transaction and utility commands, JSqlParser all others;
 * its results are cached by text. Thread-safe; one for each server.
 */
public final class SqlParser {
  private static final int CACHE_MAX = 1_000;
  private static final int CACHED_LENGTH_MAX = 10_000;
  private static final Pattern PARAMETER = Pattern.compile("\\$(\\d{1,5})");
  private static final Pattern STRINGS = Pattern.compile("'[^']*+'|\"[^\"]*+\"");

  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Statement> cache =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Statement> eldest) {
          return size() > CACHE_MAX;
        }
      };

  /**
   * The statements of a simple query; a single empty statement if there is none.
   *
   * @throws PgError 42601 at the first that is no SQL
   */
  public List<Statement> parse(String text) {
    List<Statement> statements = new ArrayList<>();
    for (String part : Splitter.split(text)) {
      if (!part.isBlank()) {
        statements.add(parseOne(part.strip()));
      }
    }
    return statements.isEmpty() ? List.of(new Statement.Empty()) : statements;
  }

  private Statement parseOne(String text) {
    lock.lock();
    try {
      Statement known = cache.get(text);
      if (known != null) {
        return known;
      }
    } finally {
      lock.unlock();
    }
    Statement parsed = UtilityParser.parse(text).orElseGet(() -> parseSql(text));
    if (text.length() <= CACHED_LENGTH_MAX) {
      lock.lock();
      try {
        cache.put(text, parsed);
      } finally {
        lock.unlock();
      }
    }
    return parsed;
  }

  private static Statement parseSql(String text) {
    CCJSqlParser parser = new CCJSqlParser(new StringProvider(text));
    parser.withFeature(Feature.allowComplexParsing, true);
    try {
      return new Statement.Sql(parser.Statement(), parameters(text));
    } catch (ParseException e) {
      String near = e.currentToken == null ? "" : nextImage(e);
      if (near.equalsIgnoreCase("operator")) {
        throw PgError.unsupported("OPERATOR()");
      }
      throw near.isEmpty()
          ? PgError.error("42601", "syntax error at end of input")
          : PgError.error("42601", "syntax error at or near \"%s\"".formatted(near));
    } catch (StackOverflowError e) {
      throw PgError.error("54001", "stack depth limit exceeded");
    } catch (TokenMgrException e) {
      throw PgError.error("42601", "syntax error: " + e.getMessage());
    }
  }

  private static String nextImage(ParseException e) {
    return e.currentToken.next == null || e.currentToken.next.image == null
        ? ""
        : e.currentToken.next.image;
  }

  private static int parameters(String text) {
    int highest = 0;
    Matcher matcher = PARAMETER.matcher(STRINGS.matcher(text).replaceAll("''"));
    while (matcher.find()) {
      highest = Math.max(highest, Integer.parseInt(matcher.group(1)));
    }
    return highest;
  }
}
