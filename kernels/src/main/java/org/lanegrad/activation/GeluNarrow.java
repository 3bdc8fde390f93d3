package org.lanegrad.activation;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LE;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.simd.Exp;
import org.lanegrad.simd.FloatLanes;
import org.lanegrad.simd.Fma;
import org.lanegrad.simd.Simd;

/**
 * GELU on vectors of 4 lanes, which would hold tables of too few intervals.
 *
 * <p>Φ(−a) = e^(−a²/2)·P(1 / (1 + a/4)) for a ≥ 0, with the roundings of a² and of the quotient
 * carried along (P falls by 2.3u + 0.9 times as much as u, roughly); Φ(a) = 1 − Φ(−a). P is a
 * minimax fit of degree 9 for a up to 13.3, 1.2e−8 relative.
 *
 * <p>The formulas stand in the loops: called as methods, C2 boxes what they pass.
 */
final class GeluNarrow {
  // spotless:off
  /** The coefficients of P, highest degree first. */
  private static final float R9 = 0x1.1c324cp-5f;
  private static final float R8 = -0x1.9a061ap-3f;
  private static final float R7 = 0x1.9e279cp-2f;
  private static final float R6 = -0x1.625b1ep-2f;
  private static final float R5 = 0x1.428578p-2f;
  private static final float R4 = -0x1.aa7b32p-6f;
  private static final float R3 = 0x1.fa0088p-4f;
  private static final float R2 = 0x1.82a26p-4f;
  private static final float R1 = 0x1.9ac0a2p-4f;
  private static final float R0 = -0x1.98ba4cp-16f;

  /** Those of S: 1.8e−8 for x² up to 0.3. */
  private static final float S3 = -0x1.25aa9p-10f;
  private static final float S2 = 0x1.4667ap-7f;
  private static final float S1 = -0x1.10576ep-4f;
  private static final float S0 = 0x1.988452p-2f;
  // spotless:on

  /** Below it Φ is 0.5 + x·S(x²): P near 1 would pass on the rounding of the quotient. */
  private static final float NEAR = 0.54f;

  private static final float DENSITY = 0.3989423f; // 1 / √(2π)

  /** Φ(−14) = 8e−45: beyond, y rounds to 0. It keeps a² from overflowing. */
  private static final float FAR = 14.2f;

  private static final VectorSpecies<Float> S = FloatLanes.SPECIES;
  private static final int L = FloatLanes.COUNT;

