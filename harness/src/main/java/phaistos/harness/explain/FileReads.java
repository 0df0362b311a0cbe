package phaistos.harness.explain;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import java.util.Optional;
import phaistos.formats.ControlFile;
import phaistos.formats.DataDirectory;
import phaistos.formats.FormatException;
import phaistos.formats.Lsn;
import phaistos.formats.wal.WalLayout;
import phaistos.server.steps.CommitSteps;
import phaistos.server.steps.ReplicationSteps;
import phaistos.server.steps.Step;

/**
 * The promise of steps that read a file: they answer what is in it. It is looked at when such a
 * step ends, since the file may change later.
 */
final class FileReads {
  /** More timelines than a run has failovers. */
  private static final int TIMELINES = 40;

  private FileReads() {}

  /**
   * What is wrong with an answer; empty if it is right, if the step reads no file, or if the file
   * is gone.
   *
   * @param files of the server's node
   */
  static Optional<String> objection(
      Step<?, ?> step, Object about, Object answer, DataDirectory files) {
    if (!(answer instanceof byte[] bytes)) {
      return Optional.empty();
    }
    try {
      if (step == CommitSteps.SLRU_READ && about instanceof String place) {
        return page(place, bytes, files);
      }
      return step == ReplicationSteps.WAL_SENDER_READ && about instanceof Lsn from
          ? wal(from, bytes, files)
          : Optional.empty();
    } catch (IOException | FormatException _) {
      // a damaged file is none of this promise
      return Optional.empty();
    }
  }

  /**
   * @param place as in "pg_xact/0000 at 8192"
   */
  private static Optional<String> page(String place, byte[] answered, DataDirectory files)
      throws IOException {
    String[] words = place.split(" at ");
    byte[] held = files.read(words[0], Long.parseLong(words[1]), answered.length);
    int at = Arrays.mismatch(answered, Arrays.copyOf(held, answered.length));
    return at < 0 ? Optional.empty() : Optional.of(differs(answered, held, at, place));
  }

  private static Optional<String> wal(Lsn from, byte[] answered, DataDirectory files)
      throws IOException {
    WalLayout layout = new WalLayout(ControlFile.read(files).format().walSegmentSize());
    int done = 0;
    while (done < answered.length) {
      Lsn at = from.plus(done);
      int length =
          Math.min(answered.length - done, layout.segmentSize() - layout.segmentOffset(at));
      byte[] part = Arrays.copyOfRange(answered, done, done + length);
      Optional<String> objection = segment(at, part, layout, files);
      if (objection.isPresent()) {
        return objection;
      }
      done += length;
    }
    return Optional.empty();
  }

  /**
   * Which timeline is read is not known here: one of them has to hold it. Zeroes are held by any
   * segment that is not written yet, so that all have to hold them.
   */
  private static Optional<String> segment(
      Lsn at, byte[] answered, WalLayout layout, DataDirectory files) throws IOException {
    Optional<String> objection = Optional.empty();
    boolean isZero = Arrays.equals(answered, new byte[answered.length]);
    for (int timeline = 1; timeline <= TIMELINES; timeline++) {
      String path = "pg_wal/" + layout.segmentName(timeline, at);
      try {
        byte[] held = files.read(path, layout.segmentOffset(at), answered.length);
        int first = Arrays.mismatch(answered, held);
        if (first < 0 && isZero) {
          continue;
        }
        if (first < 0) {
          return Optional.empty();
        }
        String place = path + " at " + layout.segmentOffset(at);
        objection = Optional.of(differs(answered, held, first, place));
      } catch (NoSuchFileException _) {
        // the next timeline
      }
    }
    return objection;
  }

  private static String differs(byte[] answered, byte[] held, int at, String place) {
    return "answered 0x%02X for byte %d of %s, which holds %s"
        .formatted(
            answered[Math.min(at, answered.length - 1)],
            at,
            place,
            at < held.length ? "0x%02X".formatted(held[at]) : "less");
  }
}
