package org.lanegrad.activation;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.simd.Exp;
import org.lanegrad.simd.FloatLanes;

/**
 * GELU by tanh on vectors of fewer than 16 lanes, as x·σ(z), z = x·(c₁ + c₃·x²), by the
 * exponential.
 *
 * <p>The formulas stand in the loops: called as methods, C2 boxes what they pass.
 */
final class GeluTanhNarrow {
  /** 2·√(2/π). */
  private static final float C1 = 1.5957692f;

  /** 0.044715 · c₁. */
  private static final float C3 = 0.071354814f;

  /** Beyond, σ(z) is 0 or 1 in fp32, and so are the derivatives; it keeps x³ from overflowing. */
  private static final float FAR = 12f;

  private static final VectorSpecies<Float> S = FloatLanes.SPECIES;
  private static final int L = FloatLanes.COUNT;

  private GeluTanhNarrow() {}

  static void forward(float[] from, int xFrom, float[] to, int yFrom, int length) {
    for (int start = 0, end = S.loopBound(length); start < length; start = end, end = length) {
      int count = end - start;
      boolean whole = count >= L;
      VectorMask<Float> tail = S.indexInRange(0, count);
      for (int j = 0; j < count; j += L) {
        int i = start + j;
        FloatVector x = whole ? fromArray(S, from, xFrom + i) : fromArray(S, from, xFrom + i, tail);
        FloatVector c = x.blend(-FAR, x.compare(LT, -FAR));
        c = c.blend(FAR, x.compare(GT, FAR));
        FloatVector x0 = c.mul(c.mul(c).fma(broadcast(S, C3), broadcast(S, C1)));
        FloatVector z = x0.abs().neg();
        z = z.blend(Exp.LOWEST, z.compare(LT, Exp.LOWEST));
        FloatVector t = z.fma(broadcast(S, Exp.LOG2_E), broadcast(S, Exp.ROUND));
        FloatVector n = t.sub(Exp.ROUND);
        FloatVector r = n.fma(broadcast(S, -Exp.LN2_HIGH), z);
        r = n.fma(broadcast(S, -Exp.LN2_LOW), r);
        FloatVector q = r.fma(broadcast(S, Exp.Q4), broadcast(S, Exp.Q3));
        q = q.fma(r, broadcast(S, Exp.Q2));
        q = q.fma(r, broadcast(S, Exp.Q1));
        q = q.fma(r, broadcast(S, Exp.Q0));
        q = r.mul(r).fma(q, r);
        FloatVector scale =
            t.reinterpretAsInts().lanewise(LSHL, 23).add(Exp.BIASED_ONE).reinterpretAsFloats();
        FloatVector e = q.add(1f).mul(scale).mul(Exp.UNBIAS);
        FloatVector one = broadcast(S, 1f);
        FloatVector kept = x.blend(0f, x.compare(LT, -FAR));
        FloatVector value = kept.mul(one.blend(e, x0.compare(LT, 0f))).div(e.add(one));
        if (whole) {
          value.intoArray(to, yFrom + i);
        } else {
          value.intoArray(to, yFrom + i, tail);
        }
      }
    }
  }

  static void backward(
      float[] upstream,
      int upstreamFrom,
      float[] saved,
      int savedFrom,
      float[] downstream,
      int downstreamFrom,
      int length) {
    for (int start = 0, end = S.loopBound(length); start < length; start = end, end = length) {
      int count = end - start;
      boolean whole = count >= L;
      VectorMask<Float> tail = S.indexInRange(0, count);
      for (int j = 0; j < count; j += L) {
        int i = start + j;
        FloatVector x =
            whole ? fromArray(S, saved, savedFrom + i) : fromArray(S, saved, savedFrom + i, tail);
        FloatVector c = x.blend(-FAR, x.compare(LT, -FAR));
        c = c.blend(FAR, x.compare(GT, FAR));
        FloatVector square = c.mul(c);
        FloatVector x0 = c.mul(square.fma(broadcast(S, C3), broadcast(S, C1)));
        FloatVector steep = c.mul(square.fma(broadcast(S, 3f * C3), broadcast(S, C1)));
        FloatVector z = x0.abs().neg();
        z = z.blend(Exp.LOWEST, z.compare(LT, Exp.LOWEST));
        FloatVector t = z.fma(broadcast(S, Exp.LOG2_E), broadcast(S, Exp.ROUND));
        FloatVector n = t.sub(Exp.ROUND);
        FloatVector r = n.fma(broadcast(S, -Exp.LN2_HIGH), z);
        r = n.fma(broadcast(S, -Exp.LN2_LOW), r);
        FloatVector q = r.fma(broadcast(S, Exp.Q4), broadcast(S, Exp.Q3));
        q = q.fma(r, broadcast(S, Exp.Q2));
        q = q.fma(r, broadcast(S, Exp.Q1));
        q = q.fma(r, broadcast(S, Exp.Q0));
        q = r.mul(r).fma(q, r);
        FloatVector scale =
            t.reinterpretAsInts().lanewise(LSHL, 23).add(Exp.BIASED_ONE).reinterpretAsFloats();
        FloatVector e = q.add(1f).mul(scale).mul(Exp.UNBIAS);
        FloatVector one = broadcast(S, 1f);
        FloatVector d = e.add(one);
        FloatVector slope = one.blend(e, x0.compare(LT, 0f)).fma(d, e.mul(steep)).div(d.mul(d));
        FloatVector dy =
            whole
                ? fromArray(S, upstream, upstreamFrom + i)
                : fromArray(S, upstream, upstreamFrom + i, tail);
        FloatVector gradient = slope.mul(dy);
        if (whole) {
          gradient.intoArray(downstream, downstreamFrom + i);
        } else {
          gradient.intoArray(downstream, downstreamFrom + i, tail);
        }
      }
    }
  }
}
