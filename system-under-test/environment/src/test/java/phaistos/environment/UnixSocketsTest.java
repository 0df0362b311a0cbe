package phaistos.environment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import phaistos.environment.Network.Address;
import phaistos.environment.Network.Connection;
import phaistos.environment.Network.Listener;

/** Unix sockets under the names that PostgreSQL's clients look for. */
@Timeout(300)
class UnixSocketsTest {
  private static final int PORT = 5432;
  private static final long LIMIT = 5_000_000_000L;

  @TempDir private Path folder;
  private final SystemNetwork network = new SystemNetwork();

  private Address address() {
    return new Address(folder.toString(), PORT);
  }

  private Path file() {
    return folder.resolve(".s.PGSQL.5432");
  }

  private Listener listen() throws IOException {
    return network.listenLocally(folder.toString(), PORT, 0b111_110_000);
  }

  private static String read(Connection connection, int length) throws IOException {
    byte[] bytes = new byte[length];
    int count = 0;
    while (count < length) {
      count += connection.read(bytes, count, length - count);
    }
    return new String(bytes);
  }

  @Test
  void carriesBytesBothWaysAndGivesUpAfterALimit() throws Exception {
    try (Listener listener = listen();
        Connection client = network.connect(address(), LIMIT);
        Connection server = listener.accept()) {
      assertEquals(
          "rwxrw----", PosixFilePermissions.toString(Files.getPosixFilePermissions(file())));
      client.write("hello".getBytes(), 0, 5);
      assertEquals("hello", read(server, 5));
      byte[] room = new byte[10];
      assertThrows(SocketTimeoutException.class, () -> client.read(room, 0, 10, 10_000_000));
      server.write("1234567".getBytes(), 0, 7);
      assertEquals("123", read(client, 3));
      assertEquals(4, client.read(room, 0, 10, LIMIT));
      assertEquals("4567", new String(room, 0, 4));
      server.shutdownOutput();
      assertEquals(-1, client.read(room, 0, 10, LIMIT));
      assertEquals(-1, client.read(room, 0, 10));
      assertEquals(-1, server.remote().port());
    }
    assertFalse(Files.exists(file()));
  }

  @Test
  void closingEndsWhoReads() throws Exception {
    for (boolean limited : new boolean[] {false, true}) {
      try (Listener listener = listen()) {
        Connection client = network.connect(address(), LIMIT);
        Connection server = listener.accept();
        CompletableFuture<Throwable> ended = new CompletableFuture<>();
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    byte[] room = new byte[1];
                    int count = limited ? client.read(room, 0, 1, LIMIT) : client.read(room, 0, 1);
                    ended.complete(new AssertionError("read " + count));
                  } catch (IOException e) {
                    ended.complete(e);
                  }
                });
        while (!ended.isDone()) {
          client.close();
          Thread.onSpinWait();
        }
        Throwable end = ended.get();
        assertTrue(
            end instanceof SocketException || limited && end instanceof AssertionError,
            () -> "limited=" + limited + " " + end);
        server.close();
      }
    }
  }

  @Test
  void replacesTheFileOfAServerThatIsGoneAndNoOther() throws Exception {
    try (ServerSocketChannel killed = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      killed.bind(UnixDomainSocketAddress.of(file()));
      assertThrows(BindException.class, this::listen);
    }
    assertThrows(ConnectException.class, () -> network.connect(address(), LIMIT));
    try (Listener listener = listen();
        Connection _ = network.connect(address(), LIMIT)) {
      listener.accept().close();
    }
    assertThrows(ConnectException.class, () -> network.connect(address(), LIMIT));
  }
}
