package phaistos.server.executor;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/** The names of PostgreSQL 15's functions: a call of one that this server has not says so. */
final class PostgresFunctions {
  static final Set<String> NAMES = read();

  private PostgresFunctions() {}

  private static Set<String> read() {
    try (var in = PostgresFunctions.class.getResourceAsStream("functions.txt")) {
      return Set.of(new String(in.readAllBytes(), StandardCharsets.UTF_8).strip().split("\n"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
