package org.lanegrad.normalization;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.Matrix;
import org.lanegrad.simd.AcrossLanes;
import org.lanegrad.simd.Exp;
import org.lanegrad.simd.FloatLanes;

/**
 * Softmax and log-softmax of rows that fit into one vector: a row is loaded once, and its maximum
 * and sum never leave the registers (softmax of 10 columns 1.3 ns an element, with passes over the
 * row 3.3).
 */
final class NarrowSoftmax {
  private static final VectorSpecies<Float> S = FloatLanes.SPECIES;
  private static final int L = FloatLanes.COUNT;

  private NarrowSoftmax() {}

  /** Whether rows of n are that narrow. */
  static boolean fits(int n) {
    return n <= L;
  }

  /** y = e^(x − max) / sum, or its logarithm. */
  static void forward(Matrix x, Matrix y, boolean log) {
    int n = x.columns();
    VectorMask<Float> beyond = fromArray(S, FloatLanes.NUMBERS, 0).compare(GE, (float) n);
    float[] stage = NarrowRows.stage();
    float[] out = y.array();
    int end = NarrowRows.end(y, x.array(), null);
    for (int i = 0; i < x.rows(); i++) {
      int from = x.index(i, 0);
      float[] in = NarrowRows.source(x.array(), from, n, stage, 0);
      FloatVector v = fromArray(S, in, in == stage ? 0 : from);
      v = v.blend(Float.NEGATIVE_INFINITY, beyond);
      FloatVector z = v.sub(AcrossLanes.max(v));
      z.intoArray(stage, L);
      exp(stage, L, stage, 2 * L);
      FloatVector e = fromArray(S, stage, 2 * L);
      e = L > 8 ? e.add(e.rearrange(FloatLanes.ROTATED_8)) : e;
      e = L > 4 ? e.add(e.rearrange(FloatLanes.ROTATED_4)) : e;
      float sum = e.lane(0) + e.lane(2) + (e.lane(1) + e.lane(3));
      int to = y.index(i, 0);
      boolean direct = n == L || to <= end - L;
      float[] target = direct ? out : stage;
      int at = direct ? to : L;
      if (log) {
        z.sub((float) Math.log(sum)).intoArray(target, at);
      } else {
        fromArray(S, stage, 2 * L).mul(1f / sum).intoArray(target, at);
      }
      if (!direct) {
        NarrowRows.unstage(stage, L, out, to, n);
      }
    }
  }

  /** dx = y·(dy − Σ dy·y), or for the logarithm dy − e^y·Σ dy. */
  static void backward(Matrix dy, Matrix y, Matrix dx, boolean log) {
    int n = dy.columns();
    VectorMask<Float> beyond = fromArray(S, FloatLanes.NUMBERS, 0).compare(GE, (float) n);
    float[] stage = NarrowRows.stage();
    float[] out = dx.array();
    int end = NarrowRows.end(dx, dy.array(), y.array());
    for (int i = 0; i < dy.rows(); i++) {
      int up = dy.index(i, 0);
      int from = y.index(i, 0);
      float[] above = NarrowRows.source(dy.array(), up, n, stage, 0);
      float[] in = NarrowRows.source(y.array(), from, n, stage, L);
      FloatVector d = fromArray(S, above, above == stage ? 0 : up);
      FloatVector v = fromArray(S, in, in == stage ? L : from);
      float sum = AcrossLanes.sum((log ? d : d.mul(v)).blend(0f, beyond));
      int to = dx.index(i, 0);
      boolean direct = n == L || to <= end - L;
      float[] target = direct ? out : stage;
      int at = direct ? to : 2 * L;
      if (log) {
        exp(in, in == stage ? L : from, stage, 2 * L);
        fromArray(S, stage, 2 * L).fma(broadcast(S, -sum), d).intoArray(target, at);
      } else {
        d.sub(sum).mul(v).intoArray(target, at);
      }
      if (!direct) {
        NarrowRows.unstage(stage, 2 * L, out, to, n);
      }
    }
  }

  /**
   * e^z of a vector, for z ≤ 0; what would be subnormal is 0. From array to array, since a method
   * that returns a vector is a box wherever C2 does not inline it (ADR 13).
   */
  static void exp(float[] in, int from, float[] out, int to) {
    FloatVector z = fromArray(S, in, from);
    FloatVector t = z.fma(broadcast(S, Exp.LOG2_E), broadcast(S, Exp.ROUND_BIASED));
    FloatVector n = t.sub(Exp.ROUND_BIASED);
    FloatVector r = n.fma(broadcast(S, -Exp.LN2), z);
    FloatVector q = r.fma(broadcast(S, Exp.Q4), broadcast(S, Exp.Q3));
    q = q.fma(r, broadcast(S, Exp.Q2));
    q = q.fma(r, broadcast(S, Exp.Q1));
    q = q.fma(r, broadcast(S, Exp.Q0));
    q = r.mul(r).fma(q, r);
    FloatVector power = t.reinterpretAsInts().lanewise(LSHL, 23).reinterpretAsFloats();
    q.fma(power, power).blend(0f, z.compare(LT, Exp.LOWEST_NORMAL)).intoArray(out, to);
  }
}
