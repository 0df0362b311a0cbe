package phaistos.environment.crashable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import phaistos.environment.DiskFile;

/**
 * The process that is killed. Step n writes n all over the file "ring", again and again with
 * unsynced noise in between, and replaces the file "named" by a rename; when both are synced it
 * prints n.
 */
final class CrashableChild {
  private static final int PAGES = 8;

  private CrashableChild() {}

  public static void main(String[] arguments) throws IOException {
    CrashableDisk disk = CrashableDisk.open(Path.of(arguments[0]));
    DiskFile ring = disk.create("ring");
    disk.syncDirectory("");
    for (long step = 1; ; step++) {
      for (int page = 0; page < PAGES; page++) {
        ring.write(page * 4096L, page(-step));
      }
      try (DiskFile fresh = disk.create("named.new")) {
        fresh.write(0, page(step));
        fresh.sync();
      }
      disk.rename("named.new", "named");
      for (int page = 0; page < PAGES; page++) {
        ring.write(page * 4096L, page(step));
      }
      ring.truncate(PAGES * 4096L);
      // From here on this step may be found although it was not said.
      ring.sync();
      disk.syncDirectory("");
      System.out.print(step + "\n");
      System.out.flush();
      ring.write(PAGES * 4096L, page(-step));
      ring.write(0, page(-step));
    }
  }

  private static ByteBuffer page(long value) {
    ByteBuffer page = ByteBuffer.allocate(4096);
    while (page.hasRemaining()) {
      page.putLong(value);
    }
    return page.flip();
  }

  /** The one value that a file is full of; -1 if there are several. */
  static long read(Path data, String name) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(data.resolve(name)));
    if (!bytes.hasRemaining()) {
      return 0;
    }
    long value = bytes.getLong();
    while (bytes.hasRemaining()) {
      if (bytes.getLong() != value) {
        return -1;
      }
    }
    return value;
  }
}
