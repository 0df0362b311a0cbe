package phaistos.server.multixact;

/** How strongly a row is locked (LockTupleMode), from the weakest. */
public enum LockMode {
  /** The row's key must stay (FOR KEY SHARE). */
  KEY_SHARE,
  /** The row must stay as it is (FOR SHARE). */
  SHARE,
  /** The holder may change all but the key (FOR NO KEY UPDATE). */
  NO_KEY_EXCLUSIVE,
  /** The holder may change or delete the row (FOR UPDATE, UPDATE, DELETE). */
  EXCLUSIVE;

  private static final LockMode[] BY_STATUS = values();

  /** The number of the lock in a multixact (MultiXactStatus). */
  int status() {
    return ordinal();
  }

  /** Of a member's status; 4 and 5 are updates. */
  static LockMode ofStatus(int status) {
    return switch (status) {
      case 4 -> NO_KEY_EXCLUSIVE;
      case 5 -> EXCLUSIVE;
      default -> BY_STATUS[status];
    };
  }

  /** Whether two transactions cannot hold both (tupleLockExtraInfo's locks). */
  public boolean conflictsWith(LockMode other) {
    return switch (this) {
      case KEY_SHARE -> other == EXCLUSIVE;
      case SHARE -> other.compareTo(SHARE) > 0;
      case NO_KEY_EXCLUSIVE -> other != KEY_SHARE;
      case EXCLUSIVE -> true;
    };
  }
}
