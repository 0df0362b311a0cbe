package phaistos.histories;

/** The forms of a history file that {@link HistoryReader} tells apart by their content. */
public enum HistoryFormat {
  /** One vector or list of maps, as Knossos' corpora are. */
  EDN,
  /** One map a line, as Jepsen's {@code history.edn} and the key-value logs of Porcupine are. */
  EDN_LINES,
  /** One JSON object a line, or one array of them. */
  JSON,
  /** Lines of {@code INFO jepsen.util - PROCESS\t:TYPE\t:F\tVALUE}. */
  ETCD_LOG
}
