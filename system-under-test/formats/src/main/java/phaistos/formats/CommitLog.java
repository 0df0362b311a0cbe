package phaistos.formats;

import java.util.Optional;

/**
 * The layout of the commit log, {@code pg_xact}: two bits for each transaction, lowest bits first;
 * pages of 8192 bytes with 32,768 transactions and neither header nor checksum; segment files of 32
 * pages (1,048,576 transactions) named by their number in at least four hexadecimal digits.
 */
public final class CommitLog {
  public static final String DIRECTORY = "pg_xact";
  public static final int PAGE_BYTES = 8192;
  public static final int XIDS_PER_PAGE = PAGE_BYTES * 4;
  public static final int PAGES_PER_SEGMENT = 32;
  public static final int SEGMENT_BYTES = PAGES_PER_SEGMENT * PAGE_BYTES;

  /** The last page number; page 0 follows it, as transaction ids wrap around. */
  public static final int MAX_PAGE = (int) (0x1_0000_0000L / XIDS_PER_PAGE) - 1;

  private CommitLog() {}

  /** The two bits. Numbers are the ordinals. */
  public enum Status {
    IN_PROGRESS("in progress"),
    COMMITTED("committed"),
    ABORTED("aborted"),
    SUB_COMMITTED("sub-committed");

    private static final Status[] BY_BITS = values();

    private final String label;

    Status(String label) {
      this.label = label;
    }

    public static Status of(int bits) {
      return BY_BITS[bits];
    }

    public int bits() {
      return ordinal();
    }

    public String label() {
      return label;
    }
  }

  public static int page(Xid xid) {
    return xid.value() >>> 15;
  }

  public static int byteInPage(Xid xid) {
    return (xid.value() & XIDS_PER_PAGE - 1) >> 2;
  }

  /** How far to shift the byte to the right: 0, 2, 4 or 6. */
  public static int shift(Xid xid) {
    return (xid.value() & 3) << 1;
  }

  public static int segment(int page) {
    return page / PAGES_PER_SEGMENT;
  }

  public static int pageInSegment(int page) {
    return page % PAGES_PER_SEGMENT;
  }

  /** The first transaction id on a page; for page 0 that is 0, though 3 is the first normal id. */
  public static Xid firstXid(int page) {
    return new Xid(page << 15);
  }

  public static String segmentName(int segment) {
    return "%04X".formatted(segment);
  }

  /** Path below the data directory of the file that holds a page. */
  public static String segmentPath(int page) {
    return DIRECTORY + "/" + segmentName(segment(page));
  }

  /** The segment's number; empty if PostgreSQL does not use such a name. */
  public static Optional<Integer> parseSegmentName(String name) {
    if (name.length() < 4 || name.length() > 6) {
      return Optional.empty();
    }
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (!(c >= '0' && c <= '9' || c >= 'A' && c <= 'F')) {
        return Optional.empty();
      }
    }
    return Optional.of(Integer.parseInt(name, 16));
  }

  /** The status of {@code xid} in its page. */
  public static Status get(byte[] page, Xid xid) {
    return Status.of(page[byteInPage(xid)] >> shift(xid) & 3);
  }

  /** Sets the status of {@code xid} in its page. */
  public static void set(byte[] page, Xid xid, Status status) {
    int at = byteInPage(xid);
    int shift = shift(xid);
    page[at] = (byte) (page[at] & ~(3 << shift) | status.bits() << shift);
  }

  /**
   * Whether a page is older than another, modulo the wrap-around (PostgreSQL's CLOGPagePrecedes):
   * all of its transactions precede all of the other's.
   */
  public static boolean pagePrecedes(int a, int b) {
    Xid first = new Xid((a << 15) + Xid.FROZEN.value() + 1);
    Xid other = new Xid((b << 15) + Xid.FROZEN.value() + 1);
    return first.precedes(other) && first.precedes(new Xid(other.value() + XIDS_PER_PAGE - 1));
  }
}
