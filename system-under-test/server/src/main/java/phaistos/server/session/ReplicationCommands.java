package phaistos.server.session;

import java.io.IOException;
import phaistos.environment.Network;
import phaistos.formats.PgTime;
import phaistos.server.errors.PgError;
import phaistos.server.replication.ReplicationCommand;
import phaistos.server.replication.ReplicationReplies;
import phaistos.server.replication.WalSender;
import phaistos.server.replication.WalSenderSlot;
import phaistos.server.settings.Parameters;
import phaistos.server.settings.Settings;
import phaistos.server.wire.MessageReader;

/** The commands of a replication connection. */
final class ReplicationCommands {
  private final Session session;
  private final SessionParts parts;
  private final Network.Connection connection;
  private final MessageReader in;

  ReplicationCommands(Session session, Network.Connection connection, MessageReader in) {
    this.session = session;
    this.parts = session.parts();
    this.connection = connection;
    this.in = in;
  }

  /** Answers whether the connection goes on. */
  boolean run(ReplicationCommand command) throws IOException {
    switch (command) {
      case ReplicationCommand.IdentifySystem _ ->
          ReplicationReplies.identifySystem(session.out(), parts.replication());
      case ReplicationCommand.TimelineHistory history ->
          ReplicationReplies.timelineHistory(
              session.out(), parts.replication(), history.timeline());
      case ReplicationCommand.Show show -> {
        var parameter = Parameters.named(show.name());
        String value = session.settings().get(parameter.name());
        ReplicationReplies.show(session.out(), parameter.name(), parameter.shown(value));
      }
      case ReplicationCommand.StartReplication start -> {
        return stream(start);
      }
    }
    return true;
  }

  private boolean stream(ReplicationCommand.StartReplication start) throws IOException {
    if (start.slot().isPresent()) {
      throw PgError.error(
          "42704", "replication slot \"%s\" does not exist".formatted(start.slot().get()));
    }
    Settings settings = session.settings();
    if (parts.syncRep().walSenderCount() >= settings.number("max_wal_senders")) {
      throw PgError.fatal(
          "53300",
          "number of requested standby connections exceeds max_wal_senders (currently %d)"
              .formatted(settings.number("max_wal_senders")));
    }
    WalSenderSlot slot =
        new WalSenderSlot(
            session.pid(),
            session.user(),
            settings.get("application_name"),
            connection.remote(),
            PgTime.instant(session.activity().startedAt()),
            session::terminate);
    parts.syncRep().add(slot);
    try {
      WalSender sender =
          new WalSender(
              parts.server().environment(),
              parts.replication(),
              parts.syncRep(),
              slot,
              connection,
              in,
              session.out(),
              () -> session.settings().nanos("wal_sender_timeout"),
              parts.server().log()::log,
              parts.server().steps());
      session.input().streams(sender::terminate);
      if (!sender.stream(start.start(), start.timeline())) {
        return false;
      }
      session.out().commandComplete("START_REPLICATION");
      return true;
    } finally {
      session.input().streams(null);
      parts.syncRep().remove(slot);
    }
  }
}
