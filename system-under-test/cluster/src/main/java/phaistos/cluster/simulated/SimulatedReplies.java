package phaistos.cluster.simulated;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.LongSupplier;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.StandbyReplies;
import phaistos.formats.Lsn;
import phaistos.formats.Xid;
import phaistos.server.Server;
import phaistos.server.steps.Act;
import phaistos.server.steps.Action;
import phaistos.server.steps.CommitSteps;
import phaistos.server.steps.HintBit;
import phaistos.server.steps.PageWrite;
import phaistos.server.steps.ReplicationSteps;
import phaistos.server.steps.StandbyReply;
import phaistos.server.steps.StorageSteps;
import phaistos.simulator.SimulatedDisk;
import phaistos.simulator.SimulatedMachine;

/** The replies of the standbys of a simulated cluster. */
final class SimulatedReplies implements StandbyReplies {
  private final LongSupplier nowNanos;
  private final int walSegmentSize;
  private final List<Listener> listeners = new ArrayList<>();

  SimulatedReplies(LongSupplier nowNanos, int walSegmentSize) {
    this.nowNanos = nowNanos;
    this.walSegmentSize = walSegmentSize;
  }

  @Override
  public void listen(Listener listener) {
    listeners.add(listener);
  }

  @Override
  public long nowNanos() {
    return nowNanos.getAsLong();
  }

  @Override
  public int walSegmentSize() {
    return walSegmentSize;
  }

  /** A node's server has started. */
  void started(NodeId node, SimulatedMachine machine, Server server) {
    if (listeners.isEmpty()) {
      return;
    }
    SimulatedDisk disk = machine.disk();
    ViewDirectory durable = new ViewDirectory(disk.view(false), node + ", without unsynced writes");
    ViewDirectory cached = new ViewDirectory(disk.view(true), node + ", as it is");
    listeners.forEach(listener -> listener.streams(node));
    server
        .steps()
        .attach(
            ReplicationSteps.RECEIVER_START,
            (Lsn _, Act<Lsn, Exception> act) -> {
              listeners.forEach(listener -> listener.streams(node));
              return act.run();
            });
    server
        .steps()
        .attach(
            ReplicationSteps.WAL_SENDER_SEND,
            (Lsn end, Act<Void, Exception> act) -> {
              long now = nowNanos.getAsLong();
              OptionalInt timeline = server.writesTimeline();
              boolean isSound = disk.isSound();
              listeners.forEach(
                  each -> each.sends(node, now, end, timeline, durable, cached, isSound));
              return act.run();
            });
    server
        .steps()
        .attach(
            ReplicationSteps.STANDBY_REPLY,
            (StandbyReply reply, Act<Void, Exception> act) -> {
              Reply told =
                  new Reply(
                      node,
                      nowNanos.getAsLong(),
                      reply.timeline(),
                      reply.written(),
                      reply.flushed(),
                      reply.applied(),
                      server.replayed(),
                      durable,
                      cached);
              listeners.forEach(listener -> listener.reports(told));
              if (disk.isSound()) {
                listeners.forEach(listener -> listener.replies(told));
              }
              return act.run();
            });
    watchWrites(node, disk, server);
  }

  private void watchWrites(NodeId node, SimulatedDisk disk, Server server) {
    Map<Xid, List<Xid>> subxids = new HashMap<>();
    server
        .steps()
        .attach(
            CommitSteps.COMMIT_SUBXIDS,
            (Xid xid, Act<List<Xid>, Exception> act) -> {
              List<Xid> own = act.run();
              subxids.put(xid, own);
              return own;
            });
    server
        .steps()
        .attach(
            CommitSteps.COMMIT_RECORD,
            (Xid xid, Act<Lsn, Exception> act) -> {
              Lsn end = act.run();
              List<Xid> xids = new ArrayList<>(List.of(xid));
              Optional.ofNullable(subxids.remove(xid)).ifPresent(xids::addAll);
              if (disk.isSound()) {
                tell(server, (to, now, flushed) -> to.commits(node, now, xids, end, flushed));
              }
              return end;
            });
    server
        .steps()
        .attach(
            StorageSteps.HINT_BIT_SET,
            (HintBit hint, Act<Void, Exception> act) -> {
              if (hint.xid().isNormal()) {
                tell(
                    server,
                    (to, now, flushed) -> to.hints(node, now, hint.xid(), hint.page(), flushed));
              }
              return act.run();
            });
    Action<PageWrite, Void> write =
        (page, act) -> {
          if (disk.isSound()) {
            tell(
                server,
                (to, now, flushed) ->
                    to.writes(node, now, page.path(), page.offset(), page.page(), flushed));
          }
          return act.run();
        };
    server.steps().attach(StorageSteps.BUFFER_WRITE, write);
    server.steps().attach(CommitSteps.SLRU_WRITE, write);
  }

  private interface Telling {
    void to(Listener listener, long nowNanos, Lsn flushed);
  }

  /** Tells of what a primary does; nobody else flushes its own WAL. */
  private void tell(Server server, Telling what) {
    Optional<Lsn> flushed = server.flushed();
    if (flushed.isPresent()) {
      long now = nowNanos.getAsLong();
      listeners.forEach(each -> what.to(each, now, flushed.get()));
    }
  }
}
