package org.lanegrad;

import java.time.Duration;
import org.lanegrad.simd.Simd;

/** What this JVM lets the kernels use, and how to get it to full speed. */
public final class Lanegrad {
  private Lanegrad() {}

  /** The number of floats in a vector: 16, 8 or 4, or 1 where the scalar loops run. */
  public static int lanes() {
    return Simd.lanes();
  }

  /** One phrase, such as "16 lanes (512 bits)", or "scalar: " and why. */
  public static String describe() {
    return Simd.describe();
  }

  /**
   * Looks at all that bears on speed here, and tries a kernel: is it fast, and does it allocate
   * nothing? For a service's log when it starts, and for bug reports.
   *
   * <p><b>Cost</b>: some 50 ms, and 3 seconds where the answer is no.
   */
  public static Diagnosis diagnose() {
    return Diagnosis.make();
  }

  /**
   * Runs every kernel over short and long arrays, with and without remainders, few and many rows,
   * views and calls in place, NaN, infinities and extremes, until none allocates any more (vectors
   * are objects until C2 has compiled a kernel) and the JIT is idle for nine tenths of a round, or
   * does nothing for 3 seconds, or a minute is over; returns how long that took.
   *
   * <p>Without it, the first call that takes a branch which the JIT has not seen taken (a first
   * NaN, a first row of another length) may throw the kernel's machine code away, and run at a
   * hundredth of its speed for some tenths of a second. A service calls this once, before its first
   * request.
   *
   * <p><b>Cost</b>: as long as C2 takes to compile all kernels: 10 to 17 seconds on a Zen 5 and on
   * a Xeon at 2 GHz, twice that beside busy neighbours, 5 to 8 without lanes; up to ten gigabytes
   * of short-lived objects. It starts no thread.
   */
  public static Duration warmUp() {
    return WarmUp.run();
  }
}
