package phaistos.server.sql;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import phaistos.server.errors.PgError;

/**
 * Parses SQL. {@link UtilityParser} parses transaction and utility commands, {@link CommandParser}
 * all others; statements are cached by text. Thread-safe; one for each server.
 */
public final class SqlParser {
  private static final int CACHE_MAX = 1_000;
  private static final int CACHED_LENGTH_MAX = 10_000;

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
    Statement known = cached(text);
    if (known != null) {
      return List.of(known);
    }
    List<Statement> statements = new ArrayList<>();
    for (TokenReader part : Splitter.split(text)) {
      statements.add(parseOne(part));
    }
    return statements.isEmpty() ? List.of(new Statement.Empty()) : statements;
  }

  private Statement cached(String text) {
    lock.lock();
    try {
      return cache.get(text);
    } finally {
      lock.unlock();
    }
  }

  private Statement parseOne(TokenReader in) {
    String text = in.text();
    Statement known = cached(text);
    if (known != null) {
      return known;
    }
    Statement parsed = UtilityParser.parse(in).orElseGet(() -> CommandParser.parse(in));
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

  /**
   * An expression alone, as the catalog keeps defaults and conditions.
   *
   * @throws PgError 42601 if it is none
   */
  public static Expression expression(String text) {
    return CommandParser.expression(text);
  }
}
