package org.lanegrad.normalization;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.FloatVector.zero;
import static jdk.incubator.vector.VectorOperators.GE;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.Matrix;
import org.lanegrad.simd.AcrossLanes;
import org.lanegrad.simd.FloatLanes;

/**
 * Layer and RMS normalization of rows that fit into one vector: a row is loaded once, and its sums
 * never leave the registers (1.0 ns an element at 10 columns, with passes over the row 4.4).
 */
final class NarrowNorm {
  private static final VectorSpecies<Float> S = FloatLanes.SPECIES;
  private static final int L = FloatLanes.COUNT;

  private NarrowNorm() {}

  /** Whether rows of n are that narrow. */
  static boolean fits(int n) {
    return n <= L;
  }

  /** Y of all rows; the statistics are mean and s of each, or s alone where it is not centred. */
  static void forward(
      Matrix x,
      float epsilon,
      boolean centred,
      float[] gamma,
      float[] beta,
      Matrix y,
      float[] statistics) {
    int n = x.columns();
    float[] stage = NarrowRows.stage();
    FloatVector scale = broadcast(S, 1f);
    if (gamma != null) {
      scale = fromArray(S, NarrowRows.source(gamma, 0, n, stage, 0), 0);
    }
    FloatVector shift = broadcast(S, -0f);
    if (beta != null) {
      shift = fromArray(S, NarrowRows.source(beta, 0, n, stage, 0), 0);
    }
    VectorMask<Float> beyond = fromArray(S, FloatLanes.NUMBERS, 0).compare(GE, (float) n);
    float[] out = y.array();
    int end = NarrowRows.end(y, x.array(), null);
    for (int i = 0; i < x.rows(); i++) {
      int from = x.index(i, 0);
      float[] in = NarrowRows.source(x.array(), from, n, stage, 0);
      int at = in == stage ? 0 : from;
      float near = centred ? NormForward.near(in, at, n) : 0f;
      FloatVector d = fromArray(S, in, at).sub(near).blend(0f, beyond);
      float off = 0f;
      if (centred) {
        FloatVector sum = d;
        sum = L > 8 ? sum.add(sum.rearrange(FloatLanes.ROTATED_8)) : sum;
        sum = L > 4 ? sum.add(sum.rearrange(FloatLanes.ROTATED_4)) : sum;
        off = (sum.lane(0) + sum.lane(2) + (sum.lane(1) + sum.lane(3))) / n;
      }
      float square = AcrossLanes.sum(d.mul(d)) / n;
      float s = NormForward.scale(square - (double) off * off, epsilon);
      NormForward.save(statistics, i, x.rows(), near + off, s);
      int to = y.index(i, 0);
      boolean direct = n == L || to <= end - L;
      d.sub(off).mul(s).mul(scale).add(shift).intoArray(direct ? out : stage, direct ? to : L);
      if (!direct) {
        NarrowRows.unstage(stage, L, out, to, n);
      }
    }
  }

  /** dX of all rows, and what they add to dγ and dβ, where those are wanted. */
  static void backward(
      Matrix dy,
      Matrix x,
      float[] statistics,
      float[] gamma,
      Matrix dx,
      float[] dgamma,
      float[] dbeta) {
    int n = dy.columns();
    int rows = dy.rows();
    float[] stage = NarrowRows.stage();
    FloatVector scale = broadcast(S, 1f);
    if (gamma != null) {
      scale = fromArray(S, NarrowRows.source(gamma, 0, n, stage, 0), 0);
    }
    FloatVector scaleGradient = zero(S);
    if (dgamma != null) {
      scaleGradient = fromArray(S, NarrowRows.source(dgamma, 0, n, stage, 0), 0);
    }
    FloatVector shiftGradient = zero(S);
    if (dbeta != null) {
      shiftGradient = fromArray(S, NarrowRows.source(dbeta, 0, n, stage, 0), 0);
    }
    VectorMask<Float> beyond = fromArray(S, FloatLanes.NUMBERS, 0).compare(GE, (float) n);
    boolean centred = NormBackward.isCentred(statistics, rows);
    float[] out = dx.array();
    int end = NarrowRows.end(dx, dy.array(), x.array());
    for (int i = 0; i < rows; i++) {
      float mean = NormBackward.mean(statistics, i, rows);
      float s = NormBackward.s(statistics, i, rows);
      int up = dy.index(i, 0);
      int from = x.index(i, 0);
      float[] above = NarrowRows.source(dy.array(), up, n, stage, 0);
      float[] in = NarrowRows.source(x.array(), from, n, stage, L);
      FloatVector d = fromArray(S, above, above == stage ? 0 : up);
      FloatVector v = fromArray(S, in, in == stage ? L : from);
      FloatVector normalized = v.sub(mean).mul(s).blend(0f, beyond);
      scaleGradient = d.fma(normalized, scaleGradient);
      shiftGradient = shiftGradient.add(d);
      FloatVector g = d.mul(scale).blend(0f, beyond);
      float level = 0f;
      if (centred) {
        FloatVector sum = g;
        sum = L > 8 ? sum.add(sum.rearrange(FloatLanes.ROTATED_8)) : sum;
        sum = L > 4 ? sum.add(sum.rearrange(FloatLanes.ROTATED_4)) : sum;
        level = (sum.lane(0) + sum.lane(2) + (sum.lane(1) + sum.lane(3))) / n;
      }
      float slope = AcrossLanes.sum(g.mul(normalized)) / n;
      FloatVector result = normalized.fma(broadcast(S, -slope), g.sub(level)).mul(s);
      int to = dx.index(i, 0);
      boolean direct = n == L || to <= end - L;
      result.intoArray(direct ? out : stage, direct ? to : 2 * L);
      if (!direct) {
        NarrowRows.unstage(stage, 2 * L, out, to, n);
      }
    }
    if (dgamma != null) {
      scaleGradient.intoArray(stage, 0);
      System.arraycopy(stage, 0, dgamma, 0, n);
    }
    if (dbeta != null) {
      shiftGradient.intoArray(stage, 0);
      System.arraycopy(stage, 0, dbeta, 0, n);
    }
  }
}
