package phaistos.cluster.machine;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.function.Supplier;

/**
 * Acts in which microseconds count, on a machine that has other work: the calling thread gets the
 * highest priority meanwhile, where it may (root only).
 */
@SuppressWarnings("restricted") // the launcher allows native access
public final class Urgency {
  private static final int PRIO_PROCESS = 0;
  private static final int HIGHEST = -20;
  private static final int NORMAL = 0;

  /** On Linux the id 0 is the calling thread. */
  private static final MethodHandle SET_PRIORITY =
      Linker.nativeLinker()
          .downcallHandle(
              Linker.nativeLinker().defaultLookup().findOrThrow("setpriority"),
              FunctionDescriptor.of(
                  ValueLayout.JAVA_INT,
                  ValueLayout.JAVA_INT,
                  ValueLayout.JAVA_INT,
                  ValueLayout.JAVA_INT));

  private Urgency() {}

  /** The act must not wait for anything, or a virtual thread might go on elsewhere. */
  public static <T> T during(Supplier<T> act) {
    set(HIGHEST);
    try {
      return act.get();
    } finally {
      set(NORMAL);
    }
  }

  private static void set(int priority) {
    try {
      int _ = (int) SET_PRIORITY.invokeExact(PRIO_PROCESS, 0, priority);
    } catch (Throwable e) {
      throw new IllegalStateException("setpriority(2) cannot be called", e);
    }
  }
}
