package phaistos.nemesis;

/** The name of one fault of a run, by which it ends: "f3". */
public record Handle(String name) implements Comparable<Handle> {
  public Handle {
    if (name.isBlank()) {
      throw new IllegalArgumentException("a handle without a name");
    }
  }

  @Override
  public int compareTo(Handle other) {
    return name.compareTo(other.name);
  }

  @Override
  public String toString() {
    return name;
  }
}
