package phaistos.cluster.machine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;

/** Folders of this machine: copied, removed, given to a user. */
public final class MachineFiles {
  private static final boolean IS_UNIX =
      FileSystems.getDefault().supportedFileAttributeViews().contains("unix");

  private MachineFiles() {}

  /** Makes a file's content, or a folder's names, survive a power cut. */
  public static void sync(Path fileOrFolder) throws IOException {
    try (FileChannel channel = FileChannel.open(fileOrFolder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /** Gives a file or folder to a user, unless it is theirs already. */
  public static void own(Path path, UserId owner) throws IOException {
    if (!IS_UNIX) {
      return;
    }
    if (!Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS).equals(owner.uid())) {
      Files.setAttribute(path, "unix:uid", owner.uid(), LinkOption.NOFOLLOW_LINKS);
    }
    if (!Files.getAttribute(path, "unix:gid", LinkOption.NOFOLLOW_LINKS).equals(owner.gid())) {
      Files.setAttribute(path, "unix:gid", owner.gid(), LinkOption.NOFOLLOW_LINKS);
    }
  }

  /** The same for everything below a folder. */
  public static void ownAll(Path folder, UserId owner) throws IOException {
    try (var walk = Files.walk(folder)) {
      for (Path path : walk.toList()) {
        own(path, owner);
      }
    }
  }

  /** Makes the folder of a node's files, which belongs to a user. */
  public static void makeVolume(Path folder, UserId owner) {
    try {
      Files.createDirectories(folder);
      own(folder, owner);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make " + folder, e);
    }
  }

  /** Copies all of a node's files. */
  public static void copyVolume(Path folder, Path target) {
    try {
      copy(folder, target, List.of());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot copy " + folder + " to " + target, e);
    }
  }

  /**
   * Copies a folder with what it holds. A file that vanishes meanwhile is left out, as in a folder
   * that a server works in.
   *
   * @param without the names of files and folders directly below it that are left out
   */
  public static void copy(Path source, Path target, List<String> without) throws IOException {
    Files.walkFileTree(
        source,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
              throws IOException {
            if (isLeftOut(folder)) {
              return FileVisitResult.SKIP_SUBTREE;
            }
            Path made = target.resolve(source.relativize(folder).toString());
            Files.createDirectories(made);
            copyPermissions(folder, made);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            // PostgreSQL's sockets are no files to copy.
            if (!isLeftOut(file) && !attributes.isOther()) {
              try {
                Files.copy(
                    file,
                    target.resolve(source.relativize(file).toString()),
                    StandardCopyOption.COPY_ATTRIBUTES,
                    LinkOption.NOFOLLOW_LINKS);
              } catch (NoSuchFileException _) {
                return FileVisitResult.CONTINUE; // it has vanished
              }
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException failure)
              throws IOException {
            if (failure instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE;
            }
            throw failure;
          }

          private boolean isLeftOut(Path path) {
            return source.equals(path.getParent())
                && without.contains(path.getFileName().toString());
          }
        });
  }

  private static void copyPermissions(Path from, Path to) throws IOException {
    if (IS_UNIX) {
      Files.setPosixFilePermissions(to, Files.getPosixFilePermissions(from));
    }
  }

  /** Removes a folder with what it holds; does nothing if it is not there. */
  public static void delete(Path folder) throws IOException {
    if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException failure)
              throws IOException {
            if (failure instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE;
            }
            throw failure;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path visited, IOException failure)
              throws IOException {
            Files.deleteIfExists(visited);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
