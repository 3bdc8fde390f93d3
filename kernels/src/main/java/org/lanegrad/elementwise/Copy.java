package org.lanegrad.elementwise;

import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.check.Check;
import org.lanegrad.simd.FloatLanes;
import org.lanegrad.simd.Simd;
import org.lanegrad.simd.Stores;

/**
 * y₁ = x and y₂ = x, a fan-out; dx = dy₁ + dy₂: gradients sum where a value has two readers.
 *
 * <p>More readers are copies of copies. <b>Cost</b>: 12 bytes an element each way.
 */
public final class Copy {
  private Copy() {}

  /** p = x, q = x. */
  public static void forward(
      float[] x, int xFrom, float[] p, int pFrom, float[] q, int qFrom, int length) {
    Check.range("x", x, xFrom, length);
    Check.range("p", p, pFrom, length);
    Check.range("q", q, qFrom, length);
    Check.sameOrSeparate("p", p, pFrom, "x", x, xFrom, length);
    Check.sameOrSeparate("q", q, qFrom, "x", x, xFrom, length);
    Check.separate("p", p, pFrom, "q", q, qFrom, length);
    twice(x, xFrom, p, pFrom, q, qFrom, length);
  }

  /** Block by block, one array after the other, see {@link Stores}. */
  static void twice(float[] x, int xFrom, float[] p, int pFrom, float[] q, int qFrom, int length) {
    for (int i = 0, count; i < length; i += count) {
      count = Stores.block(length - i);
      System.arraycopy(x, xFrom + i, p, pFrom + i, count);
      System.arraycopy(x, xFrom + i, q, qFrom + i, count);
    }
  }

  /** dx = dp + dq. */
  public static void backward(
      float[] dp, int dpFrom, float[] dq, int dqFrom, float[] dx, int dxFrom, int length) {
    Check.range("dp", dp, dpFrom, length);
    Check.range("dq", dq, dqFrom, length);
    Check.range("dx", dx, dxFrom, length);
    Check.sameOrSeparate("dx", dx, dxFrom, "dp", dp, dpFrom, length);
    Check.sameOrSeparate("dx", dx, dxFrom, "dq", dq, dqFrom, length);
    if (Simd.fills(length)) {
      Lanes.backward(dp, dpFrom, dq, dqFrom, dx, dxFrom, length);
      return;
    }
    for (int i = 0; i < length; i++) {
      dx[dxFrom + i] = dp[dpFrom + i] + dq[dqFrom + i];
    }
  }

  private static final class Lanes {
    private static final VectorSpecies<Float> S = FloatLanes.SPECIES;
    private static final int L = FloatLanes.COUNT;

    static void backward(
        float[] dp, int dpFrom, float[] dq, int dqFrom, float[] dx, int dxFrom, int length) {
      int last = length - L;
      FloatVector lastDp = fromArray(S, dp, dpFrom + last);
      FloatVector lastDq = fromArray(S, dq, dqFrom + last);
      for (int pass = 0; pass < 2; pass++) {
        int start = pass == 0 ? 0 : last;
        int count = pass == 0 ? last : L;
        for (int j = 0; j < count; j += L) {
          int i = start + j;
          FloatVector dp0 = pass == 0 ? fromArray(S, dp, dpFrom + i) : lastDp;
          FloatVector dq0 = pass == 0 ? fromArray(S, dq, dqFrom + i) : lastDq;
          dp0.add(dq0).intoArray(dx, dxFrom + i);
        }
      }
    }
  }
}
