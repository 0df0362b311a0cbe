package phaistos.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import phaistos.environment.Environment;
import phaistos.environment.Network.Address;
import phaistos.environment.Network.Connection;
import phaistos.environment.Network.Listener;

/** Each scenario runs for ten seeds; an assertion that fails names the seed. */
@Timeout(300)
class SimulatedNetworkTest {
  private static final long SECOND = 1_000_000_000L;
  private static final long MILLISECOND = 1_000_000L;

  /** A client and a server machine; the server echoes every connection on port 5432. */
  private record Pair(SimulatedWorld world, Environment client, SimulatedMachine server) {
    static Pair start(SimulatedWorld world) {
      SimulatedMachine server = world.machine("n1");
      Environment node = server.start();
      Environment client = world.machine("client").start();
      node.tasks().spawn("listener", () -> serve(node));
      client.tasks().sleep(MILLISECOND);
      return new Pair(world, client, server);
    }

    private static void serve(Environment node) {
      try {
        Listener listener = node.network().listen(new Address("n1", 5432));
        while (true) {
          Connection accepted = listener.accept();
          node.tasks().spawn("echo", () -> echo(accepted));
        }
      } catch (IOException thrown) {
        throw new UncheckedIOException(thrown);
      }
    }

    private static void echo(Connection connection) {
      byte[] buffer = new byte[4096];
      try (connection) {
        for (int n; (n = connection.read(buffer, 0, buffer.length)) >= 0; ) {
          connection.write(buffer, 0, n);
        }
      } catch (IOException _) {
        // The client saw the same.
      }
    }

    Connection connect() throws IOException {
      return client.network().connect(new Address("n1", 5432), SECOND);
    }

    Link there() {
      return world.network().link("client", "n1");
    }

    Link back() {
      return world.network().link("n1", "client");
    }

    void sleep(long nanos) {
      client.tasks().sleep(nanos);
    }
  }

  private interface Scenario {
    void play(Pair pair) throws Exception;
  }

  private static void play(Scenario scenario) {
    for (long seed = 1; seed <= 10; seed++) {
      long number = seed;
      Simulation.run(
              SimulationOptions.seed(seed).withLimit(Duration.ofMinutes(10)),
              world -> {
                try {
                  scenario.play(Pair.start(world));
                } catch (AssertionError failed) {
                  throw new AssertionError("seed=" + number + " " + failed.getMessage(), failed);
                }
                return true;
              })
          .valueOrThrow();
    }
  }

