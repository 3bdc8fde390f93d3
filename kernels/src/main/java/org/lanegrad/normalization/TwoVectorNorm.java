package org.lanegrad.normalization;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.FloatVector.zero;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.Matrix;
import org.lanegrad.simd.AcrossLanes;
import org.lanegrad.simd.FloatLanes;

/**
 * Layer and RMS normalization of rows that are longer than a vector and no longer than two, as
 * {@link TwoVectorSoftmax} has them: a row is loaded once, and its sums never leave the registers.
 */
final class TwoVectorNorm {
  private static final VectorSpecies<Float> S = FloatLanes.SPECIES;
  private static final int L = FloatLanes.COUNT;

  private TwoVectorNorm() {}

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
    int second = n - L;
    FloatVector scale0 = gamma == null ? broadcast(S, 1f) : fromArray(S, gamma, 0);
    FloatVector scale1 = gamma == null ? broadcast(S, 1f) : fromArray(S, gamma, second);
    FloatVector shift0 = beta == null ? broadcast(S, -0f) : fromArray(S, beta, 0);
    FloatVector shift1 = beta == null ? broadcast(S, -0f) : fromArray(S, beta, second);
    VectorMask<Float> again = fromArray(S, FloatLanes.NUMBERS, 0).compare(LT, (float) (L - second));
    float[] in = x.array();
    float[] out = y.array();
    for (int i = 0; i < x.rows(); i++) {
      int from = x.index(i, 0);
      float near = centred ? NormForward.near(in, from, n) : 0f;
      FloatVector d0 = fromArray(S, in, from).sub(near);
      FloatVector d1 = fromArray(S, in, from + second).sub(near).blend(0f, again);
      float off = 0f;
      if (centred) {
        FloatVector sum = d0.add(d1);
        sum = L > 8 ? sum.add(sum.rearrange(FloatLanes.ROTATED_8)) : sum;
        sum = L > 4 ? sum.add(sum.rearrange(FloatLanes.ROTATED_4)) : sum;
        off = (sum.lane(0) + sum.lane(2) + (sum.lane(1) + sum.lane(3))) / n;
      }
      float square = AcrossLanes.sum(d1.fma(d1, d0.mul(d0))) / n;
      float s = NormForward.scale(square - (double) off * off, epsilon);
      NormForward.save(statistics, i, x.rows(), near + off, s);
      int to = y.index(i, 0);
      d1.sub(off).mul(s).mul(scale1).add(shift1).intoArray(out, to + second);
      d0.sub(off).mul(s).mul(scale0).add(shift0).intoArray(out, to);
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
    int second = n - L;
    FloatVector scale0 = gamma == null ? broadcast(S, 1f) : fromArray(S, gamma, 0);
    FloatVector scale1 = gamma == null ? broadcast(S, 1f) : fromArray(S, gamma, second);
    FloatVector scaleGradient0 = dgamma == null ? zero(S) : fromArray(S, dgamma, 0);
    FloatVector scaleGradient1 = dgamma == null ? zero(S) : fromArray(S, dgamma, second);
    FloatVector shiftGradient0 = dbeta == null ? zero(S) : fromArray(S, dbeta, 0);
    FloatVector shiftGradient1 = dbeta == null ? zero(S) : fromArray(S, dbeta, second);
    VectorMask<Float> again = fromArray(S, FloatLanes.NUMBERS, 0).compare(LT, (float) (L - second));
    boolean centred = NormBackward.isCentred(statistics, rows);
    float[] above = dy.array();
    float[] in = x.array();
    float[] out = dx.array();
    for (int i = 0; i < rows; i++) {
      float mean = NormBackward.mean(statistics, i, rows);
      float s = NormBackward.s(statistics, i, rows);
      int up = dy.index(i, 0);
      int from = x.index(i, 0);
      FloatVector d0 = fromArray(S, above, up);
      FloatVector d1 = fromArray(S, above, up + second);
      FloatVector x0 = fromArray(S, in, from).sub(mean).mul(s);
      FloatVector x1 = fromArray(S, in, from + second).sub(mean).mul(s);
      scaleGradient0 = d0.fma(x0, scaleGradient0);
      scaleGradient1 = d1.fma(x1, scaleGradient1);
      shiftGradient0 = shiftGradient0.add(d0);
      shiftGradient1 = shiftGradient1.add(d1);
      FloatVector g0 = d0.mul(scale0);
      FloatVector g1 = d1.mul(scale1);
      FloatVector once = g1.blend(0f, again);
      float level = 0f;
      if (centred) {
        FloatVector sum = g0.add(once);
        sum = L > 8 ? sum.add(sum.rearrange(FloatLanes.ROTATED_8)) : sum;
        sum = L > 4 ? sum.add(sum.rearrange(FloatLanes.ROTATED_4)) : sum;
        level = (sum.lane(0) + sum.lane(2) + (sum.lane(1) + sum.lane(3))) / n;
      }
      FloatVector down = broadcast(S, -(AcrossLanes.sum(g0.mul(x0).add(once.mul(x1))) / n));
      int to = dx.index(i, 0);
      x1.fma(down, g1.sub(level)).mul(s).intoArray(out, to + second);
      x0.fma(down, g0.sub(level)).mul(s).intoArray(out, to);
    }
    if (dgamma != null) {
      scaleGradient1.intoArray(dgamma, second);
      scaleGradient0.intoArray(dgamma, 0);
    }
    if (dbeta != null) {
      shiftGradient1.intoArray(dbeta, second);
      shiftGradient0.intoArray(dbeta, 0);
    }
  }
}
