package phaistos.server.catalog;

import java.util.List;
import phaistos.formats.Xid;
import phaistos.formats.heap.HeapPage;
import phaistos.formats.heap.TupleHeader;
import phaistos.formats.record.TupleData;
import phaistos.server.types.Datum;
import phaistos.server.types.TupleCodec;

/** The catalog's first page, as a new data directory has it. */
public final class CatalogPage {
  private CatalogPage() {}

  /** With the rows of the catalog itself and of the database, which are frozen. */
  public static byte[] first(Xid frozenXid) {
    byte[] bytes = new byte[HeapPage.BYTES];
    HeapPage page = HeapPage.initialize(bytes);
    add(page, CatalogRows.of(Catalog.LOCATOR.relation(), "", "", RelationStats.ofNew(frozenXid)));
    add(page, CatalogRows.of(Catalog.DATABASE, "", "", RelationStats.ofNew(frozenXid)));
    return bytes;
  }

  private static void add(HeapPage page, List<Datum> row) {
    TupleData data = TupleCodec.encode(row, CatalogRows.TYPES);
    TupleHeader header =
        new TupleHeader(
            Xid.BOOTSTRAP,
            Xid.INVALID,
            0,
            0,
            page.nextOffset(),
            data.infomask2(),
            data.infomask() | TupleHeader.XMIN_FROZEN,
            data.headerBytes());
    page.insert(TupleCodec.tuple(header, data));
  }
}