  private static byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) (i * 31);
    }
    return bytes;
  }

  private static byte[] readFully(Connection connection, int length) throws IOException {
    byte[] bytes = new byte[length];
    for (int done = 0; done < length; ) {
      int n = connection.read(bytes, done, length - done, 60 * SECOND);
      if (n < 0) {
        throw new IOException("end of stream after " + done);
      }
      done += n;
    }
    return bytes;
  }

  @Test
  void bytesArriveInOrderAndTheEndOfTheStreamAfterThem() {
    play(
        pair -> {
          Connection connection = pair.connect();
          byte[] sent = bytes(3000);
          connection.write(sent, 0, sent.length);
          connection.shutdownOutput();
          org.junit.jupiter.api.Assertions.assertArrayEquals(sent, readFully(connection, 3000));
          assertEquals(-1, connection.read(new byte[1], 0, 1));
          connection.close();
          assertThrows(SocketException.class, () -> connection.read(new byte[1], 0, 1));
          assertTrue(pair.there().counters().bytesDelivered() == 3000);
          assertTrue(pair.back().counters().bytesDelivered() == 3000);
        });
  }

  @Test
  void readsHaveLimitsAndPortsAreTakenOrRefused() {
    play(
        pair -> {
          Connection connection = pair.connect();
          long before = pair.client.clock().monotonicNanos();
          assertThrows(
              SocketTimeoutException.class, () -> connection.read(new byte[1], 0, 1, SECOND));
          long waited = pair.client.clock().monotonicNanos() - before;
          assertTrue(waited >= SECOND && waited < 2 * SECOND, "waited=" + waited);
          Environment client = pair.client;
          assertThrows(
              ConnectException.class, () -> client.network().connect(new Address("n1", 1), SECOND));
          assertThrows(
              UnknownHostException.class,
              () -> client.network().connect(new Address("nowhere", 1), SECOND));
          client.network().listen(new Address("localhost", 99));
          assertThrows(
              BindException.class, () -> client.network().listen(new Address("client", 99)));
        });
  }

  @Test
  void cutHoldsBytesOfOneDirectionUntilHealed() {
    play(
        pair -> {
          Connection connection = pair.connect();
          pair.back().cut();
          connection.write(bytes(100), 0, 100);
          assertThrows(
              SocketTimeoutException.class, () -> connection.read(new byte[1], 0, 1, 10 * SECOND));
          assertEquals(100, pair.there().counters().bytesDelivered());
          assertEquals(0, pair.back().counters().bytesDelivered());
          assertEquals(100, pair.back().counters().bytesHeld());
          pair.back().heal();
          readFully(connection, 100);
          assertEquals(100, pair.back().counters().bytesDelivered());
        });
  }

  @Test
  void connectOverACutLinkTimesOutAndSucceedsOnceHealedInTime() {
    play(
        pair -> {
          for (Link link : List.of(pair.there(), pair.back())) {
            link.cut();
            assertThrows(SocketTimeoutException.class, pair::connect);
            link.heal();
          }
          pair.there().cut();
          pair.world
              .environment()
              .tasks()
              .spawn(
                  "healer",
                  () -> {
                    pair.world.environment().tasks().sleep(SECOND / 2);
                    pair.there().heal();
                  });
          Connection connection = pair.connect();
          connection.write(bytes(10), 0, 10);
          readFully(connection, 10);
        });
  }

  @Test
  void writeWaitsWhileTheOtherSideDoesNotRead() {
    play(
        pair -> {
          Connection connection = pair.connect();
          // The echo task blocks in its write, then reads no more: both windows fill.
          long[] written = new long[1];
          pair.client
              .tasks()
              .spawn(
                  "writer",
                  () -> {
                    try {
                      while (true) {
                        connection.write(bytes(1000), 0, 1000);
                        written[0] += 1000;
                      }
                    } catch (IOException _) {
                      // The reader below closed it.
                    }
                  });
          pair.sleep(10 * SECOND);
          long first = written[0];
          pair.sleep(10 * SECOND);
          assertEquals(first, written[0]);
          assertTrue(first < 2 << 20, "written=" + first);
          readFully(connection, (int) first);
          pair.sleep(10 * SECOND);
          assertTrue(written[0] > first);
          connection.close();
        });
  }

  @Test
  void resetEndsConnectionsOnBothSides() {
    play(
        pair -> {
          Connection connection = pair.connect();
          pair.there().reset();
          SocketException thrown =
              assertThrows(SocketException.class, () -> connection.read(new byte[1], 0, 1));
          assertEquals("Connection reset", thrown.getMessage());
          assertThrows(SocketException.class, () -> connection.write(new byte[1], 0, 1));
          assertEquals(1, pair.there().counters().connectionsReset());
          pair.connect().close();
        });
  }

  @Test
  void killedProcessClosesAndRefusesAndCrashedMachineResetsAndIsSilent() {
    play(
        pair -> {
          Connection killed = pair.connect();
          pair.sleep(SECOND);
          pair.server.kill();
          assertEquals(-1, killed.read(new byte[1], 0, 1));
          assertThrows(ConnectException.class, pair::connect);
          Environment again = pair.server.start();
          again.tasks().spawn("listener", () -> Pair.serve(again));
          pair.sleep(MILLISECOND);
          Connection crashed = pair.connect();
          pair.server.crash(UnsyncedWrites.LOSE_ALL);
          assertThrows(SocketException.class, () -> crashed.read(new byte[1], 0, 1));
          assertThrows(SocketTimeoutException.class, pair::connect);
        });
  }

  @Test
  void pausedProcessStillAcceptsBytes() {
    play(
        pair -> {
          Connection connection = pair.connect();
          pair.server.pause();
          connection.write(bytes(10), 0, 10);
          Connection second = pair.connect();
          assertThrows(
              SocketTimeoutException.class, () -> connection.read(new byte[1], 0, 1, SECOND));
          pair.server.resume();
          readFully(connection, 10);
          second.write(bytes(5), 0, 5);
          readFully(second, 5);
        });
  }

  private static long roundTrip(Pair pair, Connection connection, int length) throws IOException {
    long before = pair.client.clock().monotonicNanos();
    connection.write(bytes(length), 0, length);
    readFully(connection, length);
    return pair.client.clock().monotonicNanos() - before;
  }

  @Test
  void latencyBandwidthAndSlicerDelayBytes() {
    play(
        pair -> {
          Connection connection = pair.connect();
          long plain = roundTrip(pair, connection, 1000);
          assertTrue(plain < 10 * MILLISECOND, "plain=" + plain);
          Duration delay = Duration.ofMillis(50);
          pair.there().addToxic("latency", new Toxic.Latency(delay, Duration.ZERO));
          long slow = roundTrip(pair, connection, 1000);
          assertTrue(slow >= 50 * MILLISECOND && slow < 70 * MILLISECOND, "slow=" + slow);
          pair.there().removeToxic("latency");
          pair.back().addToxic("bandwidth", new Toxic.Bandwidth(10));
          long narrow = roundTrip(pair, connection, 1000);
          assertTrue(narrow >= 90 * MILLISECOND && narrow < 150 * MILLISECOND, "narrow=" + narrow);
          pair.back().removeToxic("bandwidth");
          pair.there().addToxic("slicer", new Toxic.Slicer(100, 50, Duration.ofMillis(1)));
          long sliced = roundTrip(pair, connection, 1000);
          assertTrue(sliced >= 6 * MILLISECOND && sliced < 40 * MILLISECOND, "sliced=" + sliced);
          pair.world.network().restore();
          assertTrue(roundTrip(pair, connection, 1000) < 10 * MILLISECOND);
        });
  }

  @Test
  void bandwidthOfZeroStallsUntilRemoved() {
    play(
        pair -> {
          Connection connection = pair.connect();
          pair.there().addToxic("bandwidth", new Toxic.Bandwidth(0));
          connection.write(bytes(10), 0, 10);
          assertThrows(
              SocketTimeoutException.class, () -> connection.read(new byte[1], 0, 1, 10 * SECOND));
          pair.there().removeToxic("bandwidth");
          readFully(connection, 10);
        });
  }

  @Test
  void timeoutDropsDataAndClosesAndResetPeerResets() {
    play(
        pair -> {
          Connection timed = pair.connect();
          pair.there().addToxic("timeout", new Toxic.Timeout(Duration.ofSeconds(2)));
          timed.write(bytes(10), 0, 10);
          assertThrows(SocketTimeoutException.class, () -> timed.read(new byte[1], 0, 1, SECOND));
          assertEquals(-1, timed.read(new byte[1], 0, 1));
          assertEquals(10, pair.there().counters().bytesDropped());
          pair.there().removeToxic("timeout");
          Connection open = pair.connect();
          pair.there().addToxic("timeout", new Toxic.Timeout(Duration.ZERO));
          assertThrows(
              SocketTimeoutException.class, () -> open.read(new byte[1], 0, 1, 10 * SECOND));
          pair.there().removeToxic("timeout");
          assertEquals(-1, open.read(new byte[1], 0, 1));
          Connection reset = pair.connect();
          pair.back().addToxic("reset_peer", new Toxic.ResetPeer(Duration.ofSeconds(1)));
          assertThrows(SocketException.class, () -> reset.read(new byte[1], 0, 1));
        });
  }

  @Test
  void limitDataClosesAfterSoManyBytesAndSlowCloseDelaysTheEnd() {
    play(
        pair -> {
          pair.back().addToxic("limit", new Toxic.LimitData(50));
          Connection limited = pair.connect();
          limited.write(bytes(100), 0, 100);
          assertEquals(50, readFully(limited, 50).length);
          assertEquals(-1, limited.read(new byte[1], 0, 1));
          pair.back().removeToxic("limit");
          pair.back().addToxic("slow_close", new Toxic.SlowClose(Duration.ofSeconds(5)));
          Connection closing = pair.connect();
          closing.shutdownOutput();
          assertThrows(
              SocketTimeoutException.class, () -> closing.read(new byte[1], 0, 1, 4 * SECOND));
          assertEquals(-1, closing.read(new byte[1], 0, 1, 2 * SECOND));
        });
  }

  @Test
  void limitDataEndsConnectionThatHasPassedMore() {
    play(
        pair -> {
          Connection connection = pair.connect();
          connection.write(bytes(60), 0, 60);
          assertEquals(60, readFully(connection, 60).length);
          pair.back().addToxic("limit", new Toxic.LimitData(50));
          connection.write(bytes(10), 0, 10);
          assertEquals(-1, connection.read(new byte[1], 0, 1));
        });
  }

  @Test
  void senderWhoseAcknowledgementsAreCutFillsItsWindow() {
    play(
        pair -> {
          Connection connection = pair.connect();
          pair.back().cut();
          long[] written = new long[1];
          pair.client
              .tasks()
              .spawn(
                  "writer",
                  () -> {
                    try {
                      for (int i = 0; i < 1000; i++) {
                        connection.write(bytes(1000), 0, 1000);
                        written[0] += 1000;
                      }
                    } catch (IOException thrown) {
                      throw new UncheckedIOException(thrown);
                    }
                  });
          pair.sleep(60 * SECOND);
          assertTrue(written[0] <= 256 << 10, "written=" + written[0]);
          pair.back().heal();
          readFully(connection, 1_000_000);
        });
  }
}
