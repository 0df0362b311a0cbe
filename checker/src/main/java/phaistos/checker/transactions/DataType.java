package phaistos.checker.transactions;

/** What the transactions of a history work on. */
public enum DataType {
  LIST_APPEND("list-append", "append"),
  RW_REGISTER("rw-register", "w");

  private final String label;
  private final String write;

  DataType(String label, String write) {
    this.label = label;
    this.write = write;
  }

  public String label() {
    return label;
  }

  /** The f of its writes. */
  String write() {
    return write;
  }
}
