package phaistos.server.wal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Optional;
import phaistos.environment.Disk;
import phaistos.environment.DiskFile;
import phaistos.formats.Lsn;
import phaistos.formats.TimelineHistory;
import phaistos.formats.wal.SegmentName;
import phaistos.formats.wal.WalLayout;
import phaistos.server.errors.StartupException;
import phaistos.server.steps.CommitSteps;
import phaistos.server.steps.RecoverySteps;
import phaistos.server.steps.Steps;

/**
 * The files of {@code pg_wal}: segments, zero-filled at creation, and timeline history files.
 * Stateless.
 */
public final class WalFiles {
  public static final String DIRECTORY = "pg_wal";

  private static final int ZERO_CHUNK = 256 << 10;

  private final Disk disk;
  private final WalLayout layout;
  private final Steps steps;

  /** For readers only. */
  public WalFiles(Disk disk, WalLayout layout) {
    this(disk, layout, new Steps());
  }

  public WalFiles(Disk disk, WalLayout layout, Steps steps) {
    this.steps = steps;
    this.disk = disk;
    this.layout = layout;
  }

  public WalLayout layout() {
    return layout;
  }

  public String path(int timeline, Lsn lsn) {
    return DIRECTORY + "/" + layout.segmentName(timeline, lsn);
  }

  /** Opens the segment that holds {@code lsn}; makes it, zero-filled and durable, if need be. */
  public DiskFile openForWriting(int timeline, Lsn lsn) throws IOException {
    String path = path(timeline, lsn);
    try {
      return disk.open(path);
    } catch (NoSuchFileException e) {
      String temporary = DIRECTORY + "/xlogtemp." + layout.segmentName(timeline, lsn);
      makeZeroed(temporary);
      rename(temporary, path);
      return disk.open(path);
    }
  }

  /**
   * Creates the segment of {@code end} on a new timeline: the old timeline's bytes up to {@code
   * end}, then zeroes (XLogFileCopy).
   */
  public void copyForNewTimeline(int oldTimeline, int newTimeline, Lsn end) throws IOException {
    String temporary = DIRECTORY + "/xlogtemp.copy";
    makeZeroed(temporary);
    int length = layout.segmentOffset(end);
    if (length > 0) {
      byte[] bytes = read(oldTimeline, layout.segmentStart(end), length);
      try (DiskFile file = disk.open(temporary)) {
        file.write(0, ByteBuffer.wrap(bytes));
        file.sync();
      }
    }
    rename(temporary, path(newTimeline, end));
  }

  /**
   * Begins a new timeline's first segment on a standby: the parent's bytes up to the fork, then
   * zeroes. Does nothing if this is another segment, or is there. PostgreSQL begins the file with
   * zeroes. Until the stream has passed the fork, such a file ends earlier than the parent's, which
   * holds all that was acknowledged; and recovery takes the file of the newest timeline.
   */
  public void beginFromParent(int timeline, Lsn at) throws IOException {
    if (timeline == 1 || segmentExists(timeline, at)) {
      return;
    }
    List<TimelineHistory.Entry> ancestors = requireHistory(timeline).ancestors();
    TimelineHistory.Entry parent = ancestors.getLast();
    if (layout.segmentStart(parent.end()).equals(layout.segmentStart(at))
        && segmentExists(parent.timeline(), at)) {
      copyForNewTimeline(parent.timeline(), timeline, parent.end());
    }
  }

  private void rename(String temporary, String path) throws IOException {
    steps.step(CommitSteps.WAL_SEGMENT_RENAME, path, () -> disk.rename(temporary, path));
    syncDirectory(path);
  }

  private void syncDirectory(String path) throws IOException {
    steps.step(CommitSteps.WAL_DIRECTORY_SYNC, path, () -> disk.syncDirectory(DIRECTORY));
  }

  /**
   * Opens the segment that holds {@code lsn}, for a reader.
   *
   * @throws NoSuchFileException if it is not there
   */
  DiskFile open(int timeline, Lsn lsn) throws IOException {
    return disk.open(path(timeline, lsn));
  }

  /** Bytes from one segment. */
  public byte[] read(int timeline, Lsn from, int length) throws IOException {
    byte[] bytes = new byte[length];
    try (DiskFile file = open(timeline, from)) {
      file.read(layout.segmentOffset(from), ByteBuffer.wrap(bytes));
    }
    return bytes;
  }

  public boolean segmentExists(int timeline, Lsn lsn) throws IOException {
    return disk.exists(path(timeline, lsn));
  }

  /** A timeline's history; timeline 1 has none on disk. */
  public Optional<TimelineHistory> history(int timeline) throws IOException {
    if (timeline == 1) {
      return Optional.of(TimelineHistory.root(1));
    }
    String path = DIRECTORY + "/" + TimelineHistory.fileName(timeline);
    if (!disk.exists(path)) {
      return Optional.empty();
    }
    return Optional.of(TimelineHistory.parse(timeline, text(path)));
  }

  /**
   * @throws StartupException if it is not there
   */
  public TimelineHistory requireHistory(int timeline) throws IOException {
    return history(timeline)
        .orElseThrow(
            () ->
                new StartupException(
                    "timeline history file %s is not there"
                        .formatted(TimelineHistory.fileName(timeline))));
  }

  public String text(String path) throws IOException {
    try (DiskFile file = disk.open(path)) {
      ByteBuffer bytes = ByteBuffer.allocate((int) file.size());
      file.read(0, bytes);
      return new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
    }
  }

  /** Writes a history file atomically. */
  public void writeHistory(TimelineHistory history) throws IOException {
    writeHistory(history.timeline(), history.format().getBytes(StandardCharsets.UTF_8));
  }

  public void writeHistory(int timeline, byte[] content) throws IOException {
    String temporary = DIRECTORY + "/xlogtemp.history";
    if (disk.exists(temporary)) {
      disk.delete(temporary);
    }
    String path = DIRECTORY + "/" + TimelineHistory.fileName(timeline);
    steps.step(RecoverySteps.TIMELINE_HISTORY_WRITE, path, () -> writeNew(temporary, content));
    steps.step(RecoverySteps.TIMELINE_HISTORY_RENAME, path, () -> disk.rename(temporary, path));
    syncDirectory(path);
  }

  private void writeNew(String path, byte[] content) throws IOException {
    try (DiskFile file = disk.create(path)) {
      file.write(0, ByteBuffer.wrap(content));
      file.sync();
    }
  }

  /**
   * The newest timeline from {@code timeline} on, up to the first missing history file
   * (findNewestTimeLine).
   */
  public int newestTimeline(int timeline) throws IOException {
    int newest = timeline;
    while (disk.exists(DIRECTORY + "/" + TimelineHistory.fileName(newest + 1))) {
      newest++;
    }
    return newest;
  }

  /** Whether a file's name is a segment's. */
  public static boolean isSegment(String name) {
    return SegmentName.parse(name).isPresent();
  }

  private void makeZeroed(String path) throws IOException {
    if (disk.exists(path)) {
      disk.delete(path);
    }
    try (DiskFile file = disk.create(path)) {
      byte[] zeroes = new byte[Math.min(ZERO_CHUNK, layout.segmentSize())];
      for (int at = 0; at < layout.segmentSize(); at += zeroes.length) {
        file.write(at, ByteBuffer.wrap(zeroes));
      }
      steps.step(CommitSteps.WAL_SEGMENT_SYNC, path, file::sync);
    }
  }
}
