package phaistos.simulator;

import java.io.IOException;
import java.net.BindException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import phaistos.environment.Network;
import phaistos.environment.SeededRandomness;

/**
 * The network between the machines of a simulation, and its faults.
 *
 * <p>Fault model. Connections behave as TCP does: bytes arrive in order and once, or the connection
 * ends. Every direction between two hosts is a {@link Link} with a latency and a jitter drawn from
 * the seed, which can be cut, reset, and given {@link Toxic}s. While a link is cut its bytes are
 * held, not lost, and go on after the heal with the delay of a retransmission. Acknowledgements
 * travel on the opposite link, so a sender whose acknowledgements are cut fills its window and then
 * waits. A connect over a link that is cut in either direction waits until its limit. A read
 * returns all available bytes or, as the seed decides, fewer. A killed process's connections are
 * closed by its kernel (reset, if it left bytes unread); those of a machine that lost its power are
 * reset, and its host answers nothing until it starts again. A host reaches itself (localhost) over
 * a fast link, which only a test can cut.
 *
 * <p>Not modelled: damaged, duplicated or reordered bytes, names that change, half-open connections
 * that are not reset after a power cut.
 */
public final class SimulatedNetwork {
  private static final int FIRST_EPHEMERAL_PORT = 32768;
  private static final int BACKLOG = 512;
  private static final Set<String> OWN_NAMES = Set.of("localhost", "127.0.0.1", "0.0.0.0", "*");

  private record Direction(String from, String to) {}

  private final Scheduler scheduler;
  private final SeededRandomness seed;
  private final boolean lively;
  private final SeededRandomness reads;
  private final Map<String, Host> hosts = new LinkedHashMap<>();
  private final Map<Direction, Link> links = new LinkedHashMap<>();
  private final int window;
  private final int cutsPer256;
  private long connections;

  SimulatedNetwork(Scheduler scheduler, SeededRandomness seed, boolean lively) {
    this.lively = lively;
    this.scheduler = scheduler;
    this.seed = seed;
    this.reads = seed.child("reads");
    SeededRandomness knobs = seed.child("knobs");
    this.window = 8192 << knobs.nextInt(6);
    this.cutsPer256 = (4 << knobs.nextInt(5)) - 4;
  }

  /**
   * The way from one host to another.
   *
   * @throws IllegalArgumentException if there is no such machine
   */
  public Link link(String from, String to) {
    Link known = links.get(new Direction(from, to));
    if (known != null) {
      return known;
    }
    for (String name : List.of(from, to)) {
      if (!hosts.containsKey(name)) {
        throw new IllegalArgumentException("no such machine: " + name);
      }
    }
    Link link = new Link(from, to, scheduler, seed.child(from + ">" + to), lively);
    links.put(new Direction(from, to), link);
    if (!from.equals(to)) {
      Link back = new Link(to, from, scheduler, seed.child(to + ">" + from), lively);
      links.put(new Direction(to, from), back);
      link.pairWith(back);
    }
    return link;
  }

  /** Every link that was used or asked for so far. */
  public Collection<Link> links() {
    return new ArrayList<>(links.values());
  }

  /** Restores the known good state: every link healed and without toxics. */
  public void restore() {
    links().forEach(Link::restore);
  }

  /** Each link with its latency and bandwidth, for people. */
  String paces() {
    return links.values().stream().map(Link::describe).collect(Collectors.joining(", "));
  }

  String knobs() {
    return "window " + window + " bytes, cut reads per 256: " + cutsPer256;
  }

  int drawReadLength(int available) {
    boolean cut = (reads.nextLong() >>> 56) < cutsPer256;
    return cut ? 1 + reads.nextInt(available) : available;
  }

  void add(SimulatedMachine machine) {
    hosts.put(machine.name(), new Host(machine));
  }

  Network port(SimulatedMachine machine) {
    return hosts.get(machine.name());
  }

  /** Closes the connections of a process that ended, as the kernel does. */
  void processEnded(SimulatedMachine machine) {
    Host host = hosts.get(machine.name());
    List.copyOf(host.listeners.values()).forEach(SimulatedListener::kernelClose);
    List.copyOf(host.endpoints.values()).forEach(Endpoint::kernelClose);
  }

  void powerCut(SimulatedMachine machine) {
    Host host = hosts.get(machine.name());
    host.listeners.clear();
    List.copyOf(host.endpoints.values()).forEach(Endpoint::powerCut);
    host.endpoints.clear();
  }

