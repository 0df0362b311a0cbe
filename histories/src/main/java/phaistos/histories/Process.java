package phaistos.histories;

/** Who acts: a client's logical thread, or something that is no client. */
public sealed interface Process {
  Nemesis NEMESIS = new Nemesis("nemesis");

  /**
   * A client process. After an info it is dead for ever; its thread goes on under a fresh id.
   *
   * @param id its number; one of {@link Processes} for a client that has a name instead
   * @param name the name; nil where the number is the name
   */
  record Client(long id, Edn name) implements Process {
    public Client(long id) {
      this(id, Edn.NIL);
    }

    /** What stands for it in a history: its name, or its number. */
    public Edn value() {
      return name == Edn.NIL ? Edn.of(id) : name;
    }

    @Override
    public String toString() {
      return "process " + EdnWriter.print(value());
    }
  }

  /** What the format says is no client, above all {@code :nemesis}; {@code name} as it stands. */
  record Nemesis(String name) implements Process {}
}
