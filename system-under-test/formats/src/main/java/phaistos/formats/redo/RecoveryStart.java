package phaistos.formats.redo;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Optional;
import phaistos.formats.BackupLabel;
import phaistos.formats.Checkpoint;
import phaistos.formats.ControlFile;
import phaistos.formats.DataDirectory;
import phaistos.formats.FormatException;
import phaistos.formats.Lsn;
import phaistos.formats.TimelineHistory;
import phaistos.formats.record.XlogBody;
import phaistos.formats.wal.WalFiles;
import phaistos.formats.wal.WalReader;

/**
 * Where recovery of a data directory would begin and which timeline it would follow: from the
 * control file, or from {@code backup_label}. A standby follows the newest timeline that it finds.
 *
 * @param redo the first record to replay
 * @param checkpoint the checkpoint from which recovery begins
 * @param standby recovery does not end: {@code standby.signal} is there
 */
public record RecoveryStart(
    ControlFile control,
    Optional<BackupLabel> label,
    Lsn redo,
    Checkpoint checkpoint,
    TimelineHistory history,
    boolean standby) {
  public static RecoveryStart of(DataDirectory directory) throws IOException {
    ControlFile control = ControlFile.read(directory);
    Optional<BackupLabel> label = readLabel(directory);
    boolean standby = exists(directory, "standby.signal");
    boolean archive = standby || exists(directory, "recovery.signal");
    int timeline = control.checkpoint().timeline();
    int reached = control.recovery().minimumTimeline();
    if (Integer.compareUnsigned(reached, timeline) > 0) {
      timeline = reached;
    }
    if (label.isPresent() && label.get().timeline() != 0) {
      timeline = label.get().timeline();
    }
    if (archive) {
      timeline = newest(directory, timeline);
    }
    TimelineHistory history = WalFiles.history(directory, WalFiles.DIRECTORY, timeline);
    Checkpoint checkpoint = control.checkpoint();
    if (label.isPresent()) {
      checkpoint = readCheckpoint(directory, history, label.get().checkpoint());
    }
    return new RecoveryStart(control, label, checkpoint.redo(), checkpoint, history, standby);
  }

  private static Optional<BackupLabel> readLabel(DataDirectory directory) throws IOException {
    try {
      byte[] text = directory.read(BackupLabel.PATH, 0, 1 << 16);
      return Optional.of(BackupLabel.parse(new String(text, StandardCharsets.UTF_8)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (FormatException e) {
      throw new FormatException(directory.describe() + ": " + e.getMessage());
    }
  }

  private static boolean exists(DataDirectory directory, String name) throws IOException {
    return directory.list("").contains(name);
  }

  /**
   * The newest timeline that descends from this one; the search stops at the first missing history
   * file.
   */
  private static int newest(DataDirectory directory, int from) throws IOException {
    List<String> names = directory.list(WalFiles.DIRECTORY);
    int newest = from;
    for (int next = from + 1; names.contains(TimelineHistory.fileName(next)); next++) {
      TimelineHistory history = WalFiles.history(directory, WalFiles.DIRECTORY, next);
      if (history.ancestors().stream().anyMatch(entry -> entry.timeline() == from)) {
        newest = next;
      }
    }
    return newest;
  }

  private static Checkpoint readCheckpoint(DataDirectory directory, TimelineHistory history, Lsn at)
      throws IOException {
    WalFiles files = WalFiles.following(directory, WalFiles.DIRECTORY, history);
    WalReader reader = new WalReader(files, at, Lsn.INVALID);
    if (reader.next()
        && reader.lsn().equals(at)
        && reader.rmgrId() == 0
        && reader.body() instanceof XlogBody.CheckpointTaken taken) {
      return taken.checkpoint();
    }
    throw new FormatException(
        "%s: backup_label names a checkpoint at %s, but no such record is there"
            .formatted(directory.describe(), at));
  }
}
