package phaistos.simulator;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.Executor;

/**
 * Two features of the JDK that the simulator needs and that are not in its public interface: a
 * virtual thread with a scheduler of our own, and the platform thread that carries the running one.
 * Found by reflection; checked on JDK 25.
 */
final class VirtualThreads {
  private static final String ADVICE =
      "the simulator needs a JDK 25 whose java.lang.ThreadBuilders$VirtualThreadBuilder takes an"
          + " Executor, and the option --add-opens=java.base/java.lang=ALL-UNNAMED; this is "
          + Runtime.version();

  private static final MethodHandle NEW_BUILDER;
  private static final MethodHandle CURRENT_CARRIER;
  private static final Throwable MISSING;

  static {
    MethodHandle builder = null;
    MethodHandle carrier = null;
    Throwable missing = null;
    try {
      var constructor =
          Class.forName("java.lang.ThreadBuilders$VirtualThreadBuilder")
              .getDeclaredConstructor(Executor.class);
      constructor.setAccessible(true);
      builder =
          MethodHandles.lookup()
              .unreflectConstructor(constructor)
              .asType(MethodType.methodType(Thread.Builder.OfVirtual.class, Executor.class));
      var current = Thread.class.getDeclaredMethod("currentCarrierThread");
      current.setAccessible(true);
      carrier = MethodHandles.lookup().unreflect(current);
    } catch (ReflectiveOperationException | RuntimeException failure) {
      missing = failure;
    }
    NEW_BUILDER = builder;
    CURRENT_CARRIER = carrier;
    MISSING = missing;
  }

  private VirtualThreads() {}

  /**
   * @throws UnsupportedOperationException if this JVM cannot run the simulator; says what is
   *     missing
   */
  static void require() {
    if (MISSING != null) {
      throw new UnsupportedOperationException(ADVICE, MISSING);
    }
  }

  static Thread unstarted(Executor scheduler, String name, Runnable body) {
    try {
      Thread.Builder.OfVirtual builder =
          (Thread.Builder.OfVirtual) NEW_BUILDER.invokeExact(scheduler);
      return builder.name(name).inheritInheritableThreadLocals(false).unstarted(body);
    } catch (Throwable failure) {
      throw new IllegalStateException(ADVICE, failure);
    }
  }

  /** The platform thread that runs this code, whether a virtual thread is mounted or not. */
  static Thread currentCarrier() {
    try {
      return (Thread) CURRENT_CARRIER.invokeExact();
    } catch (Throwable failure) {
      throw new IllegalStateException(ADVICE, failure);
    }
  }
}
