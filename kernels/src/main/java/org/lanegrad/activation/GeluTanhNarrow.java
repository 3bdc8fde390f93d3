package org.lanegrad.activation;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.simd.Exp;
import org.lanegrad.simd.FloatLanes;
import org.lanegrad.simd.Fma;
import org.lanegrad.simd.Simd;

/**
 * GELU by tanh on vectors of 4 lanes, as x·σ(z), z = x·(c₁ + c₃·x²), by the exponential.
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

  static void forward(float[] x, int xFrom, float[] y, int yFrom, int length) {
    if (Simd.fills(length)) {
      lanesForward(x, xFrom, y, yFrom, length);
      return;
    }
    for (int i = 0; i < length; i++) {
      y[yFrom + i] = value(x[xFrom + i]);
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
    if (Simd.fills(length)) {
      lanesBackward(upstream, upstreamFrom, saved, savedFrom, downstream, downstreamFrom, length);
      return;
    }
    for (int i = 0; i < length; i++) {
      downstream[downstreamFrom + i] = slope(saved[savedFrom + i]) * upstream[upstreamFrom + i];
    }
  }

  private static float value(float x) {
    float c = clamped(x);
    float z = c * Fma.of(c * c, C3, C1);
    float e = exp(-Math.abs(z));
    return (x < -FAR ? 0f : x) * (z < 0f ? e : 1f) / (e + 1f);
  }

  private static float slope(float x) {
    float c = clamped(x);
    float square = c * c;
    float z = c * Fma.of(square, C3, C1);
    float steep = c * Fma.of(square, 3f * C3, C1);
    float e = exp(-Math.abs(z));
    float d = e + 1f;
    return Fma.of(z < 0f ? e : 1f, d, e * steep) / (d * d);
  }

  private static float clamped(float x) {
    return x < -FAR ? -FAR : x > FAR ? FAR : x;
  }

  /** e^x for x ≤ 0; the lanes add 1 before they scale, and so does this. */
  private static float exp(float x) {
    float z = x < Exp.LOWEST ? Exp.LOWEST : x;
    float t = Fma.of(z, Exp.LOG2_E, Exp.ROUND);
    float scale = Float.intBitsToFloat((Float.floatToRawIntBits(t) << 23) + Exp.BIASED_ONE);
    return (Exp.minus1(z, t - Exp.ROUND) + 1f) * scale * Exp.UNBIAS;
  }

  private static void lanesForward(float[] from, int xFrom, float[] to, int yFrom, int length) {
    int last = length - L;
    FloatVector lastX = fromArray(S, from, xFrom + last);
    for (int pass = 0; pass < 2; pass++) {
      int start = pass == 0 ? 0 : last;
      int count = pass == 0 ? last : L;
      for (int j = 0; j < count; j += L) {
        int i = start + j;
        FloatVector x = pass == 0 ? fromArray(S, from, xFrom + i) : lastX;
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
        value.intoArray(to, yFrom + i);
      }
    }
  }

  private static void lanesBackward(
      float[] upstream,
      int upstreamFrom,
      float[] saved,
      int savedFrom,
      float[] downstream,
      int downstreamFrom,
      int length) {
    int last = length - L;
    FloatVector lastSaved = fromArray(S, saved, savedFrom + last);
    FloatVector lastUpstream = fromArray(S, upstream, upstreamFrom + last);
    for (int pass = 0; pass < 2; pass++) {
      int start = pass == 0 ? 0 : last;
      int count = pass == 0 ? last : L;
      for (int j = 0; j < count; j += L) {
        int i = start + j;
        FloatVector x = pass == 0 ? fromArray(S, saved, savedFrom + i) : lastSaved;
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
        FloatVector dy = pass == 0 ? fromArray(S, upstream, upstreamFrom + i) : lastUpstream;
        FloatVector gradient = slope.mul(dy);
        gradient.intoArray(downstream, downstreamFrom + i);
      }
    }
  }
}
