package phaistos.runner.inspect;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import phaistos.formats.DataDirectory;
import phaistos.formats.FolderDataDirectory;
import phaistos.formats.FormatException;
import phaistos.runner.options.GivenPath;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The common part of all inspections: errors, output, paths. */
abstract class Inspection implements Callable<Integer> {
  @Spec CommandSpec spec;

  @Option(names = "--json", description = "One JSON object per line instead of text.")
  boolean json;

  /** Runs the inspection; returns true if nothing is damaged. */
  abstract boolean inspect(Output out) throws IOException;

  @Override
  public final Integer call() throws IOException {
    try (Output out = new Output(System.out)) {
      return inspect(out) ? InspectCommand.WELL : InspectCommand.DAMAGED;
    } catch (Output.Closed e) {
      return InspectCommand.WELL;
    } catch (FormatException e) {
      say(e.getMessage());
      return InspectCommand.DAMAGED;
    } catch (NoSuchFileException | AccessDeniedException e) {
      throw GivenPath.unusable(Path.of(e.getFile()), e);
    }
  }

  /** A line for the person at the terminal. */
  final void say(String line) {
    spec.commandLine().getErr().println("phaistos: " + line);
    spec.commandLine().getErr().flush();
  }

  final CommandLine.ParameterException wrong(String message) {
    return new CommandLine.ParameterException(spec.commandLine(), message);
  }

  final Path existing(Path path) {
    return GivenPath.fileOrDirectory(path);
  }

  /** The folder in which a file lies. */
  static DataDirectory folderOf(Path file) {
    Path parent = file.toAbsolutePath().getParent();
    return new FolderDataDirectory(parent == null ? file.toAbsolutePath() : parent);
  }
}
