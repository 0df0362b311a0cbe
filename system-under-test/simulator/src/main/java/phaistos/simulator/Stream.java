package phaistos.simulator;

import java.util.ArrayDeque;
import java.util.Arrays;
import phaistos.environment.SeededRandomness;

/**
 * One direction of one connection: packets on their way over a link, in order. Only the first has a
 * timer; the others follow it. At most {@code window} bytes are on their way or unread.
 */
final class Stream {
  enum Kind {
    SYN,
    SYN_ACK,
    REFUSED,
    DATA,
    FIN,
    RESET
  }

  private static final byte[] NOTHING = new byte[0];

  private static final class Packet {
    final Kind kind;
    final byte[] bytes;
    final long delayNanos;
    long readyNanos;
    boolean countedAsHeld;

    Packet(Kind kind, byte[] bytes, long readyNanos, long delayNanos) {
      this.kind = kind;
      this.bytes = bytes;
      this.readyNanos = readyNanos;
      this.delayNanos = delayNanos;
    }
  }

  /** Where packets arrive. */
  interface Receiver {
    void receive(Kind kind, byte[] bytes);
  }

  private final Scheduler scheduler;
  private final Link link;
  private final int window;
  private final Endpoint source;
  private final ArrayDeque<Packet> queue = new ArrayDeque<>();
  private Receiver target;
  private Timers.Timer headTimer;
  private boolean held;
  private boolean severed;
  private boolean registered;

  /** Its number on the link, while it is registered. */
  private long number;

  private int outstanding;
  private int creditHeld;
  private long passedBytes;

  /**
   * @param source whose output it is
   */
  Stream(Scheduler scheduler, Link link, int window, Endpoint source, Receiver target) {
    this.scheduler = scheduler;
    this.link = link;
    this.window = window;
    this.source = source;
    this.target = target;
  }

  void setTarget(Receiver receiver) {
    target = receiver;
  }

  int room() {
    return window - outstanding;
  }

  void send(Kind kind) {
    send(kind, NOTHING);
  }

  void send(Kind kind, byte[] bytes) {
    if (severed) {
      link.dropped(bytes.length);
      if (kind == Kind.DATA) {
        source.receive(Kind.RESET, NOTHING);
      }
      return;
    }
    if (!registered) {
      registered = true;
      number = link.open(this);
    }
    link.sent(bytes.length);
    outstanding += bytes.length;
    Toxic.Slicer slicer = slicer();
    if (kind != Kind.DATA || slicer == null) {
      enqueue(kind, bytes, 0);
      return;
    }
    SeededRandomness random = link.random();
    for (int from = 0; from < bytes.length; ) {
      int variation =
          slicer.variationBytes() == 0
              ? 0
              : random.nextInt(2 * slicer.variationBytes() + 1) - slicer.variationBytes();
      int length = Math.min(bytes.length - from, Math.max(1, slicer.averageBytes() + variation));
      enqueue(kind, Arrays.copyOfRange(bytes, from, from + length), slicer.delay().toNanos());
      from += length;
    }
  }

  private Toxic.Slicer slicer() {
    for (Toxic toxic : link.activeToxics()) {
      if (toxic instanceof Toxic.Slicer slicer) {
        return slicer;
      }
    }
    return null;
  }

  private void enqueue(Kind kind, byte[] bytes, long delayNanos) {
    long ready = scheduler.now() + link.drawLatencyNanos(bytes.length);
    Packet packet = new Packet(kind, bytes, ready, delayNanos);
    queue.add(packet);
    if (held) {
      countAsHeld(packet);
    }
    rearm();
  }

  /** Drops the packets on their way and tells the other side. */
  void abort() {
    clear();
    send(Kind.RESET);
  }

  /** Forgets the stream: neither side uses it any more. */
  void forget() {
    clear();
    unregister();
  }

  private void clear() {
    for (Packet packet : queue) {
      link.dropped(packet.bytes.length);
    }
    queue.clear();
    cancelHead();
  }

  private void cancelHead() {
    if (headTimer != null) {
      scheduler.cancel(headTimer);
      headTimer = null;
    }
  }

