package phaistos.environment;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import phaistos.environment.Network.Address;
import phaistos.environment.Network.Connection;
import phaistos.environment.Network.Listener;

/** Unix sockets of the machine, with PostgreSQL's file names. */
final class UnixSockets {
  private UnixSockets() {}

  private static Path path(Address address) {
    return Path.of(address.host(), ".s.PGSQL." + address.port());
  }

  static Listener listen(Address address, int mode, int backlog) throws IOException {
    Path path = path(address);
    UnixDomainSocketAddress local = UnixDomainSocketAddress.of(path);
    ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      try {
        channel.bind(local, backlog);
      } catch (BindException inUse) {
        if (!isAbandoned(local)) {
          throw inUse;
        }
        Files.delete(path);
        channel.bind(local, backlog);
      }
      Files.setPosixFilePermissions(path, permissions(mode));
    } catch (IOException failure) {
      channel.close();
      throw failure;
    }
    return new UnixListener(channel, address, path);
  }

  /** A killed server leaves its file. */
  private static boolean isAbandoned(UnixDomainSocketAddress address) throws IOException {
    try (SocketChannel _ = SocketChannel.open(address)) {
      return false;
    } catch (ConnectException nobody) {
      return true;
    }
  }

  private static EnumSet<PosixFilePermission> permissions(int mode) {
    EnumSet<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
    PosixFilePermission[] all = PosixFilePermission.values();
    for (int i = 0; i < all.length; i++) {
      // from OWNER_READ, the highest bit of nine, to OTHERS_EXECUTE
      if ((mode >> (all.length - 1 - i) & 1) == 1) {
        permissions.add(all[i]);
      }
    }
    return permissions;
  }

  static Connection connect(Address address) throws IOException {
    try {
      SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(path(address)));
      return new UnixConnection(channel, address);
    } catch (ConnectException failure) {
      ConnectException named =
          new ConnectException("%s: %s".formatted(path(address), failure.getMessage()));
      named.initCause(failure);
      throw named;
    } catch (SocketException failure) {
      // no such file
      throw new ConnectException("%s: %s".formatted(path(address), failure.getMessage()));
    }
  }

  private record UnixListener(ServerSocketChannel channel, Address address, Path path)
      implements Listener {
    @Override
    public Connection accept() throws IOException {
      try {
        return new UnixConnection(channel.accept(), new Address(address.host(), -1));
      } catch (ClosedChannelException closed) {
        throw new SocketException("Socket closed");
      }
    }

    @Override
    public void close() throws IOException {
      if (channel.isOpen()) {
        channel.close();
        Files.deleteIfExists(path);
      }
    }
  }

  /**
   * A channel has no reads with a time limit. The first one starts a thread that reads ahead, and
   * all reads from then on take what it has read.
   */
  private static final class UnixConnection implements Connection {
    private final SocketChannel channel;
    private final Address remote;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private ByteBuffer ahead;
    private boolean taken = true;
    private IOException failure;
    private boolean ended;

    UnixConnection(SocketChannel channel, Address remote) {
      this.channel = channel;
      this.remote = remote;
    }

    @Override
    public Address local() {
      return remote;
    }

    @Override
    public Address remote() {
      return remote;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      return ahead == null
          ? direct(ByteBuffer.wrap(target, offset, length))
          : readAhead(target, offset, length, Long.MAX_VALUE);
    }

    @Override
    public int read(byte[] target, int offset, int length, long limitNanos) throws IOException {
      if (ahead == null) {
        ahead = ByteBuffer.allocate(1 << 16);
        Thread.ofVirtual().name("unix socket reader").start(this::pump);
      }
      return readAhead(target, offset, length, limitNanos);
    }

    private int direct(ByteBuffer target) throws IOException {
      try {
        return channel.read(target);
      } catch (AsynchronousCloseException closed) {
        throw new SocketException("Socket closed");
      } catch (ClosedChannelException closed) {
        throw new SocketException("Socket is closed");
      }
    }

    private int readAhead(byte[] target, int offset, int length, long limitNanos)
        throws IOException {
      long left = limitNanos;
      lock.lock();
      try {
        while (taken && failure == null && !ended) {
          if (left <= 0) {
            throw new SocketTimeoutException("Read timed out");
          }
          left = changed.awaitNanos(Math.min(left, TimeUnit.DAYS.toNanos(1)));
        }
        if (!taken) {
          int count = Math.min(length, ahead.remaining());
          ahead.get(target, offset, count);
          taken = !ahead.hasRemaining();
          changed.signalAll();
          return count;
        }
        if (failure != null) {
          throw failure;
        }
        return -1;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new SocketException("interrupted");
      } finally {
        lock.unlock();
      }
    }

    private void pump() {
      lock.lock();
      try {
        while (!ended && failure == null) {
          while (!taken && !ended) {
            changed.awaitUninterruptibly();
          }
          if (ended) {
            return;
          }
          ahead.clear();
          lock.unlock();
          int count = -1;
          IOException problem = null;
          try {
            count = direct(ahead);
          } catch (IOException e) {
            problem = e;
          } finally {
            lock.lock();
          }
          ahead.flip();
          failure = problem;
          ended = count < 0;
          taken = count <= 0;
          changed.signalAll();
        }
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
      ByteBuffer bytes = ByteBuffer.wrap(source, offset, length);
      try {
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
      } catch (ClosedChannelException closed) {
        throw new SocketException("Socket is closed");
      }
    }

    @Override
    public void shutdownOutput() throws IOException {
      channel.shutdownOutput();
    }

    @Override
    public void close() throws IOException {
      channel.close();
      lock.lock();
      try {
        ended = true;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }
}
