package phaistos.cluster.fuse;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** A file system that is mounted: threads that read requests and answer them. */
final class Mount {
  private static final String DEVICE = "/dev/fuse";
  private static final String SOURCE = "phaistos";
  private static final String TYPE = "fuse.phaistos";
  private static final int THREADS = 6;

  /** FUSE_NOTIFY_INVAL_INODE. */
  private static final int INVALIDATE_INODE = 2;

  private final Path point;
  private final Requests requests;
  private final int device;
  private final List<Thread> threads;

  /**
   * Mounts it; the first request is answered by then or soon.
   *
   * @param point an empty folder
   */
  Mount(Path point, Requests requests) throws IOException {
    this.point = point;
    this.requests = requests;
    device = Kernel.open(DEVICE);
    try {
      Kernel.mount(SOURCE, point.toString(), TYPE, options(device));
    } catch (IOException e) {
      Kernel.close(device);
      throw e;
    }
    threads =
        IntStream.range(0, THREADS)
            .mapToObj(i -> Thread.ofPlatform().daemon().name("fuse-" + i).start(this::serve))
            .toList();
  }

  /** Why nothing can be mounted on this machine, found out by trying; empty if it can. */
  static Optional<String> problem() {
    Path point = null;
    try {
      point = Files.createTempDirectory("phaistos-fuse-");
      int device = Kernel.open(DEVICE);
      try {
        Kernel.mount(SOURCE, point.toString(), TYPE, options(device));
        Kernel.unmount(point.toString());
      } finally {
        Kernel.close(device);
      }
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(e.getMessage());
    } finally {
      if (point != null) {
        point.toFile().delete();
      }
    }
  }

  private static String options(int device) {
    return "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other,default_permissions,max_read=%d"
        .formatted(device, Requests.WRITE_BYTES_MAX);
  }

  private void serve() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment in = arena.allocate(Requests.REQUEST_BYTES_MAX, 8);
      MemorySegment out = arena.allocate(Requests.REQUEST_BYTES_MAX, 8);
      MemorySegment state = Kernel.errnoState(arena);
      ByteBuffer request = in.asByteBuffer().order(ByteOrder.nativeOrder());
      ByteBuffer answer = out.asByteBuffer().order(ByteOrder.nativeOrder());
      while (true) {
        long length = Kernel.read(device, in, state);
        if (length <= 0) {
          if (Kernel.isPassing(state)) {
            continue; // a signal, or the caller has been killed meanwhile
          }
          return; // unmounted
        }
        requests.answer(request.clear().limit((int) length), answer);
        if (answer.hasRemaining()) {
          long unused = Kernel.write(device, out, answer.remaining(), state);
        }
      }
    }
  }

  /** Makes the kernel forget what it knows of a file's content. */
  void pagesChanged(long inode) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment notice = arena.allocate(40, 8);
      notice
          .asByteBuffer()
          .order(ByteOrder.nativeOrder())
          .putInt(40)
          .putInt(INVALIDATE_INODE)
          .putLong(0)
          .putLong(inode); // from offset 0 on
      // It fails if the kernel does not know the inode.
      long unused = Kernel.write(device, notice, 40, Kernel.errnoState(arena));
    }
  }

  /** Whoever still uses it gets errors from now on. Returns when no request is being answered. */
  void unmount() throws IOException {
    Kernel.unmount(point.toString());
    try {
      for (Thread thread : threads) {
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      Kernel.close(device);
    }
  }
}
