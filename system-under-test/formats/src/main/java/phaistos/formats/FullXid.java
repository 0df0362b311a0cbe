package phaistos.formats;

/** A transaction id with its epoch, 64 bits, never reused (PostgreSQL's FullTransactionId). */
public record FullXid(long value) implements Comparable<FullXid> {
  public static final FullXid FIRST_NORMAL = new FullXid(3);

  public static FullXid of(int epoch, Xid xid) {
    return new FullXid((epoch & 0xFFFF_FFFFL) << 32 | xid.toLong());
  }

  public int epoch() {
    return (int) (value >>> 32);
  }

  public Xid xid() {
    return new Xid((int) value);
  }

  /** The next id; the three special ones are skipped in every epoch. */
  public FullXid next() {
    long next = value + 1;
    return (next & 0xFFFF_FFFFL) < 3 ? new FullXid(next & ~0xFFFF_FFFFL | 3) : new FullXid(next);
  }

  /**
   * The full id of {@code xid}, given that it lies within 2^31 transactions of this one. Special
   * ids get epoch 0.
   */
  public FullXid near(Xid xid) {
    if (!xid.isNormal()) {
      return new FullXid(xid.toLong());
    }
    return new FullXid(value + (xid.value() - (int) value));
  }

  @Override
  public int compareTo(FullXid other) {
    return Long.compareUnsigned(value, other.value);
  }

  @Override
  public String toString() {
    return Long.toUnsignedString(value);
  }
}
