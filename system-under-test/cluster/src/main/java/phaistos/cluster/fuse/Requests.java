package phaistos.cluster.fuse;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import phaistos.cluster.fuse.Errno.FileError;
import phaistos.cluster.fuse.VolatileTree.Listed;
import phaistos.cluster.fuse.VolatileTree.Making;
import phaistos.cluster.fuse.VolatileTree.Place;

/**
 * Answers requests of Linux's FUSE driver from a tree. The structures are those of linux/fuse.h,
 * version 7.31, in the machine's byte order: a header of 40 bytes with length, operation, request,
 * inode and caller, then the operation's own; an answer has a header of 16.
 *
 * <p>The kernel caches names, attributes and pages without a limit of time, since every change
 * comes from it. There are no file handles: an open file is known by its inode, which stays while
 * the kernel knows it. Thread-safe.
 */
final class Requests {
  static final int WRITE_BYTES_MAX = 1 << 20;

  /** A request's room: a write with its headers. */
  static final int REQUEST_BYTES_MAX = WRITE_BYTES_MAX + 4096;

  private static final int IN_HEADER_BYTES = 40;
  private static final int OUT_HEADER_BYTES = 16;
  private static final long CACHED_SECONDS = 1 << 30;

  private static final int MAJOR = 7;
  private static final int MINOR = 31;

  // FUSE_ASYNC_READ, FUSE_BIG_WRITES, FUSE_PARALLEL_DIROPS, FUSE_MAX_PAGES
  private static final int FLAGS = 1 | 1 << 5 | 1 << 18 | 1 << 22;
  private static final int KEEP_CACHE = 1 << 1;

  // FATTR_MODE and so on
  private static final int ATTRIBUTE_MODE = 1;
  private static final int ATTRIBUTE_UID = 1 << 1;
  private static final int ATTRIBUTE_GID = 1 << 2;
  private static final int ATTRIBUTE_SIZE = 1 << 3;
  private static final int ATTRIBUTE_ACCESSED = 1 << 4;
  private static final int ATTRIBUTE_MODIFIED = 1 << 5;

  private static final int O_DSYNC = 010000;

  // enum fuse_opcode
  private static final int LOOKUP = 1;
  private static final int FORGET = 2;
  private static final int GETATTR = 3;
  private static final int SETATTR = 4;
  private static final int READLINK = 5;
  private static final int SYMLINK = 6;
  private static final int MKNOD = 8;
  private static final int MKDIR = 9;
  private static final int UNLINK = 10;
  private static final int RMDIR = 11;
  private static final int RENAME = 12;
  private static final int LINK = 13;
  private static final int READ = 15;
  private static final int WRITE = 16;
  private static final int STATFS = 17;
  private static final int RELEASE = 18;
  private static final int FSYNC = 20;
  private static final int INIT = 26;
  private static final int READDIR = 28;
  private static final int RELEASEDIR = 29;
  private static final int FSYNCDIR = 30;
  private static final int CREATE = 35;
  private static final int INTERRUPT = 36;
  private static final int DESTROY = 38;
  private static final int BATCH_FORGET = 42;
  private static final int FALLOCATE = 43;
  private static final int RENAME2 = 45;

  private final VolatileTree tree;
  private final Contents contents;
  private final Faults faults;

  Requests(VolatileTree tree, Contents contents, Faults faults) {
    this.tree = tree;
    this.contents = contents;
    this.faults = faults;
  }

  /** The header of a request. */
  private record Header(int operation, long unique, long inode, int uid, int gid) {}

  /**
   * Answers one request.
   *
   * @param in the request
   * @param out has room for a read; afterwards it is ready to be sent, or empty if nobody waits
   */
  void answer(ByteBuffer in, ByteBuffer out) {
    in.getInt(); // length
    Header header = new Header(in.getInt(), in.getLong(), in.getLong(), in.getInt(), in.getInt());
    in.position(IN_HEADER_BYTES);
    out.clear().position(OUT_HEADER_BYTES);
    int error = 0;
    try {
      boolean isAnswered = answer(header, in, out);
      if (!isAnswered) {
        out.clear().limit(0);
        return;
      }
    } catch (FileError e) {
      error = e.errno().number();
    } catch (IOException | RuntimeException e) {
      System.err.println("operation " + header.operation + " fails: " + e);
      error = Errno.INPUT_OUTPUT.number();
    }
    if (error != 0) {
      out.clear().position(OUT_HEADER_BYTES);
    }
    out.flip();
    out.putInt(0, out.limit()).putInt(4, -error).putLong(8, header.unique);
  }

