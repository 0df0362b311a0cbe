package phaistos.server.steps;

/**
 * A page that is about to be written.
 *
 * @param path of its file, below the data directory
 * @param offset in the file
 * @param page its 8192 bytes as they are written; not to be changed
 */
public record PageWrite(String path, long offset, byte[] page) {
  /** The file, as of the steps that sync it. */
  @Override
  public String toString() {
    return path;
  }
}
