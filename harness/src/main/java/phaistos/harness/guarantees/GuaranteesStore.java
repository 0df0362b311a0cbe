package phaistos.harness.guarantees;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The folder of a campaign: {@code attempts.edn}, to which every try is added as soon as it is
 * over, and what is made of them: {@code guarantees.md}, {@code guarantees.json} and {@code
 * index.html}.
 */
public final class GuaranteesStore {
  private final Path folder;
  private final Path attempts;
  private final Measured measured = new Measured();

  /**
   * Opens or makes it, and reads the tries so far.
   *
   * @throws IllegalArgumentException if a line is no attempt
   */
  public GuaranteesStore(Path folder) {
    this.folder = folder;
    this.attempts = folder.resolve("attempts.edn");
    try {
      Files.createDirectories(folder);
      if (Files.exists(attempts)) {
        AttemptText.read(Files.readAllLines(attempts), attempts.toString()).forEach(measured::add);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public Measured measured() {
    return measured;
  }

  public Path folder() {
    return folder;
  }

  public void add(Attempt attempt) {
    measured.add(attempt);
    try {
      Files.writeString(
          attempts,
          AttemptText.line(attempt) + "\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes the reports. */
  public void write() {
    try {
      Files.writeString(folder.resolve("guarantees.md"), GuaranteesText.of(measured));
      Files.writeString(folder.resolve("guarantees.json"), GuaranteesJson.of(measured));
      Files.writeString(folder.resolve("index.html"), GuaranteesPage.of(measured));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
