package phaistos.histories;

/** The process of an event: a client's logical thread, or something that is not a client. */
public sealed interface Process {
  Nemesis NEMESIS = new Nemesis("nemesis");

  /**
   * A client process. After an info it never acts again; its thread goes on under a fresh id.
   *
   * @param id its number; one of {@link Processes} for a client that has a name instead
   * @param name the name; nil where the number is the name
   */
  record Client(long id, Edn name) implements Process {
    public Client(long id) {
      this(id, Edn.NIL);
    }

    /** Its value in a history: its name, or its number. */
    public Edn value() {
      return name == Edn.NIL ? Edn.of(id) : name;
    }

    @Override
    public String toString() {
      return "process " + EdnWriter.print(value());
    }
  }

  /**
   * A process that is not a client by the format, above all {@code :nemesis}; {@code name} is as in
   * the file.
   */
  record Nemesis(String name) implements Process {}
}
