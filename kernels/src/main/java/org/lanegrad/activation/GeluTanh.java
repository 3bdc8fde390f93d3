package org.lanegrad.activation;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.simd.Exp;
import org.lanegrad.simd.FloatLanes;
import org.lanegrad.simd.Simd;

/**
 * y = ½·x·(1 + tanh(√(2/π)·(x + 0.044715·x³))), which is x·σ(z) with z = x·(c₁ + c₃·x²); downstream
 * = upstream · (σ(z) + x·z′·σ(z)·(1 − σ(z))), from the saved input.
 *
 * <ul>
 *   <li><b>Accuracy</b>: forward 4 ULP or 2^−23 absolute, whichever is more: in the negative tail
 *       the rounding of z is multiplied by |z| (at x = −9.5 the result 1e−20 is off by 150 ULP).
 *       Backward 5 · 2^−24 · |upstream|.
 *   <li><b>Special values</b>: geluTanh(−Inf) = 0 and geluTanh(+Inf) = Inf, with gradients 0 and 1;
 *       geluTanh(±0) = ±0.
 *   <li><b>Cost</b>: forward 32 flops and 8 bytes an element, backward 38 flops and 12 bytes.
 *   <li><b>Source</b>: D. Hendrycks, K. Gimpel, Gaussian Error Linear Units (2016).
 * </ul>
 */
public record GeluTanh() implements Activation {
  /** 2·√(2/π). */
  private static final float C1 = 1.5957692f;

  /** 0.044715 · c₁. */
  private static final float C3 = 0.071354814f;

  /** Beyond, σ(z) is 0 or 1 in fp32, and so are the derivatives; it keeps x³ from overflowing. */
  private static final float FAR = 12f;

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
    float c = x < -FAR ? -FAR : x > FAR ? FAR : x;
    float z = c * Math.fma(c * c, C3, C1);
    float e = Exp.ofNonPositive(-Math.abs(z));
    float kept = x < -FAR ? 0f : x;
    return kept * (z < 0f ? e : 1f) / (1f + e);
  }

  private static float slope(float x) {
    float c = x < -FAR ? -FAR : x > FAR ? FAR : x;
    float square = c * c;
    float z = c * Math.fma(square, C3, C1);
    float steep = c * Math.fma(square, 3f * C3, C1);
    float e = Exp.ofNonPositive(-Math.abs(z));
    float d = 1f + e;
    return Math.fma(z < 0f ? e : 1f, d, e * steep) / (d * d);
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
        FloatVector c = x.blend(-FAR, x.compare(LT, -FAR));
        c = c.blend(FAR, x.compare(GT, FAR));
        FloatVector x0 = c.mul(c.mul(c).fma(broadcast(S, C3), broadcast(S, C1)));
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
        FloatVector kept = x.blend(0f, x.compare(LT, -FAR));
        FloatVector value = kept.mul(one.blend(e, x0.compare(LT, 0f))).div(e.add(one));
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
        FloatVector d = e.add(one);
        FloatVector slope = one.blend(e, x0.compare(LT, 0f)).fma(d, e.mul(steep)).div(d.mul(d));
        slope
            .mul(FloatVector.fromArray(S, upstream, upstreamFrom + i, tail))
            .intoArray(downstream, downstreamFrom + i, tail);
      }
    }
  }
}
