package org.lanegrad.activation;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.check.Check;
import org.lanegrad.simd.Exp;
import org.lanegrad.simd.FloatLanes;
import org.lanegrad.simd.Fma;
import org.lanegrad.simd.Simd;

/**
 * y = x · σ(βx); downstream = upstream · (σ(z) + z·σ(z)·(1 − σ(z))), z = βx, from the saved input.
 * With β = 1 it is SiLU.
 *
 * <p>y = x / (1 + e^−z), numerator and denominator scaled by 2^−24 where e^−z nears the largest
 * float, so that the negative tail keeps its accuracy; the slope is s·(1 + z·e^−z·s), s = σ(z).
 *
 * <ul>
 *   <li><b>Accuracy</b>: forward 2.5 ULP for SiLU wherever the result is normal, 51 · 2^−149 below;
 *       for another β the rounding of z is multiplied by |z|, 2.5 ULP or 2^−24 absolute, whichever
 *       is more. Backward 5 · 2^−24 · |upstream|.
 *   <li><b>Special values</b>: swish(−Inf) = 0 and swish(+Inf) = Inf for β &gt; 0, with gradients 0
 *       and 1; swish(±0) = ±0.
 *   <li><b>Cost</b>: forward 25 flops and 8 bytes an element, backward 25 flops and 12 bytes.
 *   <li><b>Source</b>: S. Elfwing et al., Sigmoid-Weighted Linear Units (2017); P. Ramachandran et
 *       al., Searching for Activation Functions (2017).
 * </ul>
 *
 * @param beta β, finite
 */
public record Swish(float beta) implements Activation {
  /** e^v beyond: y rounds to 0 (104·e^−104 is 50 · 2^−149). */
  private static final float FAR = 104f;

  /** 1 + e^v below is 1, and so is the slope within 2e−16; above, the slope is 0. */
  private static final float NEGLIGIBLE = -40f;

  /** From here on e^v nears the largest float, so numerator and denominator are scaled down. */
  private static final float DEEP = 60f;

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
    if (Simd.fills(length)) {
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
    if (Simd.fills(length)) {
      Lanes.backward(
          upstream, upstreamFrom, saved, savedFrom, downstream, downstreamFrom, length, beta);
      return;
    }
    for (int i = 0; i < length; i++) {
      downstream[downstreamFrom + i] =
          upstream[upstreamFrom + i] * slope(saved[savedFrom + i], beta);
    }
  }

  /** With e^v: no branch by the sign, so that one exponential serves both sides. */
  private static float value(float x, float beta) {
    float v = x * -beta;
    boolean far = v > FAR;
    float kept = far ? 0f : x;
    v = far ? FAR : v;
    v = v < NEGLIGIBLE ? NEGLIGIBLE : v;
    float scale = v > DEEP ? 0x1p-24f : 1f;
    return kept * scale / (Exp.scaled(v, scale) + 1f);
  }

  private static float slope(float x, float beta) {
    float v = x * -beta;
    boolean far = v > -NEGLIGIBLE;
    v = far ? -NEGLIGIBLE : v;
    v = v < NEGLIGIBLE ? NEGLIGIBLE : v;
    float e = Exp.scaled(v, 1f);
    float s = 1f / (e + 1f);
    return far ? 0f : s * Fma.of(e * s, -v, 1f);
  }

  private static final class Lanes {
    private static final VectorSpecies<Float> S = FloatLanes.SPECIES;
    private static final int L = FloatLanes.COUNT;

