package phaistos.harness.run;

import java.util.Optional;
import phaistos.checker.replication.ReplyAudit;
import phaistos.checker.replication.ReplyReport;
import phaistos.cluster.Cluster;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.StandbyReplies;

/** Lets the audit see every reply of a cluster's standbys. */
final class ReplyWatch implements StandbyReplies.Listener {
  private final StandbyReplies replies;
  private final ReplyAudit audit;
  private long startNanos;

  private ReplyWatch(StandbyReplies replies) {
    this.replies = replies;
    this.audit = new ReplyAudit(replies.walSegmentSize());
  }

  /** Begins before the cluster's start; empty if the cluster does not tell of its replies. */
  static Optional<ReplyWatch> over(Cluster cluster) {
    Optional<StandbyReplies> replies = cluster.standbyReplies();
    if (replies.isEmpty()) {
      return Optional.empty();
    }
    ReplyWatch watch = new ReplyWatch(replies.get());
    replies.get().listen(watch);
    return Optional.of(watch);
  }

  @Override
  public void streams(NodeId standby) {
    audit.streams(standby.name());
  }

  @Override
  public void replies(StandbyReplies.Reply reply) {
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
  }

  ReplyReport report() {
    return audit.report().since(startNanos);
  }
}
