package phaistos.environment;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/** Linux's sync_file_range(2), which Java's files do not offer. */
public final class FileRanges {
  /** Whether this system has it. */
  public static final boolean AVAILABLE = System.getProperty("os.name").equals("Linux");

  private static final int WRITE_ONLY = 1;

  /** SYNC_FILE_RANGE_WAIT_BEFORE, _WRITE and _WAIT_AFTER. */
  private static final int WRITE_AND_WAIT = 1 | 2 | 4;

  private FileRanges() {}

  /** The functions of the C library; found at the first use. */
  private static final class Calls {
    static final MethodHandle OPEN =
        find(
            "open",
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT),
            Linker.Option.firstVariadicArg(2));
    static final MethodHandle SYNC =
        find(
            "sync_file_range",
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_INT));
    static final MethodHandle CLOSE =
        find("close", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

    @SuppressWarnings("restricted")
    private static MethodHandle find(
        String name, FunctionDescriptor shape, Linker.Option... options) {
      Linker linker = Linker.nativeLinker();
      return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), shape, options);
    }
  }

  /**
   * Writes a range of the page cache to the disk and waits until it is written.
   *
   * @throws IOException if the system lacks the call, or the call fails
   */
  static void writeBack(Path path, long offset, long length) throws IOException {
    if (!AVAILABLE) {
      throw new IOException("sync_file_range is not available on this system");
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocateFrom(path.toString());
      int file = (int) Calls.OPEN.invokeExact(name, WRITE_ONLY);
      if (file < 0) {
        throw new IOException("could not open " + path);
      }
      int code = (int) Calls.SYNC.invokeExact(file, offset, length, WRITE_AND_WAIT);
      int closed = (int) Calls.CLOSE.invokeExact(file);
      if (code < 0 || closed < 0) {
        throw new IOException("could not write back a range of " + path);
      }
    } catch (IOException | RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IOException("could not call sync_file_range", e);
    }
  }
}
