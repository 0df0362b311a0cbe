package phaistos.runner.inspect;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Optional;
import phaistos.formats.ByteReader;
import phaistos.formats.DataDirectory;
import phaistos.formats.FormatException;
import phaistos.formats.heap.HeapPage;
import phaistos.formats.heap.TupleHeader;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code inspect heap}: pages of a table, line pointers and tuple headers. */
@Command(
    name = "heap",
    description = {
      "Prints pages of a table's file: page header, line pointers, tuple headers.",
      "Exit: 0, or 1 where a page or line pointer is damaged."
    },
    mixinStandardHelpOptions = true)
final class InspectHeap extends Inspection {
  @Parameters(paramLabel = "FILE", description = "A relation's file, such as base/5/16385.")
  private Path path = Path.of("");

  @Option(names = "--block", paramLabel = "N", description = "Only this page.")
  private Optional<Long> block = Optional.empty();

  @Option(names = "--data", description = "The tuples' bytes behind the header too, as hex.")
  private boolean data;

  @Override
  boolean inspect(Output out) throws IOException {
    if (Files.isDirectory(existing(path))) {
      throw wrong(path + " is a directory; name a relation's file, such as base/5/16385");
    }
    DataDirectory folder = folderOf(path);
    String name = path.getFileName().toString();
    long bytes = folder.size(name);
    long pages = bytes / HeapPage.BYTES;
    if (block.isPresent() && (block.get() < 0 || block.get() >= pages)) {
      throw wrong("--block %d: the file has %d pages".formatted(block.get(), pages));
    }
    mustBeHeap(folder, name, pages);
    boolean well = true;
    long from = block.orElse(0L);
    long to = block.map(n -> n + 1).orElse(pages);
    for (long number = from; number < to; number++) {
      well &= print(out, number, folder.read(name, number * HeapPage.BYTES, HeapPage.BYTES));
    }
    if (bytes % HeapPage.BYTES != 0) {
      say("%s: %d bytes behind the last whole page".formatted(path, bytes % HeapPage.BYTES));
      well = false;
    }
    return well;
  }

  /**
   * Refuses other kinds of files: indexes and sequences, whose pages have a special space, and
   * maps.
   */
  private void mustBeHeap(DataDirectory folder, String name, long pages) throws IOException {
    if (name.endsWith("_fsm") || name.endsWith("_vm")) {
      throw wrong(
          "%s is a table's %s, not the table"
              .formatted(path, name.endsWith("_vm") ? "visibility map" : "free space map"));
    }
    byte[] bytes = pages == 0 ? new byte[0] : folder.read(name, 0, HeapPage.BYTES);
    int special = bytes.length == 0 ? HeapPage.BYTES : ByteReader.u16(bytes, 16);
    boolean isHeader = bytes.length > 0 && ByteReader.u16(bytes, 18) == (HeapPage.BYTES | 4);
    if (isHeader && (special == 8176 || special == 8184)) {
      throw wrong(
          "%s is no table but %s: its pages have a special space of %d bytes"
              .formatted(path, kind(bytes, special), HeapPage.BYTES - special));
    }
  }

  /** The kind by its special space (the page ids of hash.h, gist.h, spgist_private.h, brin). */
  private static String kind(byte[] bytes, int special) {
    int last = ByteReader.u16(bytes, HeapPage.BYTES - 2);
    if (ByteReader.i32(bytes, special) == 0x1717 && HeapPage.BYTES - special == 8) {
      return "a sequence";
    }
    return switch (last) {
      case 0xFF80 -> "a hash index";
      case 0xFF81 -> "a GiST index";
      case 0xFF82 -> "an SP-GiST index";
      case 0xF091, 0xF092, 0xF093 -> "a BRIN index";
      default -> HeapPage.BYTES - special == 16 ? "a B-tree index" : "an index (GIN or another)";
    };
  }

  private boolean print(Output out, long number, byte[] bytes) throws IOException {
    HeapPage page;
    try {
      page = HeapPage.of(bytes);
    } catch (FormatException e) {
      say("%s, page %d: %s".formatted(path, number, e.getMessage()));
      return false;
    }
    if (page.isNew()) {
      if (!json) {
        out.line("page %d: new (zeros)".formatted(number));
      }
      return true;
    }
    if (!json) {
      out.line(
          "page %d: lsn %s, checksum %d, flags 0x%04X, lower %d, upper %d, special %d, prune xid %s"
              .formatted(
                  number,
                  page.lsn(),
                  page.checksum(),
                  page.flags(),
                  page.lower(),
                  page.upper(),
                  page.special(),
                  page.pruneXid()));
    }
    boolean well = true;
    for (HeapPage.Line line : page.lines()) {
      well &= printLine(out, number, page, line);
    }
    return well;
  }

  private boolean printLine(Output out, long number, HeapPage page, HeapPage.Line line)
      throws IOException {
    if (line.state() != HeapPage.LineState.NORMAL) {
      printBare(out, number, line);
      return true;
    }
    byte[] tuple;
    try {
      tuple = page.tuple(line.offset());
    } catch (FormatException e) {
      say("%s, page %d: %s".formatted(path, number, e.getMessage()));
      return false;
    }
    TupleHeader header = TupleHeader.decode(tuple);
    String behind = "";
    if (data) {
      int from = Math.min(TupleHeader.BYTES, tuple.length);
      behind = HexFormat.of().formatHex(tuple, from, tuple.length);
    }
    String ctid =
        "(%s,%d)".formatted(Integer.toUnsignedString(header.ctidBlock()), header.ctidOffset());
    String flags = String.join(" ", header.flagNames());
    if (json) {
      Json item = new Json(out.text());
      item.put("page", number).put("offset", line.offset()).put("state", "normal");
      item.put("at", line.at()).put("length", line.length());
      item.put("xmin", header.xmin().toLong()).put("xmax", header.xmax().toLong());
      item.put("command", header.command() & 0xFFFF_FFFFL).put("ctid", ctid);
      item.put("columns", header.attributes()).put("flags", flags);
      if (data) {
        item.put("data", behind);
      }
      item.end();
      out.lineDone();
      return true;
    }
    out.line(
        "  %3d normal   at %4d length %4d xmin %s xmax %s command %s ctid %s columns %d hoff %d %s%s"
            .formatted(
                line.offset(),
                line.at(),
                line.length(),
                header.xmin(),
                header.xmax(),
                Integer.toUnsignedString(header.command()),
                ctid,
                header.attributes(),
                header.headerBytes(),
                flags,
                behind.isEmpty() ? "" : " data " + behind));
    return true;
  }

  private void printBare(Output out, long number, HeapPage.Line line) throws IOException {
    String state = line.state().name().toLowerCase(java.util.Locale.ROOT);
    if (json) {
      Json item = new Json(out.text());
      item.put("page", number).put("offset", line.offset()).put("state", state);
      if (line.state() == HeapPage.LineState.REDIRECT) {
        item.put("to", line.at());
      }
      item.end();
      out.lineDone();
      return;
    }
    String to = line.state() == HeapPage.LineState.REDIRECT ? " to " + line.at() : "";
    out.line("  %3d %s%s".formatted(line.offset(), state, to));
  }
}
