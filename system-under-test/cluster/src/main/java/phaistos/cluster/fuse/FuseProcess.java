package phaistos.cluster.fuse;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import phaistos.cluster.fuse.VolatileTree.Making;
import phaistos.environment.crashable.PowerCut.Loss;
import phaistos.environment.crashable.PowerCut.Takes;

/**
 * The process of one file system. It takes one command a line on its standard input, and answers
 * each by {@code ok} with numbers or by {@code error} with a text. At the end of its input, which
 * comes when its parent ends in whatever way, it unmounts and ends.
 *
 * <pre>
 * sync-all            makes everything durable
 * cut TAKES SEED      a power cut: ok bytes files names
 * copy KIND FOLDER    copies all files, KIND is as-is or synced-only
 * sync-is KIND        what syncs do from now on: works, lies, fails
 * limit-space BYTES   negative: no limit
 * slow-down NANOS
 * unsynced            ok bytes
 * flip BIT PATH       a bit of a file reads wrong until it is written over
 * restore BIT PATH    it reads right again; nothing happens if there is no such file
 * counters            ok syncsFailed writesRefused slowedNanos flippedBitsRead
 *                     syncsThatLied
 * </pre>
 */
final class FuseProcess {
  private final Path point;
  private final Faults faults = new Faults();
  private final VolatileTree tree;
  private final Contents contents;
  private Mount mount;

  private FuseProcess(Path store, Path point, int uid, int gid) throws IOException {
    this.point = point;
    tree = new VolatileTree(store, new Making(0755, uid, gid), faults);
    contents = new Contents(tree, faults);
    mount();
  }

  private void mount() throws IOException {
    mount = new Mount(point, new Requests(tree, contents, faults));
    // Fails if the driver and this program do not understand each other.
    Files.getAttribute(point, "unix:ino");
  }

  /**
   * @param arguments an empty folder for the contents, an empty folder to mount on, uid and gid of
   *     the root directory
   */
  public static void main(String[] arguments) throws IOException {
    PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    FuseProcess process;
    try {
      process =
          new FuseProcess(
              Path.of(arguments[0]),
              Path.of(arguments[1]),
              Integer.parseInt(arguments[2]),
              Integer.parseInt(arguments[3]));
    } catch (IOException e) {
      answers.println("error " + e.getMessage());
      return;
    }
    answers.println("ok");
    try (BufferedReader commands =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      for (String line = commands.readLine(); line != null; line = commands.readLine()) {
        answers.println(process.answer(line));
      }
    } finally {
      process.mount.unmount();
    }
  }

  private String answer(String line) {
    String[] words = line.split(" ", 3);
    try {
      return "ok" + obey(words);
    } catch (IOException | UncheckedIOException e) {
      return "error " + line + ": " + e;
    }
  }

  private String obey(String[] words) throws IOException {
    switch (words[0]) {
      case "sync-all" -> tree.syncAll();
      case "cut" -> {
        return cut(Takes.valueOf(words[1]), Long.parseLong(words[2]));
      }
      case "copy" -> tree.copyTo(Path.of(words[2]), words[1].equals("as-is"));
      case "sync-is" -> {
        Faults.Sync sync = Faults.Sync.valueOf(words[1].toUpperCase(Locale.ROOT));
        faults.setSync(sync);
        if (sync != Faults.Sync.LIES) {
          contents.endLies();
        }
      }
      case "limit-space" -> faults.limitSpace(Long.parseLong(words[1]));
      case "slow-down" -> faults.slowDown(Long.parseLong(words[1]));
      case "flip" -> flip(tree.find(words[2]), Long.parseLong(words[1]), true);
      case "restore" -> {
        try {
          flip(tree.find(words[2]), Long.parseLong(words[1]), false);
        } catch (NoSuchFileException e) {
          return "";
        }
      }
      case "unsynced" -> {
        return " " + tree.unsyncedBytes();
      }
      case "counters" -> {
        return " %d %d %d %d %d"
            .formatted(
                faults.syncsFailed(),
                faults.writesRefused(),
                faults.slowedNanos(),
                faults.flippedBitsRead(),
                faults.syncsThatLied());
      }
      default -> throw new IOException("no such command");
    }
    return "";
  }

  private void flip(Inode inode, long bit, boolean isWrong) {
    inode.file().flip(bit, isWrong);
    mount.pagesChanged(inode.number);
  }

  private String cut(Takes takes, long seed) throws IOException {
    // a sync that is under way must not be over first
    faults.setDark(true);
    mount.unmount();
    faults.setDark(false);
    Loss loss = tree.cut(takes, seed);
    contents.forgetLies();
    mount();
    return " %d %d %d".formatted(loss.bytes(), loss.files(), loss.nameChanges());
  }
}
