package phaistos.cluster.simulated;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.LongSupplier;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.StandbyReplies;
import phaistos.formats.Lsn;
import phaistos.server.Server;
import phaistos.server.steps.Act;
import phaistos.server.steps.ReplicationSteps;
import phaistos.server.steps.StandbyReply;
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
  }
}
