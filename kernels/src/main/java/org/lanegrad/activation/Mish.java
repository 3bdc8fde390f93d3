package org.lanegrad.activation;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.simd.Exp;
import org.lanegrad.simd.FloatLanes;
import org.lanegrad.simd.Simd;

/**
 * y = x · tanh(log(1 + eˣ)); downstream = upstream · (n/d + x·4w/d²), from the saved input, with n,
 * d and w as below.
 *
 * <p>tanh(log(1 + u)) = (u² + 2u) / (u² + 2u + 2): no logarithm is needed. With e = e^−|x|, n/d is
 * (1 + 2e) / (1 + 2e + 2e²) for x ≥ 0 and e(e + 2) / (e(e + 2) + 2) below; w = e(1 + e), times e
 * for x ≥ 0.
 *
 * <ul>
 *   <li><b>Accuracy</b>: forward 4 ULP wherever the result is normal, 51 · 2^−149 below. Backward 5
 *       · 2^−24 · |upstream|.
 *   <li><b>Special values</b>: mish(−Inf) = 0 and mish(+Inf) = Inf, with gradients 0 and 1;
 *       mish(±0) = ±0.
 *   <li><b>Cost</b>: forward 34 flops and 8 bytes an element, backward 40 flops and 12 bytes.
 *   <li><b>Source</b>: D. Misra, Mish: A Self Regularized Non-Monotonic Activation Function (2019).
 * </ul>
 */
public record Mish() implements Activation {
  @Override
  public Saved saved() {
    return Saved.INPUT;
  }

  @Override
  public void forward(float[] x, int xFrom, float[] y, int yFrom, int length) {
    Activation.checkForward(x, xFrom, y, yFrom, length);
    if (Simd.LANES) {
      Lanes.forward(x, xFrom, y, yFrom, length);
      return;
    }
    for (int i = 0; i < length; i++) {
      y[yFrom + i] = value(x[xFrom + i]);
    }
  }

  @Override
  public void backward(
      float[] upstream,
      int upstreamFrom,
      float[] saved,
      int savedFrom,
      float[] downstream,
      int downstreamFrom,
      int length) {
    Activation.checkBackward(
        upstream, upstreamFrom, saved, savedFrom, downstream, downstreamFrom, length);
    if (Simd.LANES) {
      Lanes.backward(upstream, upstreamFrom, saved, savedFrom, downstream, downstreamFrom, length);
      return;
    }
    for (int i = 0; i < length; i++) {
      downstream[downstreamFrom + i] = upstream[upstreamFrom + i] * slope(saved[savedFrom + i]);
    }
  }

  private static float value(float x) {
    boolean negative = x < 0f;
    float e = Exp.ofNonPositive(-Math.abs(x));
    float n = negative ? e * (e + 2f) : Math.fma(2f, e, 1f);
    float d = n + (negative ? 2f : 2f * e * e);
    float kept = x < Exp.LOWEST ? 0f : x;
    return kept * n / d;
  }

  private static float slope(float x) {
    boolean negative = x < 0f;
    float c = -Math.abs(x);
    c = c < Exp.LOWEST ? Exp.LOWEST : c;
    float e = Exp.ofNonPositive(c);
    float n = negative ? e * (e + 2f) : Math.fma(2f, e, 1f);
    float d = n + (negative ? 2f : 2f * e * e);
    float w = 4f * e * (1f + e) * (negative ? 1f : e);
    return Math.fma(n, d, (negative ? c : -c) * w) / (d * d);
  }

  /** The formulas stand in the loops: called as methods, C2 boxes what they pass. */
  private static final class Lanes {
    private static final VectorSpecies<Float> S = FloatLanes.SPECIES;
    private static final int L = FloatLanes.COUNT;

    static void forward(float[] from, int xFrom, float[] to, int yFrom, int length) {
      for (int k = 0, vectors = Simd.vectors(length); k < vectors; k++) {
        int i = k * L;
        VectorMask<Float> tail = S.indexInRange(i, length);
        FloatVector x = FloatVector.fromArray(S, from, xFrom + i, tail);
        FloatVector z = x.abs().neg();
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
        VectorMask<Float> negative = x.compare(LT, 0f);
        FloatVector top = e.fma(broadcast(S, 2f), broadcast(S, 1f));
        top = top.blend(e.mul(e.add(2f)), negative);
        FloatVector d = top.add(e.mul(2f).mul(e).blend(2f, negative));
        FloatVector kept = x.blend(0f, x.compare(LT, Exp.LOWEST));
        FloatVector value = kept.mul(top).div(d);
        value.intoArray(to, yFrom + i, tail);
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
      for (int k = 0, vectors = Simd.vectors(length); k < vectors; k++) {
        int i = k * L;
        VectorMask<Float> tail = S.indexInRange(i, length);
        FloatVector x = FloatVector.fromArray(S, saved, savedFrom + i, tail);
        FloatVector z = x.abs().neg();
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
        VectorMask<Float> negative = x.compare(LT, 0f);
        FloatVector top = e.fma(broadcast(S, 2f), broadcast(S, 1f));
        top = top.blend(e.mul(e.add(2f)), negative);
        FloatVector d = top.add(e.mul(2f).mul(e).blend(2f, negative));
        FloatVector w = e.mul(4f).mul(e.add(1f)).mul(e.blend(1f, negative));
        FloatVector slope = top.fma(d, z.neg().blend(z, negative).mul(w)).div(d.mul(d));
        slope
            .mul(FloatVector.fromArray(S, upstream, upstreamFrom + i, tail))
            .intoArray(downstream, downstreamFrom + i, tail);
      }
    }
  }
}
