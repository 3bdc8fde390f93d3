package org.lanegrad.normalization;

import org.lanegrad.Matrix;
import org.lanegrad.simd.FloatLanes;

/**
 * Where rows that are shorter than a vector are loaded from and stored to, without masks: those
 * cost a kernel thousands of C2's nodes, and were boxed in some orders of warm-up (ADR 13).
 *
 * <p>A row is loaded as a whole vector where it lies, with whatever follows it; where nothing does,
 * at the end of its array, it is staged. A result is stored as a whole vector if the next row of
 * the same pass is going to overwrite what is too much, and staged if not.
 */
final class NarrowRows {
  private static final int L = FloatLanes.COUNT;

  /** Staging areas of a thread, each of one vector. */
  private static final ThreadLocal<float[]> STAGE = ThreadLocal.withInitial(() -> new float[3 * L]);

  private NarrowRows() {}

  /** The calling thread's three staging areas, at 0, L and 2·L. */
  static float[] stage() {
    return STAGE.get();
  }

  /**
   * The array that n elements of {@code a} can be loaded from as a whole vector: {@code a} itself,
   * or the stage, with a copy of them at {@code slot}.
   */
  static float[] source(float[] a, int from, int n, float[] stage, int slot) {
    if (from <= a.length - L) {
      return a;
    }
    if (n > 0) {
      System.arraycopy(a, from, stage, slot, n);
    }
    return stage;
  }

  /** Stores the n elements that were staged at {@code slot}. */
  static void unstage(float[] stage, int slot, float[] out, int to, int n) {
    if (n > 0) {
      System.arraycopy(stage, slot, out, to, n);
    }
  }

  /**
   * The end of the elements of y that may be overwritten: none, unless its rows touch each other
   * and none of the inputs, which are read later, lies in the same array.
   */
  static int end(Matrix y, float[] input, float[] other) {
    boolean free = y.rowStep() == y.columns() && y.array() != input && y.array() != other;
    return free && y.rows() > 0 ? y.index(y.rows() - 1, 0) + y.columns() : 0;
  }
}
