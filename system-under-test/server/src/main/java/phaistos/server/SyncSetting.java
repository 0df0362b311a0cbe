package phaistos.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.BooleanSupplier;
import phaistos.environment.Clock;
import phaistos.environment.Disk;
import phaistos.environment.DiskFile;
import phaistos.environment.Environment;
import phaistos.environment.Network;
import phaistos.environment.Randomness;
import phaistos.environment.Tasks;

/**
 * The setting fsync: while it is off nothing is made durable, so that a power cut loses what was
 * acknowledged.
 *
 * @param on asked at each sync
 */
record SyncSetting(Environment environment, BooleanSupplier on) implements Environment {
  @Override
  public Clock clock() {
    return environment.clock();
  }

  @Override
  public Tasks tasks() {
    return environment.tasks();
  }

  @Override
  public Disk disk() {
    return new SettingDisk(environment.disk(), on);
  }

  @Override
  public Network network() {
    return environment.network();
  }

  @Override
  public Randomness randomness() {
    return environment.randomness();
  }

  private record SettingDisk(Disk disk, BooleanSupplier on) implements Disk {
    @Override
    public DiskFile open(String path) throws IOException {
      return new SettingFile(disk.open(path), on);
    }

    @Override
    public DiskFile create(String path) throws IOException {
      return new SettingFile(disk.create(path), on);
    }

    @Override
    public boolean exists(String path) throws IOException {
      return disk.exists(path);
    }

    @Override
    public List<String> list(String directory) throws IOException {
      return disk.list(directory);
    }

    @Override
    public void createDirectories(String directory) throws IOException {
      disk.createDirectories(directory);
    }

    @Override
    public void rename(String from, String to) throws IOException {
      disk.rename(from, to);
    }

    @Override
    public void delete(String path) throws IOException {
      disk.delete(path);
    }

    @Override
    public void syncDirectory(String directory) throws IOException {
      if (on.getAsBoolean()) {
        disk.syncDirectory(directory);
      }
    }
  }

  private record SettingFile(DiskFile file, BooleanSupplier on) implements DiskFile {
    @Override
    public int read(long offset, ByteBuffer target) throws IOException {
      return file.read(offset, target);
    }

    @Override
    public void write(long offset, ByteBuffer source) throws IOException {
      file.write(offset, source);
    }

    @Override
    public long size() throws IOException {
      return file.size();
    }

    @Override
    public void truncate(long size) throws IOException {
      file.truncate(size);
    }

    @Override
    public void writeBack(long offset, long length) throws IOException {
      if (on.getAsBoolean()) {
        file.writeBack(offset, length);
      }
    }

    @Override
    public void sync() throws IOException {
      if (on.getAsBoolean()) {
        file.sync();
      }
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
