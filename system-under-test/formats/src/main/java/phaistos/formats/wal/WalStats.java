package phaistos.formats.wal;

import phaistos.formats.Lsn;
import phaistos.formats.Version;
import phaistos.formats.record.RecordFormat;

/** Counts and sizes of records by resource manager, printed as pg_waldump --stats does. */
public final class WalStats {
  private static final int RMGRS = 256;
  private static final int KINDS = 16;

  private final long[] counts = new long[RMGRS * KINDS];
  private final long[] recordBytes = new long[RMGRS * KINDS];
  private final long[] imageBytes = new long[RMGRS * KINDS];
  private final RecordFormat format;
  private long first = -1;
  private long end;

  /** Counts records of this version. */
  public WalStats(Version version) {
    this.format = version.records();
  }

  /** Counts a record from {@code start} to {@code recordEnd}. */
  public void add(long start, long recordEnd, RecordView record) {
    if (first < 0) {
      first = start;
    }
    end = recordEnd;
    int info = record.info();
    // three bits give the kind of a transaction's record; the fourth means that it has xinfo
    int kind = (record.rmgrId() == Rmgr.TRANSACTION.id() ? info & 0x70 : info) >> 4;
    int slot = record.rmgrId() * KINDS + kind;
    counts[slot]++;
    recordBytes[slot] += record.totalLength() - record.imageBytes();
    imageBytes[slot] += record.imageBytes();
  }

  /** Adds the counts of {@code later}, whose records all come after those counted here. */
  public void add(WalStats later) {
    if (later.first < 0) {
      return;
    }
    first = first < 0 ? later.first : first;
    end = later.end;
    for (int i = 0; i < counts.length; i++) {
      counts[i] += later.counts[i];
      recordBytes[i] += later.recordBytes[i];
      imageBytes[i] += later.imageBytes[i];
    }
  }

  public long records() {
    return sum(counts, 0, counts.length);
  }

  /** The table; {@code byRecord} has a line for each kind of record instead of resource manager. */
  public String format(boolean byRecord) {
    StringBuilder out = new StringBuilder();
    if (format.statsTellTheirRange()) {
      out.append("WAL statistics between %s and %s:\n".formatted(new Lsn(first), new Lsn(end)));
    }
    String head = "%-27s %20s %8s %20s %8s %20s %8s %20s %8s\n";
    out.append(
        head.formatted(
            "Type", "N", "(%)", "Record size", "(%)", "FPI size", "(%)", "Combined size", "(%)"));
    out.append(
        head.formatted(
            "----", "-", "---", "-----------", "---", "--------", "---", "-------------", "---"));
    for (int rmgr = 0; rmgr < RMGRS; rmgr++) {
      int from = rmgr * KINDS;
      if (!byRecord) {
        if (Rmgr.of(rmgr).isPresent() || sum(counts, from, from + KINDS) > 0) {
          line(out, Rmgr.label(rmgr), from, from + KINDS);
        }
        continue;
      }
      for (int kind = 0; kind < KINDS; kind++) {
        if (counts[from + kind] > 0) {
          line(out, name(rmgr, kind), from + kind, from + kind + 1);
        }
      }
    }
    total(out);
    return out.toString();
  }

  private String name(int rmgr, int kind) {
    return Rmgr.label(rmgr) + "/" + format.infoName(rmgr, kind << 4);
  }

  private void line(StringBuilder out, String name, int from, int to) {
    long n = sum(counts, from, to);
    long records = sum(recordBytes, from, to);
    long images = sum(imageBytes, from, to);
    long allRecords = sum(recordBytes, 0, recordBytes.length);
    long allImages = sum(imageBytes, 0, imageBytes.length);
    out.append(
        "%-27s %20d (%6.2f) %20d (%6.2f) %20d (%6.2f) %20d (%6.2f)\n"
            .formatted(
                name,
                n,
                percent(n, records()),
                records,
                percent(records, allRecords),
                images,
                percent(images, allImages),
                records + images,
                percent(records + images, allRecords + allImages)));
  }

  private void total(StringBuilder out) {
    long records = sum(recordBytes, 0, recordBytes.length);
    long images = sum(imageBytes, 0, imageBytes.length);
    out.append(
        "%-27s %20s %8s %20s %8s %20s %8s %20s\n"
            .formatted("", "--------", "", "--------", "", "--------", "", "--------"));
    out.append(
        "%-27s %20d %8s %20d %-9s %19d %-9s %19d %-6s\n"
            .formatted(
                "Total",
                records(),
                "",
                records,
                "[%.2f%%]".formatted(percent(records, records + images)),
                images,
                "[%.2f%%]".formatted(percent(images, records + images)),
                records + images,
                "[100%]"));
  }

  private static double percent(long part, long whole) {
    return whole == 0 ? 0 : 100.0 * part / whole;
  }

  private static long sum(long[] values, int from, int to) {
    long sum = 0;
    for (int i = from; i < to; i++) {
      sum += values[i];
    }
    return sum;
  }
}
