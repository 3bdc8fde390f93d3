package org.lanegrad.normalization;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.FloatVector.zero;

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
    VectorMask<Float> mask = S.indexInRange(0, n);
    FloatVector scale = gamma == null ? broadcast(S, 1f) : fromArray(S, gamma, 0, mask);
    FloatVector shift = beta == null ? broadcast(S, -0f) : fromArray(S, beta, 0, mask);
    for (int i = 0; i < x.rows(); i++) {
      FloatVector v = fromArray(S, x.array(), x.index(i, 0), mask);
      float mean = centred ? AcrossLanes.sum(v) / n : 0f;
      FloatVector d = v.sub(mean, mask);
      float s = (float) (1 / Math.sqrt((double) (AcrossLanes.sum(d.mul(d)) / n) + epsilon));
      if (statistics != null) {
        statistics[centred ? 2 * i + 1 : i] = s;
      }
      if (statistics != null && centred) {
        statistics[2 * i] = mean;
      }
      d.mul(s).mul(scale).add(shift).intoArray(y.array(), y.index(i, 0), mask);
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
    VectorMask<Float> mask = S.indexInRange(0, n);
    FloatVector scale = gamma == null ? broadcast(S, 1f) : fromArray(S, gamma, 0, mask);
    FloatVector scaleGradient = dgamma == null ? zero(S) : fromArray(S, dgamma, 0, mask);
    FloatVector shiftGradient = dbeta == null ? zero(S) : fromArray(S, dbeta, 0, mask);
    boolean centred = NormBackward.isCentred(statistics, rows);
    for (int i = 0; i < rows; i++) {
      float mean = NormBackward.mean(statistics, i, rows);
      float s = NormBackward.s(statistics, i, rows);
      FloatVector d = fromArray(S, dy.array(), dy.index(i, 0), mask);
      FloatVector v = fromArray(S, x.array(), x.index(i, 0), mask);
      FloatVector normalized = v.sub(mean).mul(s);
      scaleGradient = d.fma(normalized, scaleGradient);
      shiftGradient = shiftGradient.add(d);
      FloatVector g = d.mul(scale);
      float level = centred ? AcrossLanes.sum(g) / n : 0f;
      float slope = AcrossLanes.sum(g.mul(normalized)) / n;
      FloatVector result = normalized.fma(broadcast(S, -slope), g.sub(level)).mul(s);
      result.intoArray(dx.array(), dx.index(i, 0), mask);
    }
    if (dgamma != null) {
      scaleGradient.intoArray(dgamma, 0, mask);
    }
    if (dbeta != null) {
      shiftGradient.intoArray(dbeta, 0, mask);
    }
  }
}
