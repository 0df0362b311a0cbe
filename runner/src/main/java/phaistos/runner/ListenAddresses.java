package phaistos.runner;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import phaistos.runner.options.UsageException;
import phaistos.server.settings.Settings;

/**
 * Guards the addresses that a server listens on. It knows no passwords and no TLS, so that an
 * address beyond loopback gives the database to everybody who reaches it.
 */
final class ListenAddresses {
  private ListenAddresses() {}

  /**
   * @throws UsageException if an address is beyond loopback and the user has not said that this is
   *     wanted
   */
  static void check(Settings settings, boolean insecure) {
    List<String> beyond = beyondLoopback(settings);
    if (!insecure && !beyond.isEmpty()) {
      throw new UsageException(
          ("listen_addresses: %s is not a loopback address, and this server has no"
                  + " authentication; give --insecure to listen there all the same, or -c"
                  + " listen_addresses=localhost")
              .formatted(String.join(", ", beyond)));
    }
  }

  /** What the log says where {@link #check} let an address beyond loopback pass. */
  static Optional<String> warning(Settings settings) {
    List<String> beyond = beyondLoopback(settings);
    return beyond.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "listening on %s without authentication: whoever reaches the port is a superuser"
                .formatted(String.join(", ", beyond)));
  }

  private static List<String> beyondLoopback(Settings settings) {
    List<String> beyond = new ArrayList<>();
    for (String host : settings.list("listen_addresses")) {
      if (!isLoopback(host)) {
        beyond.add(host);
      }
    }
    return beyond;
  }

  /** A name that cannot be resolved cannot be listened on either; the start reports it. */
  private static boolean isLoopback(String host) {
    if (host.equals("*")) {
      return false;
    }
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return true;
    }
  }
}
