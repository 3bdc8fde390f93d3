package org.lanegrad.verification.jit;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;

/**
 * The time that this thread has run, where the system counts it finely, and the time on the wall
 * where it does not (Windows counts in ticks of 16 ms). On a machine with more to run than cores a
 * thread is put aside for several milliseconds at a time, which says nothing about what it runs.
 */
public final class ThreadTime {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final long FINE_NANOS = 10_000;
  private static final boolean IS_FINE = isFine();

  private ThreadTime() {}

  private static boolean isFine() {
    if (!THREADS.isCurrentThreadCpuTimeSupported()) {
      return false;
    }
    THREADS.setThreadCpuTimeEnabled(true);
    long before = THREADS.getCurrentThreadCpuTime();
    long step = 0;
    for (int i = 0; i < 100 && step == 0; i++) {
      step = THREADS.getCurrentThreadCpuTime() - before;
    }
    return step > 0 && step < FINE_NANOS;
  }

  /** Nanoseconds; only differences mean something. Asking takes some 300 ns. */
  public static long nanos() {
    return IS_FINE ? THREADS.getCurrentThreadCpuTime() : System.nanoTime();
  }
}
