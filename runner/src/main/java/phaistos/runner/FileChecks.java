package phaistos.runner;

import java.util.Map;
import java.util.TreeMap;
import phaistos.checker.transactions.DataType;

/** The checkers that {@code phaistos check --checker NAME} knows. */
final class FileChecks {
  static final Map<String, FileCheck> BY_NAME = new TreeMap<>();

  static {
    BY_NAME.putAll(JepsenFileCheck.all());
    for (DataType type : DataType.values()) {
      BY_NAME.put(type.label(), new TransactionsFileCheck(type));
    }
  }

  private FileChecks() {}
}
