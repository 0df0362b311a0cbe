package phaistos.checker.durability;

import java.util.List;
import java.util.Optional;
import phaistos.formats.ControlFile;
import phaistos.formats.Lsn;
import phaistos.formats.TimelineHistory;
import phaistos.formats.Xid;
import phaistos.formats.wal.WalFiles;
import phaistos.formats.wal.WalLayout;

/** All evidence about one node; {@code files} is empty if it could not be read. */
record NodeEvidence(NodeImage image, NodeReport report, Optional<Files> files) {
  /**
   * The evidence of the node's readable files.
   *
   * @param isRedoComplete the WAL exists from the redo point on
   * @param isCut the WAL ends before the redo point
   * @param unchosen WAL that recovery does not choose ({@link phaistos.formats.redo.TimelineHole})
   */
  record Files(
      ControlFile control,
      TimelineHistory line,
      NodeScan scan,
      CommitLogCopy log,
      WalFiles wal,
      boolean isRedoComplete,
      boolean isCut,
      Optional<NodeScan> unchosen) {
    /** Called after the last record of all nodes. */
    void finish(boolean isOneLine) {
      scan.finish(isOneLine);
      unchosen.ifPresent(other -> other.finish(isOneLine));
    }
  }

  static NodeEvidence unreadable(NodeImage image, String why) {
    return new NodeEvidence(
        image,
        new NodeReport(
            image.name(),
            image.role(),
            image.kind(),
            image.files().describe(),
            why,
            0,
            "",
            Lsn.INVALID,
            Lsn.INVALID,
            "",
            Lsn.INVALID,
            0,
            0,
            List.of()),
        Optional.empty());
  }

  /** What this node's files show of a claim. */
  Copy copy(int claim, Claim claimed) {
    if (files.isEmpty()) {
      return Copy.unreadable(image.name());
    }
    Files known = files.get();
    CommitPlaces places = known.scan.places();
    Presence presence = places.presence(claim);
    LogStatus before = LogStatus.NO_PAGE;
    LogStatus after = LogStatus.NO_PAGE;
    if (claimed.xid() != 0) {
      Xid xid = new Xid((int) claimed.xid());
      before = known.log.onDisk(xid);
      after = known.log.afterRedo(xid);
      boolean older = known.scan.mayBeginBefore(xid);
      if (presence == Presence.ABSENT && after == LogStatus.COMMITTED && older) {
        presence = Presence.LOG_ONLY;
      } else if (presence == Presence.ABSENT && after == LogStatus.ABORTED) {
        presence = Presence.ABORTED;
      } else if (presence == Presence.ABSENT
          && (after == LogStatus.FROZEN && older
              || (older || known.isCut) && !known.isRedoComplete)) {
        presence = Presence.WAL_MISSING;
      }
    } else if (presence == Presence.RECORD) {
      after = LogStatus.COMMITTED;
    }
    if (presence == Presence.ABSENT || presence == Presence.ABORTED) {
      if (known.unchosen.isPresent()
          && known.unchosen.get().places().presence(claim) == Presence.RECORD) {
        places = known.unchosen.get().places();
        presence = Presence.NOT_CHOSEN;
      } else if (claimed.outcome() == Outcome.ACKNOWLEDGED
          && !report.situation().whyTorn().isEmpty()) {
        presence = Presence.TORN;
      }
    }
    Lsn lsn = new Lsn(places.lsn(claim));
    WalLayout layout = known.wal.layout();
    Optional<WalFiles.File> file =
        lsn.isValid() ? known.wal.file(layout.segmentNumber(lsn)) : Optional.empty();
    return new Copy(
        image.name(),
        presence,
        places.timeline(claim),
        lsn,
        new Lsn(places.end(claim)),
        file.map(WalFiles.File::path).orElse(""),
        file.isPresent() ? layout.segmentOffset(lsn) : 0,
        places.crc(claim),
        places.rows(claim),
        before,
        after,
        presence == Presence.UNPROVEN ? known.scan.doubt(claim) : "");
  }
}
