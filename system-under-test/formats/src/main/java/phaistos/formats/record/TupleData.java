package phaistos.formats.record;

import phaistos.formats.ByteReader;
import phaistos.formats.ByteWriter;

/**
 * A tuple as heap records carry it: the fields of its header that cannot be derived, and everything
 * after the fixed header of 23 bytes (null bitmap, alignment, columns).
 *
 * @param infomask2 number of columns and flags
 * @param headerBytes where the columns begin in the tuple (t_hoff)
 */
public record TupleData(int infomask2, int infomask, int headerBytes, byte[] data) {
  static final int BYTES = 5;

  static TupleData read(ByteReader in, int dataBytes) {
    return new TupleData(in.u16(), in.u16(), in.u8(), in.bytes(dataBytes));
  }

  /** The tuple that fills the rest. */
  static TupleData readRest(ByteReader in) {
    return read(in, in.remaining() - BYTES);
  }

  void write(ByteWriter out) {
    out.u16(infomask2).u16(infomask).u8(headerBytes).bytes(data);
  }
}
