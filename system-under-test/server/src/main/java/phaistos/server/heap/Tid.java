package phaistos.server.heap;

/** Where a tuple is: its page, and the number of its line pointer from 1. */
public record Tid(int block, int offset) implements Comparable<Tid> {
  @Override
  public int compareTo(Tid other) {
    return block != other.block
        ? Integer.compareUnsigned(block, other.block)
        : Integer.compare(offset, other.offset);
  }

  @Override
  public String toString() {
    return "(%d,%d)".formatted(block, offset);
  }
}
