package org.lanegrad.simd;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.VectorOperators.LE;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.MAX;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * Σ e^(x − max) of a row, and the exponentials themselves: for cross-entropy and, where there are
 * no lanes, softmax and log-softmax.
 *
 * <p>An exponential below the normal numbers counts as 0. Added up in leaves of {@link #LEAF}
 * elements and these in double, as {@code Reductions} does.
 */
public final class RowExponentials {
  private static final int LEAF = 1024;

  private RowExponentials() {}

  /** The sum; each exponential goes to {@code out} if that is not null. */
  public static float sum(float[] x, int from, int length, float max, float[] out, int to) {
    double sum = 0;
    int done = 0;
    for (int count; Simd.fills(length - done); done += count) {
      count = Math.min(LEAF, length - done);
      sum += Lanes.sum(x, from + done, count, max, out, to + done);
    }
    for (; done < length; done++) {
      float e = Exp.normal(x[from + done] - max);
      if (out != null) {
        out[to + done] = e;
      }
      sum += e;
    }
    return (float) sum;
  }

  /**
   * The largest number of a row, −Inf if there is none; NaN is passed over, the sum is NaN then.
   */
  public static float max(float[] x, int from, int length) {
    if (Simd.fills(length)) {
      return Lanes.max(x, from, length);
    }
    float max = Float.NEGATIVE_INFINITY;
    for (int j = from; j < from + length; j++) {
      max = x[j] > max ? x[j] : max;
    }
    return max;
  }

  private static final class Lanes {
    private static final VectorSpecies<Float> S = FloatLanes.SPECIES;
    private static final int L = FloatLanes.COUNT;

    static float max(float[] x, int from, int length) {
      FloatVector m0 = broadcast(S, Float.NEGATIVE_INFINITY);
      FloatVector m1 = m0;
      FloatVector m2 = m0;
      FloatVector m3 = m0;
      int j = 0;
      for (int end = length & -4 * L; j < end; j += 4 * L) {
        FloatVector x0 = fromArray(S, x, from + j);
        FloatVector x1 = fromArray(S, x, from + j + L);
        FloatVector x2 = fromArray(S, x, from + j + 2 * L);
        FloatVector x3 = fromArray(S, x, from + j + 3 * L);
        m0 = x0.blend(m0, x0.compare(LE, m0));
        m1 = x1.blend(m1, x1.compare(LE, m1));
        m2 = x2.blend(m2, x2.compare(LE, m2));
        m3 = x3.blend(m3, x3.compare(LE, m3));
      }
      for (int last = length - L; j < last; j += L) {
        FloatVector v = fromArray(S, x, from + j);
        m0 = v.blend(m0, v.compare(LE, m0));
      }
      FloatVector v = fromArray(S, x, from + length - L);
      m1 = v.blend(m1, v.compare(LE, m1));
      m0 = m1.blend(m0, m1.compare(LE, m0));
      m2 = FloatLanes.VECTOR.cast(m2);
      m2 = m2.blend(m3, m2.compare(LE, m3));
      return m2.blend(m0, m2.compare(LE, m0)).reduceLanes(MAX);
    }

    /**
     * Too long to be inlined (over 325 bytes), so that its sum is not boxed in a kernel (ADR 13).
     */
    static float sum(float[] x, int from, int length, float max, float[] out, int to) {
      FloatVector sum = FloatVector.zero(S);
      int last = length - L;
      FloatVector lastX = fromArray(S, x, from + last);
      VectorMask<Float> counted =
          fromArray(S, FloatLanes.NUMBERS, 0).compare(LT, (float) (-length & L - 1));
      for (int pass = 0; pass < 2; pass++) {
        int start = pass == 0 ? 0 : last;
        int count = pass == 0 ? last : L;
        for (int j = 0; j < count; j += L) {
          int i = start + j;
          FloatVector z = (pass == 0 ? fromArray(S, x, from + i) : lastX).sub(max);
          FloatVector t = z.fma(broadcast(S, Exp.LOG2_E), broadcast(S, Exp.ROUND_BIASED));
          FloatVector n = t.sub(Exp.ROUND_BIASED);
          FloatVector r = n.fma(broadcast(S, -Exp.LN2), z);
          FloatVector q = r.fma(broadcast(S, Exp.Q4), broadcast(S, Exp.Q3));
          q = q.fma(r, broadcast(S, Exp.Q2));
          q = q.fma(r, broadcast(S, Exp.Q1));
          q = q.fma(r, broadcast(S, Exp.Q0));
          q = r.mul(r).fma(q, r);
          FloatVector power = t.reinterpretAsInts().lanewise(LSHL, 23).reinterpretAsFloats();
          FloatVector e = q.fma(power, power).blend(0f, z.compare(LT, Exp.LOWEST_NORMAL));
          if (out != null) {
            e.intoArray(out, to + i);
          }
          sum = sum.add(pass == 0 ? e : e.blend(0f, counted));
        }
      }
      sum = FloatLanes.VECTOR.cast(sum);
      sum = L > 8 ? sum.add(sum.rearrange(FloatLanes.ROTATED_8)) : sum;
      sum = L > 4 ? sum.add(sum.rearrange(FloatLanes.ROTATED_4)) : sum;
      return sum.lane(0) + sum.lane(2) + (sum.lane(1) + sum.lane(3));
    }
  }
}
