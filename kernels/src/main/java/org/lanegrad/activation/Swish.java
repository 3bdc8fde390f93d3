package org.lanegrad.activation;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.check.Check;
import org.lanegrad.simd.Exp;
import org.lanegrad.simd.FloatLanes;
import org.lanegrad.simd.Simd;

/**
 * y = x · σ(βx); downstream = upstream · (σ(z) + z·σ(z)·(1 − σ(z))), z = βx, from the saved input.
 * With β = 1 it is SiLU.
 *
 * <p>With e = e^−|z| ≤ 1 nothing overflows: y is x / (1 + e) for z ≥ 0 and x·e / (1 + e) below, x·e
 * rounded once.
 *
 * <ul>
 *   <li><b>Accuracy</b>: forward 2.5 ULP for SiLU wherever the result is normal, 51 · 2^−149 below;
 *       for another β the rounding of z is multiplied by |z|, 2.5 ULP or 2^−24 absolute, whichever
 *       is more. Backward 5 · 2^−24 · |upstream|.
 *   <li><b>Special values</b>: swish(−Inf) = 0 and swish(+Inf) = Inf for β &gt; 0, with gradients 0
 *       and 1; swish(±0) = ±0.
 *   <li><b>Cost</b>: forward 26 flops and 8 bytes an element, backward 30 flops and 12 bytes.
 *   <li><b>Source</b>: S. Elfwing et al., Sigmoid-Weighted Linear Units (2017); P. Ramachandran et
 *       al., Searching for Activation Functions (2017).
 * </ul>
 *
 * @param beta β, finite
 */
public record Swish(float beta) implements Activation {
  /** β as given; it must be a finite number. */
  public Swish {
    Check.finite("beta", beta);
  }

  /** SiLU: β = 1. */
  public static Swish silu() {
    return new Swish(1f);
  }

  @Override
  public Saved saved() {
    return Saved.INPUT;
  }

  @Override
  public void forward(float[] x, int xFrom, float[] y, int yFrom, int length) {
    Activation.checkForward(x, xFrom, y, yFrom, length);
    if (Simd.LANES) {
      Lanes.forward(x, xFrom, y, yFrom, length, beta);
      return;
    }
    for (int i = 0; i < length; i++) {
      y[yFrom + i] = value(x[xFrom + i], beta);
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
      Lanes.backward(
          upstream, upstreamFrom, saved, savedFrom, downstream, downstreamFrom, length, beta);
      return;
    }
    for (int i = 0; i < length; i++) {
      downstream[downstreamFrom + i] =
          upstream[upstreamFrom + i] * slope(saved[savedFrom + i], beta);
    }
  }

  private static float value(float x, float beta) {
    float z = x * beta;
    float e = Exp.ofNonPositive(-Math.abs(z));
    float kept = z < Exp.LOWEST ? 0f : x;
    return (z < 0f ? Exp.times(kept, z) : kept) / (1f + e);
  }

  private static float slope(float x, float beta) {
    float z = x * beta;
    float c = -Math.abs(z);
    c = c < Exp.LOWEST ? Exp.LOWEST : c;
    float e = Exp.ofNonPositive(c);
    float turn = z < 0f ? c * e : -(c * e);
    float d = 1f + e;
    return Math.fma(z < 0f ? e : 1f, d, turn) / (d * d);
  }

  /** The formulas stand in the loops: called as methods, C2 boxes what they pass. */
  private static final class Lanes {
    private static final VectorSpecies<Float> S = FloatLanes.SPECIES;
    private static final int L = FloatLanes.COUNT;

    static void forward(float[] from, int xFrom, float[] to, int yFrom, int length, float beta) {
      for (int k = 0, vectors = Simd.vectors(length); k < vectors; k++) {
        int i = k * L;
        VectorMask<Float> tail = S.indexInRange(i, length);
        FloatVector x = FloatVector.fromArray(S, from, xFrom + i, tail);
        FloatVector x0 = x.mul(beta);
        FloatVector z = x0.abs().neg();
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
        FloatVector one = broadcast(S, 1f);
        FloatVector kept = x.blend(0f, x0.compare(LT, Exp.LOWEST));
        FloatVector decayed = kept.fma(q, kept).mul(scale).mul(Exp.UNBIAS);
        FloatVector value = kept.blend(decayed, x0.compare(LT, 0f)).div(e.add(one));
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
        int length,
        float beta) {
      for (int k = 0, vectors = Simd.vectors(length); k < vectors; k++) {
        int i = k * L;
        VectorMask<Float> tail = S.indexInRange(i, length);
        FloatVector x = FloatVector.fromArray(S, saved, savedFrom + i, tail);
        FloatVector x0 = x.mul(beta);
        FloatVector z = x0.abs().neg();
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
        FloatVector one = broadcast(S, 1f);
        VectorMask<Float> negative = x0.compare(LT, 0f);
        FloatVector turn = z.mul(e);
        turn = turn.neg().blend(turn, negative);
        FloatVector d = e.add(one);
        FloatVector slope = one.blend(e, negative).fma(d, turn).div(d.mul(d));
        slope
            .mul(FloatVector.fromArray(S, upstream, upstreamFrom + i, tail))
            .intoArray(downstream, downstreamFrom + i, tail);
      }
    }
  }
}
