package phaistos.histories;

import java.io.FilterInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The content of an {@code .xz} file, unpacked by the machine's {@code xz}: the JDK has no decoder.
 * A file that is damaged, or no such command, is an {@link IOException}. Not thread-safe.
 */
final class XzStream extends FilterInputStream {
  private static final byte[] MAGIC = {(byte) 0xFD, '7', 'z', 'X', 'Z', 0};

  private final java.lang.Process xz;
  private boolean isChecked;

  private XzStream(java.lang.Process xz) {
    super(xz.getInputStream());
    this.xz = xz;
  }

  static boolean isXz(byte[] head) {
    return Arrays.equals(head, MAGIC);
  }

  static int magicLength() {
    return MAGIC.length;
  }

  static XzStream of(Path file) throws IOException {
    try {
      java.lang.Process xz = new ProcessBuilder("xz", "-dcqT1", "--", file.toString()).start();
      xz.getOutputStream().close();
      return new XzStream(xz);
    } catch (IOException e) {
      throw new IOException("packed with xz, and there is no command xz to unpack it", e);
    }
  }

  @Override
  public int read() throws IOException {
    int value = super.read();
    if (value < 0) {
      checkEnd();
    }
    return value;
  }

  @Override
  public int read(byte[] bytes, int from, int length) throws IOException {
    int count = super.read(bytes, from, length);
    if (count < 0) {
      checkEnd();
    }
    return count;
  }

  /** At the end of its output xz says whether the file was whole. */
  private void checkEnd() throws IOException {
    if (isChecked) {
      return;
    }
    isChecked = true;
    String complaint =
        new String(xz.getErrorStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    try {
      if (xz.waitFor() != 0) {
        throw new IOException("cannot be unpacked: " + complaint);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while unpacking", e);
    }
  }

  @Override
  public void close() throws IOException {
    super.close();
    xz.destroy();
  }
}
