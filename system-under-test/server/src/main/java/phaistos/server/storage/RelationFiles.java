package phaistos.server.storage;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.Optional;
import java.util.function.Predicate;
import phaistos.environment.Disk;
import phaistos.environment.DiskFile;
import phaistos.formats.RelationLocator;
import phaistos.server.errors.PgError;

/** The files of relations, as a checkpoint writes them (md.c). Thread-safe. */
final class RelationFiles {
  private final Disk disk;
  private final Predicate<RelationLocator> isKnown;

  /**
   * @param isKnown whether a relation has not been dropped
   */
  RelationFiles(Disk disk, Predicate<RelationLocator> isKnown) {
    this.disk = disk;
    this.isKnown = isKnown;
  }

  @FunctionalInterface
  interface FileAct {
    void on(DiskFile file) throws IOException;
  }

  @FunctionalInterface
  interface Writing {
    void run() throws IOException;
  }

  /**
   * The file that a checkpoint writes to, open while pages of one relation follow each other. Not
   * thread-safe.
   */
  final class Open {
    private Optional<Object> owner = Optional.empty();
    private Optional<DiskFile> file = Optional.empty();

    /**
     * @param wanted the relation in memory: one of the same name may have been dropped, and this
     *     one made anew
     */
    DiskFile of(RelationLocator locator, Object wanted) throws IOException {
      if (owner.filter(known -> known == wanted).isEmpty()) {
        close();
        file = Optional.of(openForWriting(locator));
        owner = Optional.of(wanted);
      }
      return file.orElseThrow();
    }

    void close() throws IOException {
      Optional<DiskFile> old = file;
      file = Optional.empty();
      owner = Optional.empty();
      if (old.isPresent()) {
        old.get().close();
      }
    }
  }

  void onFile(RelationLocator locator, FileAct act) {
    orPanic(
        locator,
        () -> {
          try (DiskFile file = openForWriting(locator)) {
            act.on(file);
          }
        });
  }

  /** Skips a relation that was dropped meanwhile; any other failure is a PANIC. */
  void orPanic(RelationLocator locator, Writing act) {
    try {
      act.run();
    } catch (NoSuchFileException e) {
      if (isKnown.test(locator)) {
        throw PgError.panic("could not write " + locator.path() + ": " + e.getMessage(), e);
      }
    } catch (IOException e) {
      throw PgError.panic(
          "could not write or fsync file \"%s\": %s".formatted(locator.path(), e.getMessage()), e);
    }
  }

  private DiskFile openForWriting(RelationLocator locator) throws IOException {
    disk.createDirectories(directory(locator));
    return disk.exists(locator.path()) ? disk.open(locator.path()) : disk.create(locator.path());
  }

  static String directory(RelationLocator locator) {
    String path = locator.path();
    return path.substring(0, path.lastIndexOf('/'));
  }
}
