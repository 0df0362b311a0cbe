package phaistos.harness.guarantees;

import java.util.ArrayList;
import java.util.List;
import phaistos.checker.durability.CommitLevel;

/** A setting under a fault. */
public record Combination(CommitLevel level, Standbys standbys, Mishap mishap) {
  /** All of them, fault by fault. */
  public static List<Combination> all() {
    List<Combination> all = new ArrayList<>();
    for (Mishap mishap : Mishap.values()) {
      for (Standbys standbys : Standbys.values()) {
        for (CommitLevel level : CommitLevel.values()) {
          all.add(new Combination(level, standbys, mishap));
        }
      }
    }
    return all;
  }

  /** Whether a commit waits for a standby. */
  boolean waits() {
    return standbys != Standbys.NONE && level.compareTo(CommitLevel.REMOTE_WRITE) >= 0;
  }

  /** The options that choose it. */
  String options() {
    return "--level "
        + level.word()
        + " --standbys "
        + standbys.word()
        + " --fault "
        + mishap.word();
  }
}
