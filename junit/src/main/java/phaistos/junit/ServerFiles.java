package phaistos.junit;

import java.io.IOException;
import java.nio.file.Path;

/** Where the files of one PostgreSQL server come from when a test is over. */
public interface ServerFiles {
  /**
   * Stops the server, without a checkpoint if possible, and gives its data directory.
   *
   * @param folder an empty folder for a copy, if a copy is needed
   * @return the data directory, which nobody writes to any more
   */
  Path stopAndCopy(Path folder) throws IOException;

  /** A data directory on this machine; {@code stop} ends the server. */
  static ServerFiles folder(Path dataDirectory, Runnable stop) {
    return _ -> {
      stop.run();
      return dataDirectory;
    };
  }
}
