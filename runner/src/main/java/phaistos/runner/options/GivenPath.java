package phaistos.runner.options;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;

/**
 * Paths from the command line. A path that is missing or cannot be opened is a user error with exit
 * code 254. Every command reports it in one form: {@code no such file: history.edn}. The content of
 * a file is not checked here.
 */
public final class GivenPath {
  private GivenPath() {}

  /** The path of a file that can be read; it may be a pipe. */
  public static Path file(Path path) {
    if (!path.toString().isEmpty() && Files.isDirectory(path)) {
      throw new UsageException("is a directory: " + shown(path));
    }
    return readable(path, "file");
  }

  /** The lines of a text in UTF-8, with or without its mark in front. */
  public static List<String> lines(Path path) {
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file(path));
    } catch (IOException e) {
      throw unusable(path, e);
    }
    String text = new String(bytes, StandardCharsets.UTF_8);
    int wrong = text.indexOf('\uFFFD');
    if (wrong >= 0) {
      long line = text.substring(0, wrong).chars().filter(c -> c == '\n').count() + 1;
      throw new UsageException("%s, line %d: not UTF-8".formatted(shown(path), line));
    }
    return text.replaceFirst("^\uFEFF", "").lines().toList();
  }

  /** The path of a directory that can be listed. */
  public static Path directory(Path path) {
    if (Files.exists(path) && !Files.isDirectory(path)) {
      throw new UsageException("is no directory: " + shown(path));
    }
    return readable(path, "directory");
  }

  /** The path of an existing file or directory. */
  public static Path fileOrDirectory(Path path) {
    return readable(path, "file or directory");
  }

  private static Path readable(Path path, String kind) {
    if (!path.toString().isEmpty() && Files.isReadable(path)) {
      return path;
    }
    try {
      path.getFileSystem().provider().checkAccess(path);
    } catch (AccessDeniedException _) {
      throw new UsageException("permission denied: " + shown(path));
    } catch (IOException e) {
      if (!(e instanceof NoSuchFileException)) {
        throw unusable(path, e);
      }
    }
    throw new UsageException(
        (Files.exists(path) && !path.toString().isEmpty() ? "permission denied" : "no such " + kind)
            + ": "
            + shown(path));
  }

  /** The user error for a path that could not be read. */
  public static UsageException unusable(Path path, IOException cause) {
    return new UsageException(problem(path, cause), cause);
  }

  /**
   * The exception for a failed write: a user error if the path itself is wrong, else (a full disk)
   * an {@link OutputException}.
   */
  public static RuntimeException unwritable(Path path, IOException cause) {
    return switch (cause) {
      case NoSuchFileException _,
          AccessDeniedException _,
          NotDirectoryException _,
          FileAlreadyExistsException _,
          FileSystemLoopException _ ->
          unusable(path, cause);
      default -> new OutputException(problem(path, cause), cause);
    };
  }

  /** The error about a path, in the same form: {@code permission denied: history.edn}. */
  public static String problem(Path path, IOException cause) {
    // The exception may concern a file inside the given directory.
    String file =
        cause instanceof FileSystemException failure && failure.getFile() != null
            ? failure.getFile()
            : shown(path);
    return reason(cause) + ": " + file;
  }

  /** {@code no such file}, {@code permission denied}, or what the operating system says. */
  public static String reason(IOException cause) {
    return switch (cause) {
      case NoSuchFileException _ -> "no such file";
      case AccessDeniedException _ -> "permission denied";
      case NotDirectoryException _ -> "is no directory";
      case FileAlreadyExistsException _ -> "a file is in the way of a directory";
      case FileSystemLoopException _ -> "links in a circle";
      case FileSystemException failure when failure.getReason() != null -> failure.getReason();
      default -> cause.getMessage() == null ? cause.toString() : cause.getMessage();
    };
  }

  private static String shown(Path path) {
    return path.toString().isEmpty() ? "'' (an empty path)" : path.toString();
  }
}
