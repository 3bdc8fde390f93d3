package org.lanegrad.elementwise;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.simd.Exp;
import org.lanegrad.simd.FloatLanes;
import org.lanegrad.simd.Fma;
import org.lanegrad.simd.Simd;

/**
 * erf on 4 lanes, which are too few for {@link ErfTable}: x·(1 + P(x²)) for |x| &lt; 0.95, 1 −
 * e^(x·Q(x)) beyond.
 */
final class ErfNarrow {
  // spotless:off
  /** P, highest degree first: 6e−10. */
  private static final float P6 = 0x1.574ec6p-14f;
  private static final float P5 = -0x1.a88d8ap-11f;
  private static final float P4 = 0x1.549664p-8f;
  private static final float P3 = -0x1.b80962p-6f;
  private static final float P2 = 0x1.ce2dcap-4f;
  private static final float P1 = -0x1.812742p-2f;
  private static final float P0 = 0x1.06eba8p-3f;

  /** Q, log(erfc x) / x: 6e−10 of erf x. */
  private static final float Q6 = -0x1.9e0a4ep-17f;
  private static final float Q5 = 0x1.5e2e8cp-12f;
  private static final float Q4 = -0x1.e36844p-9f;
  private static final float Q3 = 0x1.86e904p-6f;
  private static final float Q2 = -0x1.b39ca4p-4f;
  private static final float Q1 = -0x1.452978p-1f;
  private static final float Q0 = -0x1.20f03cp0f;
  // spotless:on

  private static final float NEAR = 0.95f;

  /** erf(4) = 1 − 1.5e−8 rounds to 1. */
  private static final float FAR = 4f;

  private ErfNarrow() {}

  static void forward(float[] x, int xFrom, float[] y, int yFrom, int length) {
    if (Simd.fills(length)) {
      Lanes.forward(x, xFrom, y, yFrom, length);
      return;
    }
    for (int i = 0; i < length; i++) {
      y[yFrom + i] = erf(x[xFrom + i]);
    }
  }

  private static float erf(float x) {
    float a = Math.abs(x);
    a = a > FAR ? FAR : a;
    float square = x * x;
    if (a < NEAR) {
      float p = Fma.of(square, P6, P5);
      p = Fma.of(p, square, P4);
      p = Fma.of(p, square, P3);
      p = Fma.of(p, square, P2);
      p = Fma.of(p, square, P1);
      p = Fma.of(p, square, P0);
      return Fma.of(p, x, x);
    }
    float g = Fma.of(a, Q6, Q5);
    g = Fma.of(g, a, Q4);
    g = Fma.of(g, a, Q3);
    g = Fma.of(g, a, Q2);
    g = Fma.of(g, a, Q1);
    g = Fma.of(g, a, Q0) * a;
    float y = 1f - Exp.scaled(g, 1f);
    return x < 0f ? -y : y;
  }

  private static final class Lanes {
    private static final VectorSpecies<Float> S = FloatLanes.SPECIES;
    private static final int L = FloatLanes.COUNT;
    private static final int SIGN = 0x80000000;

    /** The formula stands in the loop: C2 boxes what a method of its length passes. */
    static void forward(float[] from, int xFrom, float[] to, int yFrom, int length) {
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
          FloatVector square = x.mul(x);
          FloatVector p = square.fma(broadcast(S, P6), broadcast(S, P5));
          p = p.fma(square, broadcast(S, P4));
          p = p.fma(square, broadcast(S, P3));
          p = p.fma(square, broadcast(S, P2));
          p = p.fma(square, broadcast(S, P1));
          p = p.fma(square, broadcast(S, P0));
          FloatVector near = p.fma(x, x);
          FloatVector z = a.fma(broadcast(S, Q6), broadcast(S, Q5));
          z = z.fma(a, broadcast(S, Q4));
          z = z.fma(a, broadcast(S, Q3));
          z = z.fma(a, broadcast(S, Q2));
          z = z.fma(a, broadcast(S, Q1));
          z = z.fma(a, broadcast(S, Q0)).mul(a);
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
          FloatVector y = broadcast(S, 1f).sub(q.fma(power, power));
          IntVector sign = x.reinterpretAsInts().and(SIGN);
          y = y.reinterpretAsInts().or(sign).reinterpretAsFloats();
          FloatVector value = y.blend(near, a.compare(LT, NEAR));
          value.intoArray(to, yFrom + i);
        }
      }
    }
  }
}
