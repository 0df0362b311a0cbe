package phaistos.runner;

import java.lang.reflect.Proxy;
import java.util.function.Consumer;

/**
 * What happens on SIGINT, SIGTERM and SIGHUP in place of the end of the JVM. Through reflection:
 * the JDK has no other door to them than sun.misc, which the compiler warns of.
 */
final class Signals {
  private Signals() {}

  /**
   * Has the handler called, by a thread of its own, with the signal's name ("INT") each time one
   * comes. Signals that are ignored from the start, as nohup does with SIGHUP, stay so.
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
      // A JVM without these classes, or a system without the signal: then it ends the run as ever.
      System.err.println("phaistos: signals end the run without a verdict: " + e);
    }
  }
}
