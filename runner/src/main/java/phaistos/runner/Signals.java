package phaistos.runner;

import java.lang.reflect.Proxy;
import java.util.function.Consumer;

/**
 * Handles SIGINT, SIGTERM and SIGHUP instead of ending the JVM. Uses reflection: the JDK's only
 * interface is sun.misc, for which the compiler warns.
 */
final class Signals {
  private Signals() {}

  /**
   * Registers a handler. It is called on a separate thread with the signal's name ("INT"), once for
   * each signal. Signals that were ignored at the start, such as SIGHUP under nohup, stay ignored.
   */
  static void handle(Consumer<String> handler) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> type = Class.forName("sun.misc.SignalHandler");
      for (String name : new String[] {"INT", "TERM", "HUP"}) {
        Object proxy =
            Proxy.newProxyInstance(
                Signals.class.getClassLoader(),
                new Class<?>[] {type},
                (self, method, arguments) ->
                    switch (method.getName()) {
                      case "handle" -> {
                        handler.accept(name);
                        yield null;
                      }
                      case "equals" -> self == arguments[0];
                      case "hashCode" -> System.identityHashCode(self);
                      default -> "handler of SIG" + name;
                    });
        Object number = signal.getConstructor(String.class).newInstance(name);
        signal.getMethod("handle", signal, type).invoke(null, number, proxy);
      }
    } catch (ReflectiveOperationException e) {
      // The JVM lacks these classes, or the system lacks the signal: the default action stays.
      System.err.println("phaistos: signals end the run without a verdict: " + e);
    }
  }
}
