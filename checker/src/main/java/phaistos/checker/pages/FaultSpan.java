package phaistos.checker.pages;

import phaistos.histories.Edn;

/**
 * One fault of a history, by the places of its events.
 *
 * @param kind the function that began it
 * @param handle its name in the run; empty if it has none
 * @param from place of the event that began it
 * @param to place of the event with which it ended; -1 if it lasted to the end of the history
 * @param began what the nemesis answered when it began: nodes, streams
 * @param effect what was measured; an empty table if nothing was
 */
public record FaultSpan(
    String kind, String handle, int from, int to, Edn.Table began, Edn.Table effect) {
  /** Whether an effect was measured, and it counts. */
  public boolean isEffective() {
    return effect.get("effective").equals(Edn.TRUE);
  }

  /** Whether it was measured to have had no effect. */
  public boolean isWithoutEffect() {
    return effect.get("effective").equals(Edn.FALSE);
  }
}
