package org.lanegrad.simd;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Σ e^(x − max) of a row, and the exponentials themselves: what softmax, log-softmax and
 * cross-entropy have in common.
 *
 * <p>Added up in halves down to {@link #LEAF} elements, as {@code Reductions} does.
 */
public final class RowExponentials {
  private static final int LEAF = 1024;

  private RowExponentials() {}

  /** The sum; each exponential goes to {@code out} if that is not null. */
  public static float sum(float[] x, int from, int length, float max, float[] out, int to) {
    if (length > LEAF) {
      int half = (length / 2 + LEAF - 1) / LEAF * LEAF;
      return sum(x, from, half, max, out, to)
          + sum(x, from + half, length - half, max, out, to + half);
    }
    return Simd.LANES
        ? Lanes.sum(x, from, length, max, out, to)
        : scalar(x, from, length, max, out, to);
  }

  private static float scalar(float[] x, int from, int length, float max, float[] out, int to) {
    double sum = 0;
    for (int j = 0; j < length; j++) {
      float e = Exp.ofNonPositive(x[from + j] - max);
      if (out != null) {
        out[to + j] = e;
      }
      sum += e;
    }
    return (float) sum;
  }

  private static final class Lanes {
    private static final VectorSpecies<Float> S = FloatLanes.SPECIES;
    private static final int L = FloatLanes.COUNT;

    /**
     * Every vector is masked: one copy of the body, calls in the loop, is what C2 compiles
     * reliably; with a copy for the tail, or the body in a method of its own, it boxed vectors (12
     * times slower).
     */
    static float sum(float[] x, int from, int length, float max, float[] out, int to) {
      FloatVector sum = FloatVector.zero(S);
      for (int j = 0; j < length; j += L) {
        VectorMask<Float> mask = S.indexInRange(j, length);
        FloatVector z = fromArray(S, x, from + j, mask).sub(max);
        z = z.blend(Exp.LOWEST, z.compare(LT, Exp.LOWEST));
        FloatVector t = z.fma(broadcast(S, Exp.LOG2_E), broadcast(S, Exp.ROUND));
        FloatVector n = t.sub(Exp.ROUND);
        FloatVector r = n.fma(broadcast(S, -Exp.LN2_HIGH), z);
        r = n.fma(broadcast(S, -Exp.LN2_LOW), r);
        FloatVector q = r.fma(broadcast(S, Exp.Q5), broadcast(S, Exp.Q4));
        q = q.fma(r, broadcast(S, Exp.Q3));
        q = q.fma(r, broadcast(S, Exp.Q2));
        q = q.fma(r, broadcast(S, Exp.Q1));
        q = q.fma(r, broadcast(S, Exp.Q0));
        q = r.mul(r).fma(q, r);
        FloatVector scale =
            t.reinterpretAsInts().lanewise(LSHL, 23).add(Exp.BIASED_ONE).reinterpretAsFloats();
        FloatVector e = q.add(1f).mul(scale).mul(Exp.UNBIAS);
        if (out != null) {
          e.intoArray(out, to + j, mask);
        }
        sum = sum.add(e, mask);
      }
      for (int step = L / 2; step > 0; step /= 2) {
        sum = sum.add(sum.rearrange(VectorShuffle.iota(S, step, 1, true)));
      }
      return sum.lane(0);
    }
  }
}
