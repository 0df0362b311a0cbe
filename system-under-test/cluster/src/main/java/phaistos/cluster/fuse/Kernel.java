package phaistos.cluster.fuse;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/** The functions of Linux that Java has no class for. */
@SuppressWarnings("restricted") // the launcher allows native access
final class Kernel {
  static final int OPEN_READ_WRITE_CLOEXEC = 02000002;

  /** mount(2): no set-user-id programs, no devices. */
  static final long MOUNT_NO_SUID_NO_DEVICES = 2 | 4;

  /** umount2(2): the driver fails all requests; the folder is free at once, whoever is in it. */
  static final int UNMOUNT_FORCED_DETACHED = 1 | 2;

  private static final int NO_ENTRY = 2;
  private static final int INTERRUPTED = 4;
  private static final int TRY_AGAIN = 11;

  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

  private static final MethodHandle OPEN =
      function("open", FunctionDescriptor.of(INT, ValueLayout.ADDRESS, INT));
  private static final MethodHandle CLOSE = function("close", FunctionDescriptor.of(INT, INT));
  private static final MethodHandle READ =
      function("read", FunctionDescriptor.of(LONG, INT, ValueLayout.ADDRESS, LONG));
  private static final MethodHandle WRITE =
      function("write", FunctionDescriptor.of(LONG, INT, ValueLayout.ADDRESS, LONG));
  private static final MethodHandle MOUNT =
      function(
          "mount",
          FunctionDescriptor.of(
              INT,
              ValueLayout.ADDRESS,
              ValueLayout.ADDRESS,
              ValueLayout.ADDRESS,
              LONG,
              ValueLayout.ADDRESS));
  private static final MethodHandle UNMOUNT =
      function("umount2", FunctionDescriptor.of(INT, ValueLayout.ADDRESS, INT));

  private Kernel() {}

  private static MethodHandle function(String name, FunctionDescriptor type) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(
        linker.defaultLookup().findOrThrow(name), type, Linker.Option.captureCallState("errno"));
  }

  /** Where a call leaves its errno; one for each thread. */
  static MemorySegment errnoState(Arena arena) {
    return arena.allocate(STATE);
  }

  static int errno(MemorySegment state) {
    return (int) ERRNO.get(state, 0L);
  }

  /** Whether a failed read of a FUSE device may be repeated. */
  static boolean isPassing(MemorySegment state) {
    int errno = errno(state);
    return errno == NO_ENTRY || errno == INTERRUPTED || errno == TRY_AGAIN;
  }

  static int open(String path) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = errnoState(arena);
      int file = (int) OPEN.invokeExact(state, arena.allocateFrom(path), OPEN_READ_WRITE_CLOEXEC);
      if (file < 0) {
        throw new IOException("cannot open " + path + ": error " + errno(state));
      }
      return file;
    } catch (IOException e) {
      throw e;
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  static void close(int file) {
    try (Arena arena = Arena.ofConfined()) {
      int unused = (int) CLOSE.invokeExact(errnoState(arena), file);
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  /** Returns how many bytes; negative if it fails, see {@link #errno}. */
  static long read(int file, MemorySegment target, MemorySegment state) {
    try {
      return (long) READ.invokeExact(state, file, target, target.byteSize());
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  /** Returns how many bytes; negative if it fails, see {@link #errno}. */
  static long write(int file, MemorySegment source, long length, MemorySegment state) {
    try {
      return (long) WRITE.invokeExact(state, file, source, length);
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  static void mount(String source, String target, String type, String options) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = errnoState(arena);
      int result =
          (int)
              MOUNT.invokeExact(
                  state,
                  arena.allocateFrom(source),
                  arena.allocateFrom(target),
                  arena.allocateFrom(type),
                  MOUNT_NO_SUID_NO_DEVICES,
                  arena.allocateFrom(options));
      if (result != 0) {
        throw new IOException("cannot mount on " + target + ": error " + errno(state));
      }
    } catch (IOException e) {
      throw e;
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  /** Does nothing if nothing is mounted there. */
  static void unmount(String target) {
    try (Arena arena = Arena.ofConfined()) {
      int unused =
          (int)
              UNMOUNT.invokeExact(
                  errnoState(arena), arena.allocateFrom(target), UNMOUNT_FORCED_DETACHED);
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  private static IllegalStateException impossible(Throwable e) {
    return new IllegalStateException("a function of Linux cannot be called", e);
  }
}
