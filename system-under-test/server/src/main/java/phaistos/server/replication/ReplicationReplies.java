package phaistos.server.replication;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import phaistos.server.errors.PgError;
import phaistos.server.wal.WalFiles;
import phaistos.server.wire.MessageWriter;
import phaistos.server.wire.MessageWriter.Column;

/** The answers to IDENTIFY_SYSTEM, TIMELINE_HISTORY and SHOW, byte for byte as version 15's. */
public final class ReplicationReplies {
  private static final int TEXT = 25;
  private static final int INT4 = 23;

  private ReplicationReplies() {}

  public static void identifySystem(MessageWriter out, ReplicationSource source) {
    out.rowDescription(
        List.of(
            new Column("systemid", TEXT, -1, -1, 0),
            new Column("timeline", INT4, 4, -1, 0),
            new Column("xlogpos", TEXT, -1, -1, 0),
            new Column("dbname", TEXT, -1, -1, 0)));
    out.begin('D').int16(4);
    field(out, Long.toUnsignedString(source.systemId()));
    field(out, Integer.toString(source.timeline()));
    field(out, source.sendLimit().toString());
    out.int32(-1).end();
    out.commandComplete("IDENTIFY_SYSTEM");
  }

  /**
   * A timeline's history file.
   *
   * @throws PgError 58P01 if there is none
   */
  public static void timelineHistory(MessageWriter out, ReplicationSource source, int timeline)
      throws IOException {
    String name = phaistos.formats.TimelineHistory.fileName(timeline);
    String content;
    try {
      content = source.walFiles().text(WalFiles.DIRECTORY + "/" + name);
    } catch (FileNotFoundException | java.nio.file.NoSuchFileException e) {
      throw PgError.error(
          "58P01", "could not open file \"pg_wal/%s\": No such file or directory".formatted(name));
    }
    out.rowDescription(
        List.of(new Column("filename", TEXT, -1, -1, 0), new Column("content", TEXT, -1, -1, 0)));
    out.begin('D').int16(2);
    field(out, name);
    field(out, content);
    out.end();
    out.commandComplete("TIMELINE_HISTORY");
  }

  public static void show(MessageWriter out, String name, String value) {
    out.rowDescription(List.of(new Column(name, TEXT, -1, -1, 0)));
    out.textRow(List.of(value));
    out.commandComplete("SHOW");
  }

  private static void field(MessageWriter out, String value) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    out.int32(bytes.length).bytes(bytes);
  }
}
