package phaistos.server.heap;

import java.util.List;
import phaistos.formats.heap.HeapPage;
import phaistos.formats.heap.TupleHeader;
import phaistos.server.types.Datum;
import phaistos.server.types.SqlType;
import phaistos.server.types.TupleCodec;

/** A version of a row, as it was when it was read. */
public record HeapRow(Tid tid, TupleHeader header, List<Datum> values) {
  static HeapRow read(HeapPage page, Tid tid, List<SqlType> types) {
    byte[] tuple = page.tuple(tid.offset());
    TupleHeader header = TupleHeader.decode(tuple);
    return new HeapRow(tid, header, TupleCodec.decode(tuple, header, types));
  }
}
