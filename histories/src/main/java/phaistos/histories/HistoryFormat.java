package phaistos.histories;

/** The forms of a history. {@link HistoryReader} recognises them by their content. */
public enum HistoryFormat {
  /** One vector or list of maps, as Knossos' corpora are. */
  EDN,
  /** One map a line, as Jepsen's {@code history.edn} and the key-value logs of Porcupine are. */
  EDN_LINES,
  /** One JSON object a line, or one array of them. */
  JSON,
  /** Lines of {@code INFO jepsen.util - PROCESS\t:TYPE\t:F\tVALUE}. */
  ETCD_LOG,
  /** A table of acknowledgements with a heading, {@code xid,marker}. */
  CSV,
  /** Jepsen's log from 0.1 on: lines of operations among other lines. */
  JEPSEN_LOG,
  /** Jepsen's {@code history.txt}: the lines of operations alone. */
  HISTORY_TEXT,
  /** Jepsen's {@code test.jepsen}, from 0.2.7 on. */
  JEPSEN_STORE,
  /** Jepsen's {@code test.fressian}, before. */
  FRESSIAN,
  /** JSON objects with the times of call and return, of Porcupine and etcd's robustness tests. */
  CALL_RETURN,
  /** Lines of {@code r(key,value,session,transaction)}, of Plume and PolySI. */
  PLUME,
  /** Lines of {@code r key value}, of AWDIT's tests. */
  AWDIT,
  /** JSON of sessions of transactions, of dbcop. */
  DBCOP,
  /** The same in bincode, of older dbcop. */
  DBCOP_BINARY,
  /** Lines of {@code [x:=1 y==2]}, of dbcop. */
  DBCOP_TEXT,
  /** A folder of binary logs of sessions, of Cobra. */
  COBRA;

  /** Whether it gives only sessions, and no real-time order. */
  public boolean isOfSessions() {
    return switch (this) {
      case PLUME, AWDIT, DBCOP, DBCOP_BINARY, DBCOP_TEXT, COBRA -> true;
      case EDN,
          EDN_LINES,
          JSON,
          ETCD_LOG,
          CSV,
          JEPSEN_LOG,
          HISTORY_TEXT,
          JEPSEN_STORE,
          FRESSIAN,
          CALL_RETURN ->
          false;
    };
  }
}
