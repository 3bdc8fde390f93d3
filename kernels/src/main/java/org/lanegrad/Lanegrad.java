package org.lanegrad;

import org.lanegrad.simd.Simd;

/** What this JVM lets the kernels use: for logs, reports and bug reports. */
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
}
