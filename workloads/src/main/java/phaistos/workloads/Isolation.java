package phaistos.workloads;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** PostgreSQL's transaction isolation levels. READ UNCOMMITTED is READ COMMITTED there. */
public enum Isolation {
  READ_COMMITTED("read-committed"),
  REPEATABLE_READ("repeatable-read"),
  SERIALIZABLE("serializable");

  private final String word;

  Isolation(String word) {
    this.word = word;
  }

  /** "repeatable-read": as on the command line. */
  public String word() {
    return word;
  }

  /** "repeatable read": as PostgreSQL's settings have it. */
  public String setting() {
    return word.replace('-', ' ');
  }

  /** Whether all statements of a transaction see one snapshot. */
  public boolean isSnapshot() {
    return this != READ_COMMITTED;
  }

  public static List<String> words() {
    return Arrays.stream(values()).map(Isolation::word).toList();
  }

  public static Optional<Isolation> named(String word) {
    return Arrays.stream(values()).filter(each -> each.word.equals(word)).findFirst();
  }
}
