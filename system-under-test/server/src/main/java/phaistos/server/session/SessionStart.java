package phaistos.server.session;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import phaistos.environment.Network;
import phaistos.server.backends.Backends;
import phaistos.server.errors.PgError;
import phaistos.server.wire.MessageReader;

/** The packets of a connection before its session is known (ProcessStartupPacket). */
final class SessionStart {
  private final Backends backends;
  private final Network.Connection connection;
  private final MessageReader in;
  private boolean oldProtocol;

  SessionStart(Backends backends, Network.Connection connection, MessageReader in) {
    this.backends = backends;
    this.connection = connection;
    this.in = in;
  }

  /** Whether the client uses protocol 2, so that errors must have that form. */
  boolean isOldProtocol() {
    return oldProtocol;
  }

  /** The client's startup packet; empty after a cancel request, which is handled here. */
  Optional<StartupPacket.Start> read() throws IOException {
    while (true) {
      ByteBuffer packet = in.startup();
      oldProtocol = packet.getInt(0) >>> 16 < 3;
      switch (StartupPacket.parse(packet)) {
        case StartupPacket.Encryption encryption -> refuse(encryption);
        case StartupPacket.Cancel cancel -> {
          backends
              .find(cancel.pid())
              .filter(backend -> backend.secretKey() == cancel.key())
              .ifPresent(Backends.Backend::cancel);
          return Optional.empty();
        }
        case StartupPacket.Start start -> {
          return Optional.of(start);
        }
      }
    }
  }

  private void refuse(StartupPacket.Encryption encryption) throws IOException {
    connection.write(new byte[] {'N'}, 0, 1);
    if (in.hasMore()) {
      throw new PgError(
          PgError.Severity.FATAL,
          "08P01",
          "received unencrypted data after %s request".formatted(encryption.kind()),
          "This could be either a client-software bug or evidence of an attempted"
              + " man-in-the-middle attack.",
          "");
    }
  }
}
