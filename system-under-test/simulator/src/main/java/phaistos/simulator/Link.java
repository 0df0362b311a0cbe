package phaistos.simulator;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import phaistos.environment.SeededRandomness;

/**
 * One direction between two hosts: its latency, cut and toxics, with counters of their effects.
 * Each direction is a link of its own.
 */
public final class Link {
  /** The longest delay of a retransmission after a cut; TCP's minimum timeout. */
  private static final int RETRANSMISSION_NANOS_MAX = 200_000_000;

  /** Totals since the start, in bytes and packets of this direction. */
  public record Counters(
      long bytesSent,
      long bytesDelivered,
      long bytesHeld,
      long bytesDropped,
      long packetsHeld,
      long connectionsReset) {}

  private final String from;
  private final String to;
  private final Scheduler scheduler;
  private final SeededRandomness random;
  private final Pace latency;

  /** Bytes a second; {@link Long#MAX_VALUE} without a limit. */
  private final long bandwidth;

  /** By the number under which each was opened: identity hash codes are all the same here. */
  private final Map<Long, Stream> streams = new LinkedHashMap<>();

  private long opened;
  private final Map<String, Toxic> toxics = new LinkedHashMap<>();
  private Link reverse = this;
  private boolean cut;
  private long bytesSent;
  private long bytesDelivered;
  private long bytesHeld;
  private long bytesDropped;
  private long packetsHeld;
  private long connectionsReset;

  /** When the last byte that was sent has left, on a link with a limit. */
  private long busyUntilNanos;

  Link(String from, String to, Scheduler scheduler, SeededRandomness random, boolean lively) {
    this.from = from;
    this.to = to;
    this.scheduler = scheduler;
    this.random = random;
    boolean loopback = from.equals(to);
    if (loopback) {
      this.latency = Pace.steady(5_000, 5_000);
    } else if (lively) {
      this.latency = Pace.ofLink(random.child("pace"));
    } else {
      this.latency = Pace.steady(20_000 + random.nextInt(200_000), 1_000L << random.nextInt(9));
    }
    this.bandwidth =
        lively && !loopback ? drawBandwidth(random.child("bandwidth")) : Long.MAX_VALUE;
  }

  /** Half of the links have no limit that counts; the others 1 to 128 MB a second. */
  private static long drawBandwidth(SeededRandomness random) {
    return random.nextInt(2) == 0 ? Long.MAX_VALUE : 1L << (20 + random.nextInt(8));
  }

  public String from() {
    return from;
  }

  public String to() {
    return to;
  }

  public boolean isCut() {
    return cut;
  }

  /** The toxics in force, by the names they were added under. */
  public Map<String, Toxic> toxics() {
    return Map.copyOf(toxics);
  }

  public Counters counters() {
    return new Counters(
        bytesSent, bytesDelivered, bytesHeld, bytesDropped, packetsHeld, connectionsReset);
  }

  /** Cuts the link. Sent bytes are held, as by TCP over a link that drops packets. */
  public void cut() {
    call("link.cut", 0);
    cut = true;
  }

  /** Ends the cut and sends the held bytes. */
  public void heal() {
    call("link.heal", 0);
    if (cut) {
      cut = false;
      List.copyOf(streams.values()).forEach(Stream::release);
      List.copyOf(reverse.streams.values()).forEach(Stream::releaseCredit);
    }
  }

  /** Resets every connection that uses this link, in both directions, at once. */
  public void reset() {
    call("link.reset", 0);
    List.copyOf(streams.values()).forEach(stream -> stream.sever(true));
  }

  /**
   * Adds a toxic to this direction.
   *
   * @throws IllegalArgumentException if there is one of this name
   */
  public void addToxic(String name, Toxic toxic) {
    call("link.addToxic " + name, toxic.hashCode());
    if (toxics.putIfAbsent(name, toxic) != null) {
      throw new IllegalArgumentException("toxic exists: name=" + name);
    }
    List.copyOf(streams.values()).forEach(stream -> stream.started(toxic));
  }

  /** Removes a toxic, if it is there. */
  public void removeToxic(String name) {
    call("link.removeToxic " + name, 0);
    Toxic removed = toxics.remove(name);
    if (removed == null) {
      return;
    }
    for (Stream stream : List.copyOf(streams.values())) {
      if (removed instanceof Toxic.Timeout) {
        stream.sever(false);
      } else {
        stream.rearm();
      }
    }
  }

  /** Restores the known good state: healed, without toxics. */
  public void restore() {
    new ArrayList<>(toxics.keySet()).forEach(this::removeToxic);
    heal();
  }

  private void call(String kind, long argument) {
    scheduler.portCall(kind, (((long) from.hashCode()) << 32) ^ to.hashCode(), argument);
  }

  /** Acknowledgements of what this link carries come back on the other one. */
  void pairWith(Link other) {
    reverse = other;
    other.reverse = this;
  }

  Link reverse() {
    return reverse;
  }

  /** Answers the number under which the stream is closed. */
  long open(Stream stream) {
    streams.put(++opened, stream);
    List.copyOf(toxics.values()).forEach(stream::started);
    return opened;
  }

  void closed(long number) {
    streams.remove(number);
  }

  /** Draws how long the next packet takes, with the wait for those before it. */
  long drawLatencyNanos(int bytes) {
    long delay = latency.draw(random);
    if (bandwidth != Long.MAX_VALUE) {
      long now = scheduler.now();
      busyUntilNanos = Math.max(busyUntilNanos, now) + bytes * 1_000_000_000L / bandwidth;
      delay += busyUntilNanos - now;
    }
    for (Toxic toxic : toxics.values()) {
      if (toxic instanceof Toxic.Latency(Duration latency, Duration jitter)) {
        delay += latency.toNanos();
        if (!jitter.isZero()) {
          delay += (long) ((random.nextDouble() * 2 - 1) * jitter.toNanos());
        }
      }
    }
    return Math.max(0, delay);
  }

  long drawRetransmissionNanos() {
    return random.nextInt(RETRANSMISSION_NANOS_MAX);
  }

  SeededRandomness random() {
    return random;
  }

  Iterable<Toxic> activeToxics() {
    return toxics.values();
  }

  void sent(long bytes) {
    bytesSent += bytes;
  }

  void delivered(long bytes) {
    bytesDelivered += bytes;
  }

  void held(long bytes) {
    bytesHeld += bytes;
    packetsHeld++;
  }

  void dropped(long bytes) {
    bytesDropped += bytes;
  }

  void connectionReset() {
    connectionsReset++;
  }

  String describe() {
    String limit = bandwidth == Long.MAX_VALUE ? "" : " " + (bandwidth >> 20) + "MB/s";
    return from + ">" + to + " " + latency + limit;
  }
}
