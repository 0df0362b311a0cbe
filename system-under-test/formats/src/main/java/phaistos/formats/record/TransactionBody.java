package phaistos.formats.record;

import java.util.List;
import java.util.Optional;
import phaistos.formats.ByteReader;
import phaistos.formats.ByteWriter;
import phaistos.formats.PgTime;
import phaistos.formats.Text;
import phaistos.formats.TwoPhaseState;
import phaistos.formats.Xid;
import phaistos.formats.wal.Rmgr;
import phaistos.formats.wal.WalRecord;

/** The records of resource manager Transaction (access/xact.h). */
public sealed interface TransactionBody extends RecordBody {
  @Override
  default int rmgrId() {
    return Rmgr.TRANSACTION.id();
  }

  /**
   * COMMIT, or COMMIT_PREPARED if the outcome names a two-phase transaction. The outcome then has
   * its xid; the record's header does not.
   */
  record Commit(Outcome outcome) implements TransactionBody {
    @Override
    public int info() {
      return (outcome.twoPhaseXid().isValid() ? 0x30 : 0x00) | outcome.hasInfoBit();
    }

    @Override
    public byte[] mainData() {
      return outcome.encode();
    }

    @Override
    public void describe(Text out, WalRecord record, Wording wording) {
      Outcome o = outcome;
      describeBeginning(out, o, wording);
      Lists.describeSubxacts(out, o.subxids());
      Outcome.describeStats(out, "", o.droppedStats());
      InvalidationMessage.describeAll(
          out,
          o.invalidations(),
          o.database().map(Outcome.Database::database).orElse(0),
          o.database().map(Outcome.Database::space).orElse(0),
          (o.flags() & Outcome.RELCACHE_INIT_FILE) != 0);
      if ((o.flags() & Outcome.APPLY_FEEDBACK) != 0 && wording.tellsOriginOfAborts()) {
        out.append("; apply_feedback");
      }
      if ((o.flags() & Outcome.FORCE_SYNC) != 0) {
        out.append("; sync");
      }
      describeOrigin(out, o, record);
    }
  }

  /** ABORT, or ABORT_PREPARED if the outcome names a two-phase transaction. */
  record Abort(Outcome outcome) implements TransactionBody {
    @Override
    public int info() {
      return (outcome.twoPhaseXid().isValid() ? 0x40 : 0x20) | outcome.hasInfoBit();
    }

    @Override
    public byte[] mainData() {
      return outcome.encode();
    }

    @Override
    public void describe(Text out, WalRecord record, Wording wording) {
      describeBeginning(out, outcome, wording);
      Lists.describeSubxacts(out, outcome.subxids());
      if (wording.tellsOriginOfAborts()) {
        describeOrigin(out, outcome, record);
      }
      Outcome.describeStats(out, "", outcome.droppedStats());
    }
  }

  private static void describeBeginning(Text out, Outcome outcome, Wording wording) {
    if (outcome.twoPhaseXid().isValid()) {
      out.unsigned(outcome.twoPhaseXid().value()).append(": ");
    }
    PgTime.append(out, outcome.time());
    Lists.describeRelations(out, "rels", outcome.droppedRelations(), wording);
  }

  private static void describeOrigin(Text out, Outcome outcome, WalRecord record) {
    outcome.origin().ifPresent(origin -> origin.describe(out, record.origin()));
  }

  /** PREPARE TRANSACTION: what the two-phase state file will contain. */
  record Prepare(TwoPhaseState state) implements TransactionBody {
    @Override
    public int info() {
      return 0x10;
    }

    @Override
    public byte[] mainData() {
      return state.encode();
    }

    @Override
    public void describe(Text out, WalRecord record, Wording wording) {
      out.append("gid ").append(state.gid()).append(": ");
      PgTime.append(out, state.preparedAt());
      Lists.describeRelations(out, "rels(commit)", state.commitRelations(), wording);
      Lists.describeRelations(out, "rels(abort)", state.abortRelations(), wording);
      Outcome.describeStats(out, "commit ", state.commitStats());
      Outcome.describeStats(out, "abort ", state.abortStats());
      Lists.describeSubxacts(out, state.subxids());
      InvalidationMessage.describeAll(
          out, state.invalidations(), state.database(), 0, state.relcacheInitFile());
      if (record.origin() != 0 && wording.tellsOriginOfAborts()) {
        state.origin().describe(out, record.origin());
      }
    }
  }

  /** Subtransactions of a top-level transaction, logged once there are 64 of them. */
  record Assignment(Xid top, List<Xid> subxids) implements TransactionBody {
    @Override
    public int info() {
      return 0x50;
    }

    @Override
    public byte[] mainData() {
      ByteWriter out = new ByteWriter().xid(top).i32(subxids.size());
      Lists.writeXids(out, subxids);
      return out.toBytes();
    }

    @Override
    public void describe(Text out, WalRecord record, Wording wording) {
      out.append("xtop ").unsigned(top.value()).append(": subxacts:");
      Lists.describeXids(out, subxids);
    }
  }

  /** Cache invalidations of a command (wal_level logical). */
  record Invalidations(List<InvalidationMessage> messages) implements TransactionBody {
    @Override
    public int info() {
      return 0x60;
    }

    @Override
    public byte[] mainData() {
      ByteWriter out = new ByteWriter().i32(messages.size());
      messages.forEach(message -> message.write(out));
      return out.toBytes();
    }

    @Override
    public void describe(Text out, WalRecord record, Wording wording) {
      InvalidationMessage.describeAll(out, messages, 0, 0, false);
    }
  }

  /** An ordinary commit at {@code time} (microseconds since 2000) with its subtransactions. */
  static Commit commit(long time, List<Xid> subxids) {
    return new Commit(Outcome.of(time).withSubxids(subxids));
  }

  static Abort abort(long time, List<Xid> subxids) {
    return new Abort(Outcome.of(time).withSubxids(subxids));
  }

  static TransactionBody decode(WalRecord record, RecordFormat.Layout layout) {
    int info = record.info() & WalRecord.RMGR_INFO;
    ByteReader in = new ByteReader(record.mainData(), "Transaction record");
    TransactionBody body =
        switch (info & 0x70) {
          case 0x00, 0x30 -> new Commit(Outcome.read(in, info, true, layout.droppedStats()));
          case 0x20, 0x40 -> new Abort(Outcome.read(in, info, false, layout.droppedStats()));
          case 0x10 -> new Prepare(TwoPhaseState.read(in, layout.droppedStats()));
          case 0x50 ->
              new Assignment(in.xid(), Lists.readCounted(in, Integer.BYTES, ByteReader::xid));
          case 0x60 -> {
            if (!layout.invalidationRecords()) {
              throw RecordBody.unknown(record);
            }
            yield new Invalidations(
                Lists.readCounted(in, InvalidationMessage.BYTES, InvalidationMessage::read));
          }
          default -> throw RecordBody.unknown(record);
        };
    in.end();
    if (body.info() != info) {
      throw RecordBody.unknown(record);
    }
    return body;
  }

  /** The transaction that a record ends; for COMMIT_PREPARED the one named in its body. */
  static Optional<Xid> decided(WalRecord record, TransactionBody body) {
    return switch (body) {
      case Commit commit -> Optional.of(commit.outcome().decided(record.xid()));
      case Abort abort -> Optional.of(abort.outcome().decided(record.xid()));
      case Prepare _, Assignment _, Invalidations _ -> Optional.empty();
    };
  }
}