  private GeluNarrow() {}

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
    float a = Math.abs(x);
    a = a > FAR ? FAR : a;
    float square = a * a;
    float z = square * -0.5f;
    float t = Fma.of(z, Exp.LOG2_E, Exp.ROUND);
    float q = Exp.minus1(z, t - Exp.ROUND);
    float scale = Float.intBitsToFloat((Float.floatToRawIntBits(t) << 23) + Exp.BIASED_ONE);
    float p = tail(a, square);
    float decaying = (x < -FAR ? 0f : x) * p;
    return x <= -NEAR
        ? Fma.of(decaying, q, decaying) * scale * Exp.UNBIAS
        : x * phi(x, a, square, p * ((q + 1f) * scale * Exp.UNBIAS));
  }

  private static float slope(float x) {
    float a = Math.abs(x);
    a = a > FAR ? FAR : a;
    float square = a * a;
    float z = square * -0.5f;
    float t = Fma.of(z, Exp.LOG2_E, Exp.ROUND);
    float scale = Float.intBitsToFloat((Float.floatToRawIntBits(t) << 23) + Exp.BIASED_ONE);
    float e = (Exp.minus1(z, t - Exp.ROUND) + 1f) * scale * Exp.UNBIAS;
    float phi = phi(x, a, square, tail(a, square) * e);
    return Fma.of((x < 0f ? -a : a) * DENSITY, e, phi);
  }

  /** P, with what the roundings of the square and the quotient lost. */
  private static float tail(float a, float square) {
    float rest = Fma.of(a, a, -square);
    float d = Fma.of(a, 0.25f, 1f);
    float u = 1f / d;
    float lost = Fma.of(u, Fma.of(a, -0.25f, d - 1f), Fma.of(u, -d, 1f));
    float p = Fma.of(u, R9, R8);
    p = Fma.of(p, u, R7);
    p = Fma.of(p, u, R6);
    p = Fma.of(p, u, R5);
    p = Fma.of(p, u, R4);
    p = Fma.of(p, u, R3);
    p = Fma.of(p, u, R2);
    p = Fma.of(p, u, R1);
    p = Fma.of(p, u, R0);
    return Fma.of(p, Fma.of(lost, Fma.of(u, 2.3f, 0.9f), rest * -0.5f), p);
  }

  /** Φ(x) from Φ(−a). */
  private static float phi(float x, float a, float square, float below) {
    if (a < NEAR) {
      float near = Fma.of(square, S3, S2);
      near = Fma.of(near, square, S1);
      near = Fma.of(near, square, S0);
      return Fma.of(x, near, 0.5f);
    }
    return x < 0f ? below : 1f - below;
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
        FloatVector a = x.abs();
        a = a.blend(FAR, a.compare(GT, FAR));
        FloatVector square = a.mul(a);
        FloatVector rest = a.fma(a, square.neg());
        FloatVector z = square.mul(-0.5f);
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
        FloatVector d = a.fma(broadcast(S, 0.25f), one);
        FloatVector u = one.div(d);
        FloatVector lost = u.fma(a.fma(broadcast(S, -0.25f), d.sub(one)), u.fma(d.neg(), one));
        FloatVector p = u.fma(broadcast(S, R9), broadcast(S, R8));
        p = p.fma(u, broadcast(S, R7));
        p = p.fma(u, broadcast(S, R6));
        p = p.fma(u, broadcast(S, R5));
        p = p.fma(u, broadcast(S, R4));
        p = p.fma(u, broadcast(S, R3));
        p = p.fma(u, broadcast(S, R2));
        p = p.fma(u, broadcast(S, R1));
        p = p.fma(u, broadcast(S, R0));
        FloatVector steepness = u.fma(broadcast(S, 2.3f), broadcast(S, 0.9f));
        p = p.fma(lost.fma(steepness, rest.mul(-0.5f)), p);
        FloatVector below = p.mul(e);
        FloatVector phi = one.sub(below).blend(below, x.compare(LT, 0f));
        FloatVector near = square.fma(broadcast(S, S3), broadcast(S, S2));
        near = near.fma(square, broadcast(S, S1));
        near = near.fma(square, broadcast(S, S0));
        phi = phi.blend(x.fma(near, broadcast(S, 0.5f)), a.compare(LT, NEAR));
        FloatVector decaying = x.blend(0f, x.compare(LT, -FAR)).mul(p);
        FloatVector value =
            x.mul(phi)
                .blend(decaying.fma(q, decaying).mul(scale).mul(Exp.UNBIAS), x.compare(LE, -NEAR));
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
        FloatVector a = x.abs();
        a = a.blend(FAR, a.compare(GT, FAR));
        FloatVector square = a.mul(a);
        FloatVector rest = a.fma(a, square.neg());
        FloatVector z = square.mul(-0.5f);
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
        FloatVector d = a.fma(broadcast(S, 0.25f), one);
        FloatVector u = one.div(d);
        FloatVector lost = u.fma(a.fma(broadcast(S, -0.25f), d.sub(one)), u.fma(d.neg(), one));
        FloatVector p = u.fma(broadcast(S, R9), broadcast(S, R8));
        p = p.fma(u, broadcast(S, R7));
        p = p.fma(u, broadcast(S, R6));
        p = p.fma(u, broadcast(S, R5));
        p = p.fma(u, broadcast(S, R4));
        p = p.fma(u, broadcast(S, R3));
        p = p.fma(u, broadcast(S, R2));
        p = p.fma(u, broadcast(S, R1));
        p = p.fma(u, broadcast(S, R0));
        FloatVector steepness = u.fma(broadcast(S, 2.3f), broadcast(S, 0.9f));
        p = p.fma(lost.fma(steepness, rest.mul(-0.5f)), p);
        FloatVector below = p.mul(e);
        FloatVector phi = one.sub(below).blend(below, x.compare(LT, 0f));
        FloatVector near = square.fma(broadcast(S, S3), broadcast(S, S2));
        near = near.fma(square, broadcast(S, S1));
        near = near.fma(square, broadcast(S, S0));
        phi = phi.blend(x.fma(near, broadcast(S, 0.5f)), a.compare(LT, NEAR));
        FloatVector slope = a.blend(a.neg(), x.compare(LT, 0f)).mul(DENSITY).fma(e, phi);
        FloatVector dy = pass == 0 ? fromArray(S, upstream, upstreamFrom + i) : lastUpstream;
        FloatVector gradient = slope.mul(dy);
        gradient.intoArray(downstream, downstreamFrom + i);
      }
    }
  }
}