  private boolean answer(Header header, ByteBuffer in, ByteBuffer out) throws IOException {
    switch (header.operation) {
      case LOOKUP -> lookUp(header, in, out);
      case FORGET -> tree.forget(header.inode, in.getLong());
      case BATCH_FORGET -> forgetAll(in);
      case INTERRUPT -> {} // no request takes long
      case GETATTR -> attributes(tree.inode(header.inode), out);
      case SETATTR -> setAttributes(header, in, out);
      case READLINK -> out.put(bytes(target(tree.inode(header.inode))));
      case SYMLINK -> symlink(header, in, out);
      case MKNOD -> {
        int mode = in.getInt();
        in.getInt(); // device
        in.getInt(); // umask, which the kernel has applied
        in.getInt();
        entry(tree.make(header.inode, text(in), making(header, mode)), out);
      }
      case MKDIR -> {
        int mode = in.getInt() & ~Inode.TYPE_MASK | Inode.DIRECTORY;
        in.getInt();
        entry(tree.make(header.inode, text(in), making(header, mode)), out);
      }
      case UNLINK -> tree.remove(header.inode, text(in), false);
      case RMDIR -> tree.remove(header.inode, text(in), true);
      case RENAME -> rename(header, in.getLong(), 0, in);
      case RENAME2 -> {
        long directory = in.getLong();
        int flags = in.getInt();
        in.getInt();
        rename(header, directory, flags, in);
      }
      case LINK -> {
        long inode = in.getLong();
        entry(tree.link(inode, header.inode, text(in)), out);
      }
      case READ -> read(header, in, out);
      case WRITE -> write(header, in, out);
      case STATFS -> statistics(out);
      case RELEASE, RELEASEDIR -> {}
      case FSYNC, FSYNCDIR -> contents.sync(header.inode);
      case INIT -> initialize(in, out);
      case READDIR -> list(header, in, out);
      case CREATE -> create(header, in, out);
      case DESTROY -> {}
      case FALLOCATE -> allocate(header, in);
      // OPEN, OPENDIR and FLUSH among them: the kernel then does without
      default -> throw Errno.NO_SYSTEM_CALL.error();
    }
    return switch (header.operation) {
      case FORGET, BATCH_FORGET, INTERRUPT -> false;
      default -> true;
    };
  }

  private static void initialize(ByteBuffer in, ByteBuffer out) {
    int major = in.getInt();
    int minor = in.getInt();
    if (major != MAJOR || minor < MINOR) {
      throw new IllegalStateException(
          "the kernel's FUSE is %d.%d, not %d.%d or later".formatted(major, minor, MAJOR, MINOR));
    }
    int readAhead = in.getInt();
    out.putInt(MAJOR).putInt(MINOR).putInt(readAhead).putInt(FLAGS);
    out.putShort((short) 16).putShort((short) 12); // background requests at most, congestion
    out.putInt(WRITE_BYTES_MAX).putInt(1); // times are exact to a nanosecond
    out.putShort((short) (WRITE_BYTES_MAX / 4096)).putShort((short) 0);
    out.put(new byte[32]);
  }

  private void lookUp(Header header, ByteBuffer in, ByteBuffer out) throws IOException {
    Optional<Inode> found = tree.lookUp(header.inode, text(in));
    if (found.isPresent()) {
      entry(found.get(), out);
    } else {
      // inode 0: the kernel may remember that there is none
      out.putLong(0).putLong(0).putLong(CACHED_SECONDS).put(new byte[16 + 88]);
    }
  }

  private void forgetAll(ByteBuffer in) throws IOException {
    int count = in.getInt();
    in.getInt();
    for (int i = 0; i < count; i++) {
      long inode = in.getLong();
      tree.forget(inode, in.getLong());
    }
  }

  private static void entry(Inode inode, ByteBuffer out) {
    out.putLong(inode.number).putLong(0);
    out.putLong(CACHED_SECONDS).putLong(CACHED_SECONDS).putInt(0).putInt(0);
    attributesOf(inode, out);
  }

  private static void attributes(Inode inode, ByteBuffer out) {
    out.putLong(CACHED_SECONDS).putInt(0).putInt(0);
    attributesOf(inode, out);
  }

  private static void attributesOf(Inode inode, ByteBuffer out) {
    long size = inode.size();
    out.putLong(inode.number).putLong(size).putLong((size + 511) / 512);
    long[] times = {inode.accessedNanos, inode.modifiedNanos, inode.changedNanos};
    for (long time : times) {
      out.putLong(Math.floorDiv(time, 1_000_000_000));
    }
    for (long time : times) {
      out.putInt(Math.floorMod(time, 1_000_000_000));
    }
    out.putInt(inode.mode).putInt(inode.isDirectory() ? 2 : inode.links);
    out.putInt(inode.uid).putInt(inode.gid);
    out.putInt(0).putInt(4096).putInt(0); // device, block size, flags
  }

