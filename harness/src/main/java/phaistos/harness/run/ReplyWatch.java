package phaistos.harness.run;

import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import phaistos.checker.durability.WriteAudit;
import phaistos.checker.replication.ReplyAudit;
import phaistos.checker.replication.ReplyReport;
import phaistos.cluster.Cluster;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.StandbyReplies;
import phaistos.formats.DataDirectory;
import phaistos.formats.Lsn;
import phaistos.formats.Xid;
import phaistos.histories.Event;
import phaistos.histories.UntypedCall;

/** Lets the audit see every reply of a cluster's standbys, and keeps the messages for people. */
final class ReplyWatch implements StandbyReplies.Listener {
  private final StandbyReplies replies;
  private final ReplyAudit audit;
  private final WriteAudit writes;
  private final List<Message> messages = new ArrayList<>();
  private long startNanos;

  /** So many are kept, from the start of the load on. */
  private static final int MESSAGES_MAX = 60_000;

  /**
   * @param flushed and applied of a reply; empty for WAL that is sent
   */
  private record Message(
      long timeNanos, String node, Lsn written, Optional<Lsn> flushed, Optional<Lsn> applied) {
    String text() {
      return flushed.isEmpty()
          ? "sends WAL up to " + written
          : "reports written %s, flushed %s, applied %s"
              .formatted(written, flushed.get(), applied.orElse(Lsn.INVALID));
    }
  }

  private ReplyWatch(StandbyReplies replies, long unflushedNanosMax) {
    this.replies = replies;
    this.writes = new WriteAudit(unflushedNanosMax);
    this.audit = new ReplyAudit(replies.walSegmentSize());
  }

  /**
   * Begins before the cluster's start; empty if the cluster does not tell of its replies.
   *
   * @param unflushedNanosMax how long an asynchronous commit may stay unflushed
   */
  static Optional<ReplyWatch> over(Cluster cluster, long unflushedNanosMax) {
    Optional<StandbyReplies> replies = cluster.standbyReplies();
    if (replies.isEmpty()) {
      return Optional.empty();
    }
    ReplyWatch watch = new ReplyWatch(replies.get(), unflushedNanosMax);
    replies.get().listen(watch);
    return Optional.of(watch);
  }

  @Override
  public void streams(NodeId standby) {
    audit.streams(standby.name());
    writes.starts(standby.name());
  }

  @Override
  public void sends(
      NodeId sender,
      long timeNanos,
      Lsn end,
      OptionalInt timeline,
      DataDirectory durable,
      DataDirectory cached,
      boolean isSound) {
    keep(new Message(timeNanos, sender.name(), end, Optional.empty(), Optional.empty()));
    if (isSound && timeline.isPresent()) {
      audit.sends(sender.name(), timeNanos, timeline.getAsInt(), end, durable, cached);
    }
  }

  private void keep(Message message) {
    if (messages.size() < MESSAGES_MAX) {
      messages.add(message);
    }
  }

  @Override
  public void commits(NodeId primary, long timeNanos, List<Xid> xids, Lsn end, Lsn flushed) {
    writes.commits(primary.name(), timeNanos, xids, end, flushed);
  }

  @Override
  public void writes(
      NodeId primary, long timeNanos, String path, long offset, byte[] page, Lsn flushed) {
    writes.writes(primary.name(), timeNanos, path, offset, page, flushed);
  }

  @Override
  public void hints(NodeId primary, long timeNanos, Xid xid, Lsn page, Lsn flushed) {
    writes.hints(primary.name(), timeNanos, xid, page, flushed);
  }

  @Override
  public void reports(StandbyReplies.Reply reply) {
    audit.reports(
        reply.standby().name(),
        reply.timeline(),
        reply.timeNanos(),
        reply.written(),
        reply.flushed(),
        reply.applied());
  }

  @Override
  public void replies(StandbyReplies.Reply reply) {
    keep(
        new Message(
            reply.timeNanos(),
            reply.standby().name(),
            reply.written(),
            Optional.of(reply.flushed()),
            Optional.of(reply.applied())));
    audit.replies(
        new ReplyAudit.Reply(
            reply.standby().name(),
            reply.timeNanos(),
            reply.timeline(),
            reply.written(),
            reply.flushed(),
            reply.applied(),
            reply.replayed(),
            reply.durable(),
            reply.cached()));
  }

  /** Times count from now on. */
  void loadBegins() {
    startNanos = replies.nowNanos();
    messages.clear();
  }

  /**
   * @param events of the run
   */
  ReplyReport report(List<Event<UntypedCall>> events) {
    return audit.report(events, startNanos).withUnflushed(writes.early(startNanos));
  }

  /** Since the start of the load; their texts are made when they are asked for. */
  List<ReplicationMessage> messages() {
    return new AbstractList<>() {
      @Override
      public ReplicationMessage get(int index) {
        Message each = messages.get(index);
        return new ReplicationMessage(each.timeNanos - startNanos, each.node, each.text());
      }

      @Override
      public int size() {
        return messages.size();
      }
    };
  }
}
