package phaistos.checker.replication;

import java.util.Arrays;
import java.util.Optional;
import phaistos.formats.ByteReader;
import phaistos.formats.Lsn;
import phaistos.formats.wal.PageHeader;
import phaistos.formats.wal.Rmgr;
import phaistos.formats.wal.WalLayout;
import phaistos.formats.wal.WalRecord;

/**
 * Takes the bytes of WAL in their order, in parts of any length, and checks that they are one chain
 * of records: page headers, lengths, links to the record before, CRCs. A record is checked when its
 * last byte has come. Begins at the start of a segment. Not thread-safe.
 */
final class WalChain {
  private static final int PAGE = PageHeader.PAGE_BYTES;
  private static final int XLOG_SWITCH = 0x40;

  /** Of the resource manager XACT: XLOG_XACT_COMMIT, under the bits that say what else it has. */
  private static final int XACT_OPCODES = 0x70;

  /** Hears of commit records. */
  interface Commits {
    /**
     * @param end of its last byte
     */
    void commit(int xid, long end);
  }

  private final WalLayout layout;
  private final Commits commits;
  private long at;
  private boolean isFirstPage = true;

  /** What is left of a record that began before this chain. */
  private long skip;

  private byte[] record = new byte[1024];
  private int got;
  private int total;
  private long recordStart;
  private long previous;
  private boolean isLinked;
  private Optional<String> problem = Optional.empty();

  /**
   * @param start of a segment
   */
  WalChain(WalLayout layout, Lsn start) {
    this(layout, start, (_, _) -> {});
  }

  WalChain(WalLayout layout, Lsn start, Commits commits) {
    this.layout = layout;
    this.commits = commits;
    this.at = start.value();
  }

  /** The first byte that it has not taken. */
  Lsn position() {
    return new Lsn(at);
  }

  /** What breaks the chain, at {@link #position}; empty while nothing does. */
  Optional<String> problem() {
    return problem;
  }

  /**
   * Takes the bytes from {@link #position} on, up to the first problem. It leaves a page header
   * that is not whole for the next time.
   */
  void take(byte[] bytes, int length) {
    long start = at;
    while (problem.isEmpty()) {
      long from = at - start;
      if (from >= length) {
        return;
      }
      int left = (int) (length - from);
      int inPage = (int) (at & PAGE - 1);
      if (inPage == 0) {
        if (left < layout.headerBytes(new Lsn(at))) {
          return;
        }
        takeHeader(bytes, (int) from);
      } else if (skip > 0) {
        long part = Math.min(skip, Math.min(left, PAGE - inPage));
        skip -= part;
        at += part;
      } else {
        takeRecord(bytes, (int) from, Math.min(left, PAGE - inPage));
      }
    }
  }

  private void takeHeader(byte[] bytes, int from) {
    int info = ByteReader.u16(bytes, from + 2);
    long address = ByteReader.i64(bytes, from + 8);
    int remaining = ByteReader.i32(bytes, from + 16);
    boolean goesOn = (info & PageHeader.FIRST_IS_CONTRECORD) != 0;
    if (ByteReader.u16(bytes, from) != PageHeader.MAGIC) {
      problem = Optional.of("no page of WAL begins here");
    } else if (address != at) {
      problem = Optional.of("the page here is the one of " + new Lsn(address));
    } else if ((info & PageHeader.FIRST_IS_OVERWRITE_CONTRECORD) != 0) {
      // the record before was never finished (XLOG_OVERWRITE_CONTRECORD)
      got = 0;
      total = 0;
      skip = 0;
      isLinked = false;
    } else if (goesOn && (isFirstPage || skip > 0)) {
      skip = WalLayout.align(remaining);
    } else if (goesOn ? got == 0 || remaining != total - got : got > 0) {
      problem =
          Optional.of(
              "the page here says that %d bytes of a record go on, not %d"
                  .formatted(goesOn ? remaining : 0, got == 0 ? 0 : total - got));
    }
    isFirstPage = false;
    if (problem.isEmpty()) {
      at += layout.headerBytes(new Lsn(at));
    }
  }

  private void takeRecord(byte[] bytes, int from, int room) {
    if (got == 0) {
      recordStart = at;
    }
    int wanted = (total == 0 ? WalRecord.HEADER_BYTES : total) - got;
    int part = Math.min(room, wanted);
    if (record.length < got + part) {
      record = Arrays.copyOf(record, Math.max(record.length * 2, got + part));
    }
    System.arraycopy(bytes, from, record, got, part);
    got += part;
    at += part;
    if (total == 0 && got >= 4) {
      int length = ByteReader.i32(record, 0);
      if (length < WalRecord.HEADER_BYTES || length > WalRecord.MAX_BYTES) {
        failAtRecord(length == 0 ? "no record begins here" : "a record of length " + length);
        return;
      }
      total = length;
    }
    if (total > 0 && got == total) {
      finishRecord();
    }
  }

  private void finishRecord() {
    long link = ByteReader.i64(record, 8);
    if (isLinked && link != previous) {
      failAtRecord(
          "the record before is said to be %s, not %s".formatted(new Lsn(link), new Lsn(previous)));
      return;
    }
    if (WalRecord.crc(record, 0, total) != WalRecord.storedCrc(record, 0)) {
      failAtRecord("the CRC of the record is wrong");
      return;
    }
    if ((record[17] & 0xFF) == Rmgr.TRANSACTION.id() && (record[16] & XACT_OPCODES) == 0) {
      commits.commit(ByteReader.i32(record, 4), at);
    }
    boolean switches =
        (record[17] & 0xFF) == 0 && (record[16] & WalRecord.RMGR_INFO) == XLOG_SWITCH;
    previous = recordStart;
    isLinked = true;
    got = 0;
    total = 0;
    at = WalLayout.align(at);
    if (switches) {
      at = at + layout.segmentSize() - 1 & -(long) layout.segmentSize();
    }
  }

  private void failAtRecord(String what) {
    problem = Optional.of(what);
    at = recordStart;
  }
}
