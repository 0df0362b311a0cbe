package phaistos.environment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class SystemEnvironmentTest {
  private static final long SECOND = 1_000_000_000L;

  @TempDir Path folder;
  private final AtomicReference<Throwable> failure = new AtomicReference<>();

  private Environment environment() {
    return SystemEnvironment.of(
        "n1", new SystemDisk(folder), 1, (_, thrown) -> failure.set(thrown));
  }

  @Test
  void latchWakesItsWaiterAndStaysSetUntilReset() {
    Tasks tasks = environment().tasks();
    Latch latch = tasks.newLatch();
    AtomicInteger woken = new AtomicInteger();
    Task waiter =
        tasks.spawn(
            "waiter",
            () -> {
              latch.await();
              woken.incrementAndGet();
            });
    latch.set();
    waiter.join();
    assertEquals(1, woken.get());
    assertTrue(latch.await(0));
    latch.reset();
    assertFalse(latch.await(1_000_000));
  }

  @Test
  void escapedExceptionIsReported() {
    environment()
        .tasks()
        .spawn(
            "broken",
            () -> {
              throw new IllegalStateException("on purpose");
            })
        .join();
    assertEquals("on purpose", failure.get().getMessage());
  }

  @Test
  void filesReadWhatWasWrittenAndGapsReadAsZeroes() throws IOException {
    Disk disk = environment().disk();
    disk.createDirectories("pg_wal/archive_status");
    try (DiskFile file = disk.create("pg_wal/1")) {
      file.write(5, ByteBuffer.wrap(new byte[] {1, 2, 3}));
      file.sync();
      ByteBuffer target = ByteBuffer.allocate(20);
      assertEquals(8, file.read(0, target));
      assertArrayEquals(
          new byte[] {0, 0, 0, 0, 0, 1, 2, 3}, java.util.Arrays.copyOf(target.array(), 8));
      assertEquals(0, file.read(8, ByteBuffer.allocate(4)));
      file.truncate(2);
      assertEquals(2, file.size());
      file.truncate(4);
      assertEquals(4, file.size());
    }
    disk.syncDirectory("pg_wal");
    disk.rename("pg_wal/1", "pg_wal/2");
    assertEquals(List.of("2", "archive_status"), disk.list("pg_wal"));
    assertThrows(FileAlreadyExistsException.class, () -> disk.create("pg_wal/2"));
    assertThrows(NoSuchFileException.class, () -> disk.open("pg_wal/1"));
    assertThrows(NoSuchFileException.class, () -> disk.list("nowhere"));
    assertThrows(IllegalArgumentException.class, () -> disk.open("../outside"));
    disk.delete("pg_wal/2");
    assertFalse(disk.exists("pg_wal/2"));
  }

  @Test
  void connectionsCarryBytesBothWaysAndEnd() throws IOException {
    Environment environment = environment();
    Network network = environment.network();
    Network.Listener listener = network.listen(new Network.Address("127.0.0.1", 0));
    Task server =
        environment
            .tasks()
            .spawn(
                "echo",
                () -> {
                  try (Network.Connection connection = listener.accept()) {
                    byte[] buffer = new byte[16];
                    for (int n; (n = connection.read(buffer, 0, 16)) >= 0; ) {
                      connection.write(buffer, 0, n);
                    }
                  } catch (IOException thrown) {
                    throw new java.io.UncheckedIOException(thrown);
                  }
                });
    try (Network.Connection connection = network.connect(listener.address(), SECOND)) {
      byte[] buffer = new byte[16];
      assertThrows(SocketTimeoutException.class, () -> connection.read(buffer, 0, 16, 10_000_000));
      connection.write(new byte[] {7, 8}, 0, 2);
      assertEquals(2, connection.read(buffer, 0, 16, SECOND));
      assertEquals(8, buffer[1]);
      connection.shutdownOutput();
      assertEquals(-1, connection.read(buffer, 0, 16));
      server.join();
    }
    assertThrows(BindException.class, () -> network.listen(listener.address()));
    listener.close();
    assertThrows(SocketException.class, listener::accept);
    assertThrows(ConnectException.class, () -> network.connect(listener.address(), SECOND));
  }

  @Test
  void childSeedsDependOnSeedAndNameOnly() {
    SeededRandomness one = new SeededRandomness(42);
    SeededRandomness two = new SeededRandomness(42);
    one.nextLong();
    assertEquals(one.child("disk").nextLong(), two.child("disk").nextLong());
    assertNotEquals(two.child("disk").nextLong(), two.child("network").nextLong());
    assertNotEquals(
        new SeededRandomness(43).child("disk").nextLong(), two.child("disk").nextLong());
    for (int i = 0; i < 1_000; i++) {
      int drawn = one.nextInt(7);
      assertTrue(drawn >= 0 && drawn < 7, "drawn=" + drawn);
    }
  }
}