  private void setAttributes(Header header, ByteBuffer in, ByteBuffer out) throws IOException {
    int valid = in.getInt();
    in.getInt();
    in.getLong(); // file handle
    long size = in.getLong();
    in.getLong(); // lock owner
    long accessed = in.getLong();
    long modified = in.getLong();
    in.getLong(); // changed
    accessed = accessed * 1_000_000_000 + in.getInt();
    modified = modified * 1_000_000_000 + in.getInt();
    in.getInt();
    int mode = in.getInt();
    in.getInt();
    int uid = in.getInt();
    int gid = in.getInt();
    Inode inode = tree.inode(header.inode);
    if ((valid & ATTRIBUTE_SIZE) != 0) {
      contents.truncate(header.inode, size);
    }
    long[] times = {accessed, modified};
    tree.change(
        inode,
        () -> {
          if ((valid & ATTRIBUTE_MODE) != 0) {
            inode.mode = inode.mode & Inode.TYPE_MASK | mode & ~Inode.TYPE_MASK;
          }
          inode.uid = (valid & ATTRIBUTE_UID) != 0 ? uid : inode.uid;
          inode.gid = (valid & ATTRIBUTE_GID) != 0 ? gid : inode.gid;
          inode.accessedNanos = (valid & ATTRIBUTE_ACCESSED) != 0 ? times[0] : inode.accessedNanos;
          inode.modifiedNanos = (valid & ATTRIBUTE_MODIFIED) != 0 ? times[1] : inode.modifiedNanos;
        });
    attributes(inode, out);
  }

  private static String target(Inode inode) {
    return switch (inode.content) {
      case Inode.Target target -> target.path();
      case VolatileFile _, Inode.Entries _, Inode.Nothing _ -> throw Errno.INVALID.error();
    };
  }

  private void symlink(Header header, ByteBuffer in, ByteBuffer out) throws IOException {
    String name = text(in);
    entry(tree.symlink(header.inode, name, text(in), making(header, 0)), out);
  }

  private void rename(Header header, long directory, int flags, ByteBuffer in) throws IOException {
    boolean replaces = (flags & 1) == 0; // RENAME_NOREPLACE
    if ((flags & ~1) != 0) {
      throw Errno.INVALID.error();
    }
    String from = text(in);
    tree.rename(new Place(header.inode, from), new Place(directory, text(in)), replaces);
  }

  private void create(Header header, ByteBuffer in, ByteBuffer out) throws IOException {
    in.getInt(); // flags
    int mode = in.getInt() & ~Inode.TYPE_MASK | Inode.REGULAR;
    in.getInt(); // umask
    in.getInt();
    entry(tree.make(header.inode, text(in), making(header, mode)), out);
    out.putLong(0).putInt(KEEP_CACHE).putInt(0);
  }

  private void read(Header header, ByteBuffer in, ByteBuffer out) throws IOException {
    in.getLong(); // file handle
    long offset = in.getLong();
    int size = in.getInt();
    out.limit(out.position() + size);
    contents.read(header.inode, offset, out);
  }

  private void write(Header header, ByteBuffer in, ByteBuffer out) throws IOException {
    in.getLong(); // file handle
    long offset = in.getLong();
    int size = in.getInt();
    in.getInt(); // write flags
    in.getLong(); // lock owner
    int openFlags = in.getInt();
    in.getInt();
    contents.write(header.inode, offset, in.slice(in.position(), size), (openFlags & O_DSYNC) != 0);
    out.putInt(size).putInt(0);
  }

  private void allocate(Header header, ByteBuffer in) throws IOException {
    in.getLong(); // file handle
    long offset = in.getLong();
    long length = in.getLong();
    int mode = in.getInt();
    switch (mode) {
      case 0 -> contents.allocate(header.inode, offset + length);
      case 1 -> {} // FALLOC_FL_KEEP_SIZE: room beyond the end
      default -> throw Errno.NOT_SUPPORTED.error();
    }
  }

  private void statistics(ByteBuffer out) {
    long free = faults.freeBytes() / 4096;
    long used = faults.usedBytes() / 4096;
    out.putLong(used + free).putLong(free).putLong(free);
    out.putLong(1 << 30).putLong(1 << 29); // files, free files
    out.putInt(4096).putInt(255).putInt(4096).putInt(0).put(new byte[24]);
  }

  private void list(Header header, ByteBuffer in, ByteBuffer out) throws IOException {
    in.getLong(); // file handle
    long after = in.getLong();
    int room = in.getInt();
    int start = out.position();
    List<Listed> lines = tree.list(header.inode, after, room / 24);
    for (Listed line : lines) {
      byte[] name = bytes(line.name());
      int padded = (24 + name.length + 7) & ~7;
      if (out.position() - start + padded > room) {
        break;
      }
      out.putLong(line.inode().number).putLong(line.cookie());
      out.putInt(name.length).putInt((line.inode().mode & Inode.TYPE_MASK) >> 12);
      out.put(name).put(new byte[padded - 24 - name.length]);
    }
  }

  private static Making making(Header header, int mode) {
    return new Making(mode, header.uid, header.gid);
  }

  /** A text that ends with a zero byte. */
  private static String text(ByteBuffer in) {
    int start = in.position();
    int end = start;
    while (in.get(end) != 0) {
      end++;
    }
    byte[] bytes = new byte[end - start];
    in.get(bytes).get();
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
