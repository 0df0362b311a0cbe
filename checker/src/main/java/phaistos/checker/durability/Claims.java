package phaistos.checker.durability;

import java.util.List;

/**
 * The claims of a history.
 *
 * @param list in the order of their completions, those that never completed last
 * @param unidentified ok operations that carry neither xid nor marker nor LSN: not audited
 * @param assumed claims whose promise the history does not state in full
 */
public record Claims(List<Claim> list, int unidentified, int assumed) {
  public Claims {
    list = List.copyOf(list);
  }
}
