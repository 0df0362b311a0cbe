package phaistos.server.heap;

import java.util.List;
import phaistos.formats.heap.TupleHeader;
import phaistos.server.types.Datum;

/** A version of a row, as it was when it was read. */
public record HeapRow(Tid tid, TupleHeader header, List<Datum> values) {}
