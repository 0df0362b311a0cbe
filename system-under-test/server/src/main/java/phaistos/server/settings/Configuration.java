package phaistos.server.settings;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import phaistos.environment.Disk;
import phaistos.environment.DiskFile;
import phaistos.server.errors.PgError;

/**
 * The sources of settings. {@code postgresql.auto.conf} (ALTER SYSTEM) overrides {@code
 * postgresql.conf}; the command line overrides both. Thread-safe.
 */
public final class Configuration {
  private static final String FILE = "postgresql.conf";
  private static final String AUTO_FILE = "postgresql.auto.conf";

  private final Disk disk;
  private final Settings commandLine;
  private final ReentrantLock lock = new ReentrantLock();

  public Configuration(Disk disk, Settings commandLine) {
    this.disk = disk;
    this.commandLine = commandLine;
  }

  /**
   * @throws PgError naming the file and the line
   */
  public Settings read() {
    lock.lock();
    try {
      return parse(FILE).with(parse(AUTO_FILE)).with(commandLine);
    } finally {
      lock.unlock();
    }
  }

  /** ALTER SYSTEM: takes effect with the next reload; RESET of "all" empties the file. */
  public void alterSystem(String name, Optional<String> value) {
    lock.lock();
    try {
      Settings changed = parse(AUTO_FILE);
      boolean all = value.isEmpty() && name.equals("all");
      changed =
          all
              ? Settings.defaults()
              : value.isPresent() ? changed.given(name, value.get()) : changed.without(name);
      String temporary = AUTO_FILE + ".tmp";
      if (disk.exists(temporary)) {
        disk.delete(temporary);
      }
      try (DiskFile file = disk.create(temporary)) {
        file.write(0, ByteBuffer.wrap(changed.format().getBytes(StandardCharsets.UTF_8)));
        file.sync();
      }
      disk.rename(temporary, AUTO_FILE);
      disk.syncDirectory("");
    } catch (IOException e) {
      throw PgError.error("58030", "could not write file \"%s\"".formatted(AUTO_FILE));
    } finally {
      lock.unlock();
    }
  }

  private Settings parse(String name) {
    return new ConfigurationText(new DiskFiles())
        .parse(name, new DiskFiles().read(name).orElse(""));
  }

  private final class DiskFiles implements ConfigurationText.Files {
    @Override
    public Optional<String> read(String name) {
      try {
        if (!disk.exists(name)) {
          return Optional.empty();
        }
        try (DiskFile file = disk.open(name)) {
          ByteBuffer bytes = ByteBuffer.allocate((int) file.size());
          file.read(0, bytes);
          return Optional.of(
              new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8));
        }
      } catch (IOException e) {
        throw unreadable(name, e);
      }
    }

    @Override
    public List<String> list(String directory) {
      try {
        return disk.list(directory);
      } catch (IOException e) {
        throw unreadable(directory, e);
      }
    }

    private PgError unreadable(String name, IOException e) {
      return PgError.error(
          "58030", "could not read file \"%s\": %s".formatted(name, e.getMessage()));
    }
  }
}
