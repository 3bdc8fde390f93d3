package org.lanegrad.activation;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.simd.Exp;
import org.lanegrad.simd.FloatLanes;
import org.lanegrad.simd.Fma;
import org.lanegrad.simd.Simd;

/**
 * A function x·Ψ(x) with Ψ(−a) = 1 − Ψ(a), by tables: with a = |x|, y = max(x, 0) − a·Ψ(−a), and
 * the slope is S(a) = Ψ(−a) − a·Ψ′(a) below zero and 1 − S(a) above.
 *
 * <p>Ψ(−a) and S are polynomials in r on intervals around k·WIDTH, and zero on the last: of degree
 * 6 on 16 intervals, or of degree 8 on 8. The lanes of a vector hold one coefficient of all
 * intervals, so that looking it up is one instruction: 24 or 29 in all, no division, where a
 * formula by the exponential needs 58.
 */
final class GeluTable {
  /** As many as a vector has lanes; the scalar loop takes what the lanes of this JVM take. */
  private static final int K = Simd.lanes() == 8 ? 8 : 16;

  private static final int DEGREE = K == 8 ? 8 : 6;

  /** The tables of x·Φ(x). */
  static final GeluTable ERF =
      K == 8
          ? new GeluTable(GeluCoefficients8.TAIL, GeluCoefficients8.SLOPE)
          : new GeluTable(GeluCoefficients.TAIL, GeluCoefficients.SLOPE);

  /** The tables of its approximation by tanh. */
  static final GeluTable TANH =
      K == 8
          ? new GeluTable(GeluCoefficients8.TANH_TAIL, GeluCoefficients8.TANH_SLOPE)
          : new GeluTable(GeluCoefficients.TANH_TAIL, GeluCoefficients.TANH_SLOPE);

  /** Of an interval; k times it is exact. */
  private static final float WIDTH = K == 8 ? 0.984375f : 0.4375f;

  /** Of 8 intervals, r counts from the upper end, see {@link GeluCoefficients8}. */
  private static final float HALF = WIDTH / 2;

  /** The centre of the last interval. */
  private static final float FAR = (K - 1) * WIDTH;

  private final float[] tail;
  private final float[] slope;

  private GeluTable(float[] tail, float[] slope) {
    this.tail = tail;
    this.slope = slope;
  }

  /** Whether the tables are of use: not on 4 lanes, which would hold too few intervals. */
  static boolean fits() {
    return Simd.lanes() == 16 || Simd.lanes() == 8 || !Simd.LANES;
  }

  void forward(float[] x, int xFrom, float[] y, int yFrom, int length) {
    if (Simd.fills(length)) {
      Lanes.forward(x, xFrom, y, yFrom, length, tail);
      return;
    }
    for (int i = 0; i < length; i++) {
      float v = x[xFrom + i];
      float a = Math.abs(v);
      a = a > FAR ? FAR : a;
      y[yFrom + i] = Fma.of(-a, at(tail, a), v < 0f ? 0f : v);
    }
  }

  void backward(
      float[] upstream,
      int upstreamFrom,
      float[] saved,
      int savedFrom,
      float[] downstream,
      int downstreamFrom,
      int length) {
    if (Simd.fills(length)) {
      Lanes.backward(
          upstream, upstreamFrom, saved, savedFrom, downstream, downstreamFrom, length, slope);
      return;
    }
    for (int i = 0; i < length; i++) {
      float x = saved[savedFrom + i];
      float a = Math.abs(x);
      float s = at(slope, a > FAR ? FAR : a);
      downstream[downstreamFrom + i] = upstream[upstreamFrom + i] * (x < 0f ? s : 1f - s);
    }
  }

  /** The polynomial at a, for 0 ≤ a ≤ FAR; NaN for NaN. */
  private static float at(float[] table, float a) {
    float n = Fma.of(a, 1f / WIDTH, Exp.ROUND) - Exp.ROUND;
    float r = Fma.of(n, -WIDTH, K == 8 ? a - HALF : a);
    int k = (int) n;
    float p = table[DEGREE * K + k];
    for (int d = DEGREE - 1; d >= 0; d--) {
      p = Fma.of(p, r, table[d * K + k]);
    }
    return p;
  }

