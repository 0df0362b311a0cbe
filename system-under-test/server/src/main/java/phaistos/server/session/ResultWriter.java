package phaistos.server.session;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import phaistos.server.executor.Outcome;
import phaistos.server.types.BinaryForm;
import phaistos.server.types.Datum;
import phaistos.server.types.SqlType;
import phaistos.server.types.TypeText;
import phaistos.server.wire.MessageWriter;

/** Results as messages. */
final class ResultWriter {
  private ResultWriter() {}

  /**
   * The format of a column. There is one code for all columns, or one for each; without any it is
   * text.
   */
  static int format(List<Integer> formats, int column) {
    return switch (formats.size()) {
      case 0 -> 0;
      case 1 -> formats.getFirst();
      default -> column < formats.size() ? formats.get(column) : 0;
    };
  }

  static void description(MessageWriter out, List<Outcome.Column> columns, List<Integer> formats) {
    List<MessageWriter.Column> described = new ArrayList<>(columns.size());
    for (int i = 0; i < columns.size(); i++) {
      Outcome.Column column = columns.get(i);
      described.add(
          new MessageWriter.Column(
              column.name(),
              column.origin().table(),
              column.origin().number(),
              column.type().oid(),
              column.type().length(),
              column.modifier(),
              format(formats, i)));
    }
    out.rowDescription(described);
  }

  /** The description and all rows, if there are any columns. */
  static void rows(MessageWriter out, Outcome outcome, List<Integer> formats) throws IOException {
    if (!outcome.hasRows()) {
      return;
    }
    description(out, outcome.columns(), formats);
    for (List<Datum> row : outcome.rows()) {
      row(out, row, outcome.columns(), formats);
    }
  }

  static void row(
      MessageWriter out, List<Datum> row, List<Outcome.Column> columns, List<Integer> formats)
      throws IOException {
    out.begin('D').int16(row.size());
    for (int i = 0; i < row.size(); i++) {
      Datum value = row.get(i);
      if (value.isNull()) {
        out.int32(-1);
        continue;
      }
      SqlType type = columns.get(i).type();
      byte[] bytes =
          format(formats, i) == 1
              ? BinaryForm.format(value, type)
              : TypeText.format(value, type).getBytes(StandardCharsets.UTF_8);
      out.int32(bytes.length).bytes(bytes);
    }
    out.end();
    out.flushIfLarge();
  }
}
