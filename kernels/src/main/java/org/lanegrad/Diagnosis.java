package org.lanegrad;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Locale;
import org.lanegrad.reduction.Reductions;
import org.lanegrad.simd.Jvm;
import org.lanegrad.simd.Simd;

/**
 * What the kernels found in this JVM, and whether a kernel keeps what they promise here.
 *
 * @param lanes the floats in a vector, 1 where lanes are off
 * @param whyNoLanes why they are off, null where they are on
 * @param fma whether a fused multiply-add is one instruction
 * @param jit which compiler makes the machine code, and the JVM's name and version
 * @param vectorModule whether {@code jdk.incubator.vector} is there
 * @param arrayHeader the bytes before the first element of an array
 * @param nanosAnElement what a dot product of 4,096 elements takes an element, once it is compiled
 * @param plainNanosAnElement what the same sum takes as a plain loop
 * @param bytesACall what the dot product allocates a call, once it is compiled
 */
public record Diagnosis(
    int lanes,
    String whyNoLanes,
    boolean fma,
    String jit,
    boolean vectorModule,
    int arrayHeader,
    double nanosAnElement,
    double plainNanosAnElement,
    long bytesACall) {
  private static final int LENGTH = 4096;
  private static final int CALLS = 400;
  private static final long PATIENCE_NANOS = 3_000_000_000L;

  /** Keeps the compiler from dropping sums that nobody reads. */
  @SuppressWarnings("unused")
  private static volatile float keep;

  /**
   * Whether the kernel that was tried is at least as fast as a plain loop and allocates nothing. A
   * JVM whose JIT does not know vectors is 10 times slower than a plain loop and more.
   */
  public boolean isHealthy() {
    return bytesACall == 0 && nanosAnElement <= 1.5 * plainNanosAnElement;
  }

  static Diagnosis make() {
    Jvm jvm = Simd.jvm();
    float[] a = new float[LENGTH];
    float[] b = new float[LENGTH];
    for (int i = 0; i < LENGTH; i++) {
      a[i] = i % 7;
      b[i] = i % 5 - 2;
    }
    ThreadMXBean threads = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);
    threads.setThreadAllocatedMemoryEnabled(true);
    float sink = 0;
    double ours = Double.MAX_VALUE;
    double plain = Double.MAX_VALUE;
    long bytes = Long.MAX_VALUE;
    long start = System.nanoTime();
    // until it is compiled, and then a little longer: the least of all rounds counts
    for (int quiet = 0; quiet < 20 && System.nanoTime() - start < PATIENCE_NANOS; ) {
      long before = threads.getCurrentThreadAllocatedBytes();
      long t0 = System.nanoTime();
      for (int i = 0; i < CALLS; i++) {
        sink += Reductions.dot(a, 0, b, 0, LENGTH);
      }
      long t1 = System.nanoTime();
      bytes = Math.min(bytes, (threads.getCurrentThreadAllocatedBytes() - before) / CALLS);
      for (int i = 0; i < CALLS; i++) {
        sink += plainDot(a, b);
      }
      long t2 = System.nanoTime();
      ours = Math.min(ours, (t1 - t0) / ((double) CALLS * LENGTH));
      plain = Math.min(plain, (t2 - t1) / ((double) CALLS * LENGTH));
      quiet = bytes == 0 ? quiet + 1 : 0;
    }
    keep = sink;
    return new Diagnosis(
        Simd.lanes(),
        Simd.whyNoLanes(),
        jvm.hasFma(),
        jvm.jit(),
        jvm.vectorModule(),
        jvm.arrayHeader(),
        ours,
        plain,
        bytes);
  }

  private static float plainDot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return (float) sum;
  }

  /** A line each: fit for a log at the start of a service. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        """
        lanes            %s
        fused multiply   %s
        compiler         %s
        vector module    %s
        array header     %d bytes
        self-check       %s: a dot product takes %.3f ns an element (a plain loop %.3f) and allocates %d bytes""",
        lanes == 1 ? "off: " + whyNoLanes : Simd.describe(),
        fma ? "one instruction" : "none, emulated in double",
        jit,
        vectorModule ? "there" : "missing",
        arrayHeader,
        isHealthy() ? "healthy" : "NOT HEALTHY",
        nanosAnElement,
        plainNanosAnElement,
        bytesACall);
  }
}
