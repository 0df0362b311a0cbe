package phaistos.cluster.proxies;

import eu.rekawek.toxiproxy.Proxy;
import eu.rekawek.toxiproxy.ToxiproxyClient;
import eu.rekawek.toxiproxy.model.ToxicDirection;
import eu.rekawek.toxiproxy.model.ToxicList;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import phaistos.cluster.Cluster;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.Cluster.Traffic;
import phaistos.cluster.ClusterException;
import phaistos.cluster.Links;
import phaistos.cluster.SlowLinks;
import phaistos.cluster.Toxics;
import phaistos.cluster.machine.Pause;

/**
 * The links of a cluster: a proxy of a Toxiproxy server for each.
 *
 * <p>A cut is Toxiproxy's toxic {@code timeout} with a timeout of 0 on one of a proxy's two
 * streams: bytes are dropped, connections stay open, and new connections are accepted but stay
 * silent. Healing closes the connections of the cut, because bytes are missing in them.
 * Thread-safe.
 */
public final class ToxiproxyLinks implements Links, SlowLinks, Toxics, AutoCloseable {
  private static final String TOXIC = "cut-";
  private static final String SLOW = "slow-";

  private final List<NodeId> nodes;
  private final String host;
  private final int port;
  private final ToxiproxyClient control;
  private final Map<Link, Proxy> proxies = new LinkedHashMap<>();
  private final HttpClient http = HttpClient.newHttpClient();
  private final ReentrantLock lock = new ReentrantLock();

  /** Bytes missing when the cut began, by the streams that are cut now. */
  private final Map<Cluster.Stream, Long> cuts = new HashMap<>();

  private final Map<Cluster.Stream, Long> stopped = new HashMap<>();
  private final Set<Cluster.Stream> slow = new HashSet<>();
  private final Set<String> toxics = new HashSet<>();

  /**
   * @param host and {@code port}: where the server takes its orders
   */
  public ToxiproxyLinks(List<NodeId> nodes, String host, int port) {
    this.nodes = List.copyOf(nodes);
    this.host = host;
    this.port = port;
    this.control = new ToxiproxyClient(host, port);
  }

  /**
   * Makes the proxy of a link.
   *
   * @param listen {@code host:port}; the server picks a port for 0
   * @return where it listens
   */
  public String create(Link link, String listen, String upstream) throws IOException {
    Proxy proxy = control.createProxy(link.proxyName(), listen, upstream);
    proxies.put(link, proxy);
    return proxy.getListen();
  }

  @Override
  public List<Cluster.Stream> streams() {
    return Link.all(nodes).stream()
        .flatMap(link -> Stream.of(link.stream(true), link.stream(false)))
        .toList();
  }