  private Stream newStream(String from, String to, Endpoint source, Stream.Receiver target) {
    return new Stream(scheduler, link(from, to), window, source, target);
  }

  /** The network as one machine sees it. */
  final class Host implements Network {
    final SimulatedMachine machine;
    final Map<Long, Endpoint> endpoints = new LinkedHashMap<>();
    private final Map<Integer, SimulatedListener> listeners = new TreeMap<>();
    private int nextPort = FIRST_EPHEMERAL_PORT;

    Host(SimulatedMachine machine) {
      this.machine = machine;
    }

    SimulatedNetwork network() {
      return SimulatedNetwork.this;
    }

    @Override
    public Listener listen(Address address) throws IOException {
      scheduler.portCall("net.listen", address.host().hashCode(), address.port());
      if (!isOwnName(address.host())) {
        throw new BindException("Cannot assign requested address: " + address);
      }
      int port = address.port() == 0 ? freePort() : address.port();
      if (listeners.containsKey(port)) {
        throw new BindException("Address already in use: " + address);
      }
      SimulatedListener listener = new SimulatedListener(this, new Address(machine.name(), port));
      listeners.put(port, listener);
      return listener;
    }

    @Override
    public Connection connect(Address address, long limitNanos) throws IOException {
      scheduler.portCall("net.connect", address.host().hashCode(), address.port());
      String name = isOwnName(address.host()) ? machine.name() : address.host();
      Host peer = hosts.get(name);
      if (peer == null) {
        throw new UnknownHostException(name);
      }
      Endpoint endpoint =
          new Endpoint(
              scheduler,
              this,
              ++connections,
              new Address(machine.name(), freePort()),
              new Address(name, address.port()));
      Stream stream = newStream(machine.name(), name, endpoint, null);
      stream.setTarget((kind, _) -> peer.dialled(kind, endpoint, stream, address.port()));
      endpoint.setOutgoing(stream);
      endpoint.awaitEstablished(limitNanos);
      return endpoint;
    }

    /** The first packets of a connection, before there is an endpoint on this side. */
    private void dialled(Stream.Kind kind, Endpoint client, Stream stream, int port) {
      if (kind != Stream.Kind.SYN) {
        return;
      }
      if (!machine.isPoweredOn()) {
        client.synUnanswered();
        return;
      }
      String dialler = client.local().host();
      SimulatedListener listener = listeners.get(port);
      if (listener == null || listener.backlog.size() >= BACKLOG) {
        newStream(machine.name(), dialler, null, client).send(Stream.Kind.REFUSED);
        return;
      }
      Endpoint server =
          new Endpoint(scheduler, this, ++connections, client.remote(), client.local());
      Stream back = newStream(machine.name(), dialler, server, client);
      stream.setTarget(server);
      server.setIncoming(stream);
      server.setOutgoing(back);
      client.setIncoming(back);
      back.send(Stream.Kind.SYN_ACK);
      listener.backlog.add(server);
      listener.acceptors.wakeAll();
    }

    private boolean isOwnName(String name) {
      return name.equals(machine.name()) || OWN_NAMES.contains(name);
    }

    private int freePort() {
      nextPort = nextPort == 60999 ? FIRST_EPHEMERAL_PORT : nextPort + 1;
      return listeners.containsKey(nextPort) ? freePort() : nextPort;
    }
  }

  private final class SimulatedListener implements Network.Listener {
    private final Host host;
    private final Network.Address address;
    private final ArrayDeque<Endpoint> backlog = new ArrayDeque<>();
    private final Waiters acceptors = new Waiters(scheduler);
    private boolean closed;

    SimulatedListener(Host host, Network.Address address) {
      this.host = host;
      this.address = address;
    }

    @Override
    public Network.Address address() {
      return address;
    }

    @Override
    public Network.Connection accept() throws IOException {
      scheduler.portCall("net.accept", address.port(), 0);
      while (backlog.isEmpty() && !closed) {
        acceptors.await(Long.MAX_VALUE);
      }
      if (closed) {
        throw new SocketException("Socket closed");
      }
      return backlog.poll();
    }

    @Override
    public void close() {
      scheduler.portCall("net.closeListener", address.port(), 0);
      kernelClose();
    }

    void kernelClose() {
      if (!closed) {
        closed = true;
        host.listeners.remove(address.port(), this);
        backlog.forEach(Endpoint::kernelClose);
        backlog.clear();
        acceptors.wakeAll();
      }
    }
  }
}
