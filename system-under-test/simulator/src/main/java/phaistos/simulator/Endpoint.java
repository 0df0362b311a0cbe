package phaistos.simulator;

import java.io.IOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.ArrayDeque;
import phaistos.environment.Network.Address;
import phaistos.environment.Network.Connection;

/**
 * One end of a connection: the kernel's part, which goes on when the process is killed, and the
 * calls of the process.
 */
final class Endpoint implements Connection, Stream.Receiver {
  private final Scheduler scheduler;
  private final SimulatedNetwork.Host host;
  private final long id;
  private final Address local;
  private final Address remote;
  private final Waiters readers;
  private final Waiters writers;
  private final ArrayDeque<byte[]> inbox = new ArrayDeque<>();
  private int headOffset;
  private Stream outgoing;
  private Stream incoming;
  private boolean established;
  private boolean refused;
  private boolean ended;
  private boolean reset;
  private boolean closed;
  private boolean outputShut;

  Endpoint(
      Scheduler scheduler, SimulatedNetwork.Host host, long id, Address local, Address remote) {
    this.scheduler = scheduler;
    this.host = host;
    this.id = id;
    this.local = local;
    this.remote = remote;
    this.readers = new Waiters(scheduler);
    this.writers = new Waiters(scheduler);
    host.endpoints.put(id, this);
  }

  void setOutgoing(Stream stream) {
    outgoing = stream;
  }

  void setIncoming(Stream stream) {
    incoming = stream;
  }

  Stream incoming() {
    return incoming;
  }

  /** Waits for the answer to our SYN. */
  void awaitEstablished(long limitNanos) throws IOException {
    long deadline = scheduler.now() + limitNanos;
    outgoing.send(Stream.Kind.SYN);
    while (!established && !refused && !reset && !closed) {
      if (scheduler.now() >= deadline) {
        kernelClose();
        throw new SocketTimeoutException("Connect timed out: " + remote);
      }
      readers.await(deadline);
    }
    if (refused || reset) {
      kernelClose();
      throw new java.net.ConnectException("Connection refused: " + remote);
    }
    checkOpen();
  }

  /** Sends the SYN again because the other host is off, as long as a task waits for the answer. */
  void synUnanswered() {
    scheduler.after(
        1_000_000_000L,
        () -> {
          if (!closed) {
            outgoing.send(Stream.Kind.SYN);
          }
        });
  }

  @Override
  public void receive(Stream.Kind kind, byte[] bytes) {
    if (!host.machine.isPoweredOn()) {
      return;
    }
    switch (kind) {
      case SYN_ACK -> {
        if (closed) {
          outgoing.abort();
        }
        established = true;
      }
      case REFUSED -> refused = true;
      case DATA -> {
        if (closed) {
          outgoing.abort();
        } else {
          inbox.add(bytes);
        }
      }
      case FIN -> ended = true;
      case RESET -> reset = true;
      case SYN -> throw new IllegalStateException("SYN on an open connection: " + this);
    }
    readers.wakeAll();
    if (kind == Stream.Kind.RESET) {
      writers.wakeAll();
      outgoing.forget();
      host.endpoints.remove(id);
    }
  }

  void writable() {
    writers.wakeAll();
  }

  @Override
  public Address local() {
    return local;
  }

  @Override
  public Address remote() {
    return remote;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    scheduler.portCall("net.read", id, length);
    return read(target, offset, length, false, Long.MAX_VALUE);
  }

  @Override
  public int read(byte[] target, int offset, int length, long limitNanos) throws IOException {
    scheduler.portCall("net.read", id, limitNanos);
    return read(target, offset, length, true, scheduler.now() + Math.max(0, limitNanos));
  }

  private int read(byte[] target, int offset, int length, boolean limited, long deadline)
      throws IOException {
    while (true) {
      checkOpen();
      if (length == 0) {
        return 0;
      }
      if (!inbox.isEmpty()) {
        return take(target, offset, length);
      }
      if (reset) {
        throw new SocketException("Connection reset");
      }
      if (ended) {
        return -1;
      }
      if (limited && scheduler.now() >= deadline) {
        throw new SocketTimeoutException("Read timed out");
      }
      readers.await(deadline);
    }
  }

  /** Takes the available bytes or fewer, so that messages arrive cut at any byte. */
  private int take(byte[] target, int offset, int length) {
    int wanted = host.network().drawReadLength(Math.min(length, available()));
    int taken = 0;
    while (taken < wanted) {
      byte[] head = inbox.peek();
      int count = Math.min(wanted - taken, head.length - headOffset);
      System.arraycopy(head, headOffset, target, offset + taken, count);
      taken += count;
      headOffset += count;
      if (headOffset == head.length) {
        inbox.poll();
        headOffset = 0;
      }
    }
    incoming.credit(taken);
    scheduler.enter("net.got", id, taken);
    return taken;
  }

  private int available() {
    int total = -headOffset;
    for (byte[] bytes : inbox) {
      total += bytes.length;
    }
    return total;
  }

  @Override
  public void write(byte[] source, int offset, int length) throws IOException {
    scheduler.portCall("net.write", id, (Trace.checksum(source, offset, length) << 32) | length);
    int written = 0;
    while (written < length) {
      checkOpen();
      if (reset) {
        throw new SocketException("Connection reset by peer");
      }
      if (outputShut) {
        throw new SocketException("Socket output is shutdown");
      }
      int count = Math.min(length - written, outgoing.room());
      if (count == 0) {
        writers.await(Long.MAX_VALUE);
        continue;
      }
      byte[] bytes = new byte[count];
      System.arraycopy(source, offset + written, bytes, 0, count);
      outgoing.send(Stream.Kind.DATA, bytes);
      written += count;
    }
  }

  @Override
  public void shutdownOutput() throws IOException {
    scheduler.portCall("net.shutdownOutput", id, 0);
    checkOpen();
    if (!outputShut && !reset) {
      outputShut = true;
      outgoing.send(Stream.Kind.FIN);
    }
  }

  @Override
  public void close() {
    scheduler.portCall("net.close", id, 0);
    kernelClose();
  }

  /**
   * Closes the connection, as close does, and the kernel for a killed process. With unread bytes it
   * is a reset.
   */
  void kernelClose() {
    if (closed) {
      return;
    }
    closed = true;
    host.endpoints.remove(id);
    if (!reset && !refused) {
      if (!inbox.isEmpty()) {
        outgoing.abort();
      } else if (!outputShut) {
        outgoing.send(Stream.Kind.FIN);
      }
    }
    inbox.clear();
    readers.wakeAll();
    writers.wakeAll();
  }

  /**
   * Ends the connection after a power cut: unsent bytes are lost, and the other side sees the end.
   */
  void powerCut() {
    closed = true;
    inbox.clear();
    if (!reset) {
      outgoing.abort();
    }
  }

  private void checkOpen() throws SocketException {
    if (closed) {
      throw new SocketException("Socket closed");
    }
  }

  @Override
  public String toString() {
    return local + ">" + remote;
  }
}
