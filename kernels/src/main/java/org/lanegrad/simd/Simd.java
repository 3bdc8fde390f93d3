package org.lanegrad.simd;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/**
 * Whether the kernels use vector lanes in this JVM, decided once.
 *
 * <p>Lanes are on when the incubator module is there, the JIT compiles the Vector API to vector
 * instructions, and a fused multiply-add is one of them. Where one of these is missing, each Vector
 * API call allocates or goes through slow library code, and a kernel would run 10 to 26,000 times
 * slower than its scalar loop, so the scalar loop it is. The first kernel to be used logs one line,
 * through {@link System.Logger} {@code org.lanegrad}, that says why and what to add. The system
 * property {@code lanegrad.lanes=off} turns lanes off, {@code lanegrad.lanes=on} insists on them.
 *
 * <p>This class names no vector type, so that it links without the module.
 */
public final class Simd {
  /** The system property that overrides the decision: {@code on} or {@code off}. */
  public static final String PROPERTY = "lanegrad.lanes";

  private static final Jvm JVM = Jvm.here();
  private static final String WHY_OFF = whyOff();

  /** Whether kernels take their vector loops. */
  public static final boolean LANES = WHY_OFF == null;

  /** Whether the scalar loops may use {@link Math#fma(float, float, float)}. */
  static final boolean FMA = JVM.hasFma();

  /**
   * The index in a {@code float[]} that lies a cache line behind the array's header. It starts a
   * line where the collector puts the header at one: G1 does so with arrays of half a region or
   * more.
   */
  public static final int LINE_START = 16 - JVM.arrayHeader() / Float.BYTES;

  static {
    if (!LANES) {
      Logger log = System.getLogger("org.lanegrad");
      log.log(Level.WARNING, "Lanegrad runs its scalar loops: " + WHY_OFF);
    }
  }

  private Simd() {}

  /** The number of floats that one vector holds; 1 when lanes are off. */
  public static int lanes() {
    return LANES ? FloatLanes.COUNT : 1;
  }

  /**
   * Whether the vector loops can run over so many elements: lanes are on, and they fill a vector.
   * Shorter arrays take the scalar loop, whose formula gives the same bits.
   */
  public static boolean fills(int length) {
    return LANES && length >= FloatLanes.COUNT;
  }

  /** This JVM. */
  public static Jvm jvm() {
    return JVM;
  }

  /** Why lanes are off; null when they are on. */
  public static String whyNoLanes() {
    return WHY_OFF;
  }

  /** One phrase for a log or a report: "16 lanes (512 bits)", or why there are none. */
  public static String describe() {
    return LANES
        ? FloatLanes.COUNT + " lanes (" + 32 * FloatLanes.COUNT + " bits)"
        : "scalar: " + WHY_OFF;
  }

  private static String whyOff() {
    String why = JVM.whyNoLanes();
    if (why != null) {
      return why;
    }
    try {
      return FloatLanes.COUNT >= 4
          ? null
          : "this JVM offers no vectors of 128 bits or more (see -XX:MaxVectorSize, -XX:UseSSE)";
    } catch (LinkageError e) {
      // a module layer that brings a vector module of its own, which the JVM does not know
      return "the module jdk.incubator.vector is there but does not work (" + e + ")";
    }
  }
}
