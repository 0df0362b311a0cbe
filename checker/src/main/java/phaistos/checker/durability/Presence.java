package phaistos.checker.durability;

/** What a node's files show of one transaction, from the weakest to the strongest evidence. */
public enum Presence {
  /** The files show nothing of it. */
  ABSENT("not there"),
  /** The node cannot be read. */
  UNREADABLE("cannot be read"),
  /** The WAL that would show it is missing, although redo needs it. */
  WAL_MISSING("the WAL that would tell is not there"),
  /** The files are not of one moment: it may have existed when the server was copied. */
  TORN("not there, in a copy that is not of one moment"),
  /** It was rolled back there. */
  ABORTED("rolled back"),
  /** Its commit record is on disk, but in a file that recovery does not choose. */
  NOT_CHOSEN("on disk, not chosen by recovery"),
  /** Its xid was given to another transaction, which committed. */
  OTHER("its xid belongs to another transaction"),
  /** Older than the available WAL; the commit log says committed. */
  LOG_ONLY("committed by the commit log; its WAL is no longer there"),
  /** A transaction with this xid committed; whether it is this one is unknown. */
  UNPROVEN("a commit that may be it, identity not proven"),
  /** Its commit record is in valid WAL. */
  RECORD("commit record");

  private final String words;

  Presence(String words) {
    this.words = words;
  }

  public String words() {
    return words;
  }
}
