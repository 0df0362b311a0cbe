package phaistos.server;

import java.io.IOException;
import java.net.BindException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import phaistos.environment.Network;
import phaistos.server.errors.StartupException;
import phaistos.server.settings.Settings;

/** The addresses and Unix sockets on which a server takes connections. */
final class Listeners {
  private final List<Network.Listener> all = new ArrayList<>();

  /**
   * Listens on listen_addresses and in unix_socket_directories.
   *
   * @throws StartupException if it cannot listen everywhere, or has nowhere to
   */
  static Listeners open(Network network, Settings settings) throws IOException {
    Listeners listeners = new Listeners();
    try {
      listeners.listen(network, settings);
    } catch (IOException | StartupException e) {
      listeners.close();
      throw e;
    }
    return listeners;
  }

  private void listen(Network network, Settings settings) throws IOException {
    int port = (int) settings.number("port");
    for (String host : settings.list("listen_addresses")) {
      Network.Address address = new Network.Address(host.equals("*") ? "0.0.0.0" : host, port);
      Network.Listener listener = listen(network, address);
      all.add(listener);
      // with port 0 the kernel picks one, the same for all
      port = listener.address().port();
    }
    for (String directory : settings.list("unix_socket_directories")) {
      int mode = (int) settings.number("unix_socket_permissions");
      try {
        all.add(network.listenLocally(directory, port, mode));
      } catch (IOException e) {
        String reason = e.getMessage() == null ? e.toString() : e.getMessage();
        throw new StartupException(
            "could not create Unix socket \"%s/.s.PGSQL.%d\": %s"
                .formatted(directory, port, reason),
            e);
      }
    }
    if (all.isEmpty()) {
      throw new StartupException("listen_addresses and unix_socket_directories are both empty");
    }
  }

  private static Network.Listener listen(Network network, Network.Address address)
      throws IOException {
    try {
      return network.listen(address);
    } catch (BindException e) {
      boolean used = e.getMessage().contains("in use");
      throw new StartupException(
          "could not bind to \"%s\" port %d: %s%s"
              .formatted(
                  address.host(),
                  address.port(),
                  e.getMessage(),
                  used ? " (is another server running there?)" : ""),
          e);
    } catch (UnknownHostException e) {
      throw new StartupException(
          "could not translate host name \"%s\" to an address".formatted(address.host()), e);
    }
  }

  List<Network.Listener> all() {
    return all;
  }

  /** The first: an address if there is one. */
  Network.Address address() {
    return all.getFirst().address();
  }

  void close() {
    for (Network.Listener listener : all) {
      try {
        listener.close();
      } catch (IOException e) {
        // a failed close changes nothing: the socket is not used again
      }
    }
  }
}
