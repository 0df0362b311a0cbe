package phaistos.runner;

import java.util.Map;
import java.util.TreeMap;

/** The checkers that {@code phaistos check --checker NAME} knows. */
final class FileChecks {
  static final Map<String, FileCheck> BY_NAME = new TreeMap<>(Map.of());

  private FileChecks() {}
}
