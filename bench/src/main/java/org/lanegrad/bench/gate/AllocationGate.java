package org.lanegrad.bench.gate;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/**
 * How many bytes a call allocates in steady state: the thread's own counter before and after many
 * calls. Until the JIT has compiled a kernel its vectors are objects, so the counter is read again
 * and again until it stands still, or time is up.
 */
public final class AllocationGate {
  private static final int CALLS = 200;
  private static final long PATIENCE_NANOS = 8_000_000_000L;

  private AllocationGate() {}

  /** Bytes a call, the least of all rounds. */
  public static long bytesPerCall(Runnable call) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long start = System.nanoTime();
    long least = Long.MAX_VALUE;
    while (least > 0 && System.nanoTime() - start < PATIENCE_NANOS) {
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < CALLS; i++) {
        call.run();
      }
      least = Math.min(least, (threads.getCurrentThreadAllocatedBytes() - before) / CALLS);
    }
    return least;
  }
}
