package phaistos.cluster.machine;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Locale;

/**
 * A signal to a process of this machine, sent by kill(2) itself: within microseconds, where
 * starting the command {@code kill} takes milliseconds.
 */
@SuppressWarnings("restricted") // the launcher allows native access
public enum Signal {
  HUP(1, 1),
  INT(2, 2),
  QUIT(3, 3),
  KILL(9, 9),
  TERM(15, 15),
  STOP(19, 17),
  CONT(18, 19);

  private static final boolean IS_LINUX =
      System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("linux");

  private static final MethodHandle KILL_CALL =
      Linker.nativeLinker()
          .downcallHandle(
              Linker.nativeLinker().defaultLookup().findOrThrow("kill"),
              FunctionDescriptor.of(
                  ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

  private final int onLinux;
  private final int elsewhere;

  Signal(int onLinux, int elsewhere) {
    this.onLinux = onLinux;
    this.elsewhere = elsewhere;
  }

  /** Returns false if there is no such process, or it belongs to another user. */
  public boolean send(long pid) {
    if (pid <= 1) {
      // 0 and negative numbers mean groups of processes
      throw new IllegalArgumentException("pid=" + pid);
    }
    try {
      return (int) KILL_CALL.invokeExact((int) pid, IS_LINUX ? onLinux : elsewhere) == 0;
    } catch (Throwable e) {
      throw new IllegalStateException("kill(2) cannot be called", e);
    }
  }
}