  @Override
  public void cut(Cluster.Stream stream) {
    lock.lock();
    try {
      if (cuts.containsKey(stream)) {
        return;
      }
      long missing = countersOf(stream).missing();
      ToxicDirection direction = direction(stream);
      proxyOf(stream).toxics().timeout(TOXIC + direction.name().toLowerCase(), direction, 0);
      cuts.put(stream, missing);
    } catch (IOException e) {
      throw new ClusterException("Toxiproxy does not cut " + stream, e);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void limitBandwidth(Cluster.Stream stream, long kilobytesPerSecond) {
    lock.lock();
    try {
      ToxicDirection direction = direction(stream);
      String name = SLOW + direction.name().toLowerCase();
      if (slow.remove(stream)) {
        proxyOf(stream).toxics().get(name).remove();
      }
      if (kilobytesPerSecond > 0) {
        proxyOf(stream).toxics().bandwidth(name, direction, kilobytesPerSecond);
        slow.add(stream);
      }
    } catch (IOException e) {
      throw new ClusterException("Toxiproxy does not limit " + stream, e);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Optional<Toxics> toxics() {
    return Optional.of(this);
  }

  @Override
  public void add(
      String name, Cluster.Stream stream, Toxics.Kind kind, Map<String, Long> attributes) {
    lock.lock();
    try {
      ToxicList all = proxyOf(stream).toxics();
      ToxicDirection direction = direction(stream);
      String own = own(name, stream);
      switch (kind) {
        case LATENCY ->
            all.latency(own, direction, attributes.get("latency"))
                .setJitter(attributes.getOrDefault("jitter", 0L));
        case BANDWIDTH -> all.bandwidth(own, direction, attributes.get("rate"));
        case SLICER ->
            all.slicer(
                    own,
                    direction,
                    attributes.get("average_size"),
                    attributes.getOrDefault("delay", 0L))
                .setSizeVariation(attributes.getOrDefault("size_variation", 0L));
        case TIMEOUT -> all.timeout(own, direction, attributes.get("timeout"));
        case RESET_PEER -> all.resetPeer(own, direction, attributes.get("timeout"));
        case LIMIT_DATA -> all.limitData(own, direction, attributes.get("bytes"));
        case SLOW_CLOSE -> all.slowClose(own, direction, attributes.get("delay"));
      }
      toxics.add(stream + " " + name);
    } catch (IOException e) {
      throw new ClusterException("Toxiproxy does not add a toxic to " + stream, e);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void remove(String name, Cluster.Stream stream) {
    lock.lock();
    try {
      if (toxics.remove(stream + " " + name)) {
        proxyOf(stream).toxics().get(own(name, stream)).remove();
      }
    } catch (IOException e) {
      throw new ClusterException("Toxiproxy does not remove a toxic of " + stream, e);
    } finally {
      lock.unlock();
    }
  }

  /** Both streams of a link are one proxy's. */
  private static String own(String name, Cluster.Stream stream) {
    return name + "-" + direction(stream).name().toLowerCase();
  }

  @Override
  public void heal(Cluster.Stream stream) {
    lock.lock();
    try {
      Long missing = cuts.remove(stream);
      if (missing == null) {
        return;
      }
      proxyOf(stream).toxics().get(TOXIC + direction(stream).name().toLowerCase()).remove();
      long now = settled(stream).missing();
      stopped.merge(stream, Math.max(0, now - missing), Long::sum);
    } catch (IOException e) {
      throw new ClusterException("Toxiproxy does not heal " + stream, e);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void healAll() {
    lock.lock();
    try {
      List.copyOf(cuts.keySet()).forEach(this::heal);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Bytes of the connections that have ended. The bytes that a cut stopped are known once it is
   * healed. All other sent bytes count as delivered, because Toxiproxy does not tell how many bytes
   * of a broken connection arrived.
   */
  @Override
  public Traffic traffic(Cluster.Stream stream) {
    lock.lock();
    try {
      ProxyMetrics.Counters counters = countersOf(stream);
      Long missing = cuts.get(stream);
      long inCut = missing == null ? 0 : Math.max(0, counters.missing() - missing);
      long lost = stopped.getOrDefault(stream, 0L) + inCut;
      return new Traffic(Math.max(0, counters.received() - lost), lost);
    } catch (IOException e) {
      throw new ClusterException("Toxiproxy does not tell its counters", e);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits for the counters after a heal: healing ends connections, and their bytes are counted a
   * little later.
   */
  private ProxyMetrics.Counters settled(Cluster.Stream stream) throws IOException {
    ProxyMetrics.Counters last = countersOf(stream);
    int same = 0;
    for (int i = 0; i < 50 && same < 5; i++) {
      Pause.of(Duration.ofMillis(20));
      ProxyMetrics.Counters now = countersOf(stream);
      same = now.equals(last) ? same + 1 : 0;
      last = now;
    }
    return last;
  }

  private ProxyMetrics.Counters countersOf(Cluster.Stream stream) throws IOException {
    URI page = URI.create("http://%s:%d/metrics".formatted(host, port));
    try {
      String text =
          http.send(
                  HttpRequest.newBuilder(page).timeout(Duration.ofSeconds(10)).build(),
                  BodyHandlers.ofString())
              .body();
      return ProxyMetrics.parse(text).of(Link.of(stream).proxyName(), stream.toTarget());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ClusterException("interrupted while reading Toxiproxy's counters", e);
    }
  }

  private Proxy proxyOf(Cluster.Stream stream) {
    Proxy proxy = proxies.get(Link.of(stream));
    if (proxy == null) {
      throw new ClusterException("no such link: " + stream);
    }
    return proxy;
  }

  private static ToxicDirection direction(Cluster.Stream stream) {
    return stream.toTarget() ? ToxicDirection.UPSTREAM : ToxicDirection.DOWNSTREAM;
  }

  @Override
  public void close() {
    http.close();
  }
}
