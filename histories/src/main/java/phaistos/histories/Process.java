package phaistos.histories;

/** Who acts: a client's logical thread, or something that is no client. */
public sealed interface Process {
  Nemesis NEMESIS = new Nemesis("nemesis");

  /** A client process. After an info it is dead for ever; its thread goes on under a fresh id. */
  record Client(long id) implements Process {}

  /** Any process that is no integer; {@code name} as it stands in the history. */
  record Nemesis(String name) implements Process {}
}