  /**
   * The formula stands in the loops: with eight vectors to pass, C2 boxed a method of it at times.
   */
  private static final class Lanes {
    private static final VectorSpecies<Float> S = FloatLanes.SPECIES;
    private static final int L = FloatLanes.COUNT;

    static void forward(float[] from, int xFrom, float[] to, int yFrom, int length, float[] table) {
      FloatVector c0 = fromArray(S, table, 0);
      FloatVector c1 = fromArray(S, table, K);
      FloatVector c2 = fromArray(S, table, 2 * K);
      FloatVector c3 = fromArray(S, table, 3 * K);
      FloatVector c4 = fromArray(S, table, 4 * K);
      FloatVector c5 = fromArray(S, table, 5 * K);
      FloatVector c6 = fromArray(S, table, 6 * K);
      FloatVector c7 = L == 8 ? fromArray(S, table, 7 * K) : c6;
      FloatVector c8 = L == 8 ? fromArray(S, table, 8 * K) : c6;
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
          FloatVector n = a.fma(broadcast(S, 1f / WIDTH), broadcast(S, Exp.ROUND));
          n = n.sub(Exp.ROUND);
          FloatVector r = n.fma(broadcast(S, -WIDTH), L == 8 ? a.sub(HALF) : a);
          FloatVector p = n.selectFrom(L == 8 ? c8 : c6);
          if (L == 8) {
            p = p.fma(r, n.selectFrom(c7));
            p = p.fma(r, n.selectFrom(c6));
          }
          p = p.fma(r, n.selectFrom(c5));
          p = p.fma(r, n.selectFrom(c4));
          p = p.fma(r, n.selectFrom(c3));
          p = p.fma(r, n.selectFrom(c2));
          p = p.fma(r, n.selectFrom(c1));
          p = p.fma(r, n.selectFrom(c0));
          FloatVector relu = x.blend(0f, x.compare(LT, 0f));
          FloatVector value = a.neg().fma(p, relu);
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
        float[] table) {
      FloatVector c0 = fromArray(S, table, 0);
      FloatVector c1 = fromArray(S, table, K);
      FloatVector c2 = fromArray(S, table, 2 * K);
      FloatVector c3 = fromArray(S, table, 3 * K);
      FloatVector c4 = fromArray(S, table, 4 * K);
      FloatVector c5 = fromArray(S, table, 5 * K);
      FloatVector c6 = fromArray(S, table, 6 * K);
      FloatVector c7 = L == 8 ? fromArray(S, table, 7 * K) : c6;
      FloatVector c8 = L == 8 ? fromArray(S, table, 8 * K) : c6;
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
          FloatVector n = a.fma(broadcast(S, 1f / WIDTH), broadcast(S, Exp.ROUND));
          n = n.sub(Exp.ROUND);
          FloatVector r = n.fma(broadcast(S, -WIDTH), L == 8 ? a.sub(HALF) : a);
          FloatVector p = n.selectFrom(L == 8 ? c8 : c6);
          if (L == 8) {
            p = p.fma(r, n.selectFrom(c7));
            p = p.fma(r, n.selectFrom(c6));
          }
          p = p.fma(r, n.selectFrom(c5));
          p = p.fma(r, n.selectFrom(c4));
          p = p.fma(r, n.selectFrom(c3));
          p = p.fma(r, n.selectFrom(c2));
          p = p.fma(r, n.selectFrom(c1));
          p = p.fma(r, n.selectFrom(c0));
          FloatVector dy = pass == 0 ? fromArray(S, upstream, upstreamFrom + i) : lastUpstream;
          FloatVector gradient = broadcast(S, 1f).sub(p).blend(p, x.compare(LT, 0f)).mul(dy);
          gradient.intoArray(downstream, downstreamFrom + i);
        }
      }
    }
  }
}