  /** Starts the timer of the first packet, unless it runs already or the packet cannot be sent. */
  void rearm() {
    if (queue.isEmpty() || headTimer != null || held) {
      return;
    }
    if (link.isCut()) {
      hold();
      return;
    }
    Packet head = queue.peek();
    long delay = Math.max(0, head.readyNanos - scheduler.now()) + head.delayNanos;
    for (Toxic toxic : link.activeToxics()) {
      switch (toxic) {
        case Toxic.Bandwidth(long rate) when head.kind == Kind.DATA -> {
          if (rate == 0) {
            return;
          }
          delay += head.bytes.length * 1_000_000L / rate;
        }
        case Toxic.SlowClose(var closeDelay) when head.kind == Kind.FIN ->
            delay += closeDelay.toNanos();
        default -> {}
      }
    }
    headTimer = scheduler.after(delay, this::arrive);
  }

  private void hold() {
    held = true;
    queue.forEach(this::countAsHeld);
  }

  private void countAsHeld(Packet packet) {
    if (!packet.countedAsHeld) {
      packet.countedAsHeld = true;
      link.held(packet.bytes.length);
    }
  }

  /** Sends the held packets again after the link was healed. */
  void release() {
    if (held) {
      held = false;
      Packet head = queue.peek();
      head.readyNanos =
          scheduler.now()
              + link.drawLatencyNanos(head.bytes.length)
              + link.drawRetransmissionNanos();
      rearm();
    }
  }

  private void arrive() {
    headTimer = null;
    if (link.isCut()) {
      hold();
      return;
    }
    Packet packet = queue.poll();
    deliver(packet);
    if (queue.isEmpty() && (packet.kind == Kind.FIN || packet.kind == Kind.RESET)) {
      unregister();
    }
    rearm();
  }

  private void unregister() {
    if (registered) {
      registered = false;
      link.closed(number);
    }
  }

  private void deliver(Packet packet) {
    int length = packet.bytes.length;
    for (Toxic toxic : link.activeToxics()) {
      switch (toxic) {
        case Toxic.Timeout _ when packet.kind == Kind.DATA || packet.kind == Kind.FIN -> {
          link.dropped(length);
          credit(length);
          return;
        }
        case Toxic.LimitData(long limit)
            when packet.kind == Kind.DATA && passedBytes + length >= limit -> {
          int part = (int) Math.max(0, limit - passedBytes);
          if (part > 0) {
            pass(Kind.DATA, Arrays.copyOf(packet.bytes, part));
          }
          link.dropped(length - part);
          sever(false);
          return;
        }
        default -> {}
      }
    }
    pass(packet.kind, packet.bytes);
  }

  private void pass(Kind kind, byte[] bytes) {
    passedBytes += bytes.length;
    link.delivered(bytes.length);
    target.receive(kind, bytes);
  }

  /** Applies a toxic to this connection from now on. */
  void started(Toxic toxic) {
    switch (toxic) {
      case Toxic.Timeout(var delay) when !delay.isZero() ->
          severLater(toxic, delay.toNanos(), false);
      case Toxic.ResetPeer(var delay) -> severLater(toxic, delay.toNanos(), true);
      default -> {}
    }
  }

  private void severLater(Toxic toxic, long delayNanos, boolean reset) {
    scheduler.after(
        delayNanos,
        () -> {
          if (registered && link.toxics().containsValue(toxic)) {
            sever(reset);
          }
        });
  }

  /** Ends the connection from the middle: both ends see a reset, or the end of the stream. */
  void sever(boolean reset) {
    if (severed) {
      return;
    }
    severHalf(reset);
    if (reset) {
      link.connectionReset();
    }
    Stream other = source == null ? null : source.incoming();
    if (other != null && other != this) {
      other.severHalf(reset);
    } else if (source != null) {
      source.receive(Kind.RESET, NOTHING);
    }
  }

  private void severHalf(boolean reset) {
    if (!severed) {
      severed = true;
      clear();
      unregister();
      target.receive(reset ? Kind.RESET : Kind.FIN, NOTHING);
    }
  }

  /**
   * Notes that the receiver has taken this many bytes; the sender learns of it over the reverse
   * link.
   */
  void credit(int bytes) {
    if (link.reverse().isCut()) {
      creditHeld += bytes;
    } else {
      outstanding -= bytes;
      source.writable();
    }
  }

  void releaseCredit() {
    int bytes = creditHeld;
    creditHeld = 0;
    if (bytes > 0) {
      credit(bytes);
    }
  }
}
