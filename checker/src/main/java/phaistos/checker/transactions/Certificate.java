package phaistos.checker.transactions;

import java.util.Arrays;

/**
 * An order of transactions that shows that a history is possible. {@link CertificateVerifier}
 * verifies it without what found it.
 *
 * @param form what the order is one of, and so what is asked of it
 * @param outside which order from outside of the data it keeps
 * @param moments twice the number of a transaction (in {@link Transactions}) for its start, one
 *     more for its commit; of forms without starts the commits alone
 */
public record Certificate(Form form, Outside outside, int[] moments) {
  /** What an order is one of, strongest first. */
  public enum Form {
    /** Transactions, each at one moment: its start, then at once its commit. */
    SERIAL,
    /** As serial, but what a read by predicate did not see counts for nothing. */
    SERIAL_ITEMS,
    /** Starts and commits; no two transactions that write one key overlap. */
    SNAPSHOT,
    /** Starts and commits. */
    PREFIX,
    /** Commits: a reader has the last write of all that precede it by chains of reads. */
    CAUSAL,
    /** Commits: a reader has the last write of those from whom it reads anything. */
    READ_ATOMIC,
    /** Commits: a reader has the last write of those from whom it read anything before. */
    MONOTONIC_ATOMIC_VIEW,
    /** Commits: each after those from whom it read. */
    READ_COMMITTED
  }

  /** Order that is not in the data. */
  public enum Outside {
    NONE,
    PROCESS,
    REALTIME
  }

  public Certificate {
    moments = moments.clone();
  }

  @Override
  public int[] moments() {
    return moments.clone();
  }

  /** The transactions in the order in which they commit. */
  public int[] commits() {
    return Arrays.stream(moments).filter(moment -> (moment & 1) == 1).map(m -> m >> 1).toArray();
  }
}