    static void forward(float[] from, int xFrom, float[] to, int yFrom, int length, float beta) {
      int last = length - L;
      FloatVector lastX = fromArray(S, from, xFrom + last);
      for (int pass = 0; pass < 2; pass++) {
        int start = pass == 0 ? 0 : last;
        int count = pass == 0 ? last : L;
        for (int j = 0; j < count; j += L) {
          int i = start + j;
          FloatVector x = pass == 0 ? fromArray(S, from, xFrom + i) : lastX;
          FloatVector z = x.mul(-beta);
          FloatVector kept = x;
          FloatVector scale = broadcast(S, 1f);
          if (z.abs().compare(GT, DEEP).anyTrue()) {
            VectorMask<Float> far = z.compare(GT, FAR);
            z = z.blend(FAR, far);
            z = z.blend(NEGLIGIBLE, z.compare(LT, NEGLIGIBLE));
            scale = scale.blend(0x1p-24f, z.compare(GT, DEEP));
            kept = kept.blend(0f, far).mul(scale);
          }
          FloatVector t = z.fma(broadcast(S, Exp.LOG2_E), broadcast(S, Exp.ROUND));
          FloatVector n = t.sub(Exp.ROUND);
          FloatVector r = n.fma(broadcast(S, -Exp.LN2_HIGH), z);
          r = n.fma(broadcast(S, -Exp.LN2_LOW), r);
          FloatVector q = r.fma(broadcast(S, Exp.Q4), broadcast(S, Exp.Q3));
          q = q.fma(r, broadcast(S, Exp.Q2));
          q = q.fma(r, broadcast(S, Exp.Q1));
          q = q.fma(r, broadcast(S, Exp.Q0));
          q = r.mul(r).fma(q, r);
          FloatVector power =
              t.reinterpretAsInts()
                  .lanewise(LSHL, 23)
                  .add(scale.reinterpretAsInts())
                  .reinterpretAsFloats();
          FloatVector e = q.fma(power, power);
          FloatVector value = kept.div(e.add(1f));
          value.intoArray(to, yFrom + i);
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
        int length,
        float beta) {
      int last = length - L;
      FloatVector lastSaved = fromArray(S, saved, savedFrom + last);
      FloatVector lastUpstream = fromArray(S, upstream, upstreamFrom + last);
      for (int pass = 0; pass < 2; pass++) {
        int start = pass == 0 ? 0 : last;
        int count = pass == 0 ? last : L;
        for (int j = 0; j < count; j += L) {
          int i = start + j;
          FloatVector x = pass == 0 ? fromArray(S, saved, savedFrom + i) : lastSaved;
          FloatVector dy = pass == 0 ? fromArray(S, upstream, upstreamFrom + i) : lastUpstream;
          FloatVector z = x.mul(-beta);
          boolean extreme = z.abs().compare(GT, -NEGLIGIBLE).anyTrue();
          if (extreme) {
            z = z.blend(-NEGLIGIBLE, z.compare(GT, -NEGLIGIBLE));
            z = z.blend(NEGLIGIBLE, z.compare(LT, NEGLIGIBLE));
          }
          FloatVector t = z.fma(broadcast(S, Exp.LOG2_E), broadcast(S, Exp.ROUND));
          FloatVector n = t.sub(Exp.ROUND);
          FloatVector r = n.fma(broadcast(S, -Exp.LN2_HIGH), z);
          r = n.fma(broadcast(S, -Exp.LN2_LOW), r);
          FloatVector q = r.fma(broadcast(S, Exp.Q4), broadcast(S, Exp.Q3));
          q = q.fma(r, broadcast(S, Exp.Q2));
          q = q.fma(r, broadcast(S, Exp.Q1));
          q = q.fma(r, broadcast(S, Exp.Q0));
          q = r.mul(r).fma(q, r);
          FloatVector power =
              t.reinterpretAsInts().lanewise(LSHL, 23).add(Exp.ONE).reinterpretAsFloats();
          FloatVector e = q.fma(power, power);
          FloatVector one = broadcast(S, 1f);
          FloatVector s = one.div(e.add(one));
          FloatVector slope = s.mul(e.mul(s).fma(z.neg(), one));
          if (extreme) {
            slope = slope.blend(0f, x.mul(-beta).compare(GT, -NEGLIGIBLE));
          }
          FloatVector gradient = dy.mul(slope);
          gradient.intoArray(downstream, downstreamFrom + i);
        }
      }
    }
  }
}
