package org.lanegrad.normalization;

import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.Matrix;
import org.lanegrad.reduction.Reductions;
import org.lanegrad.simd.FloatLanes;
import org.lanegrad.simd.Simd;

/**
 * The forward pass of layer and RMS normalization: Y_ij = γ_j·((X_ij − mean_i)·s_i) + β_j, s_i = 1
 * / √(mean of (X − mean)² + ε).
 *
 * <p>RMS normalization takes no mean. A γ or β that is null stands for ones or zeros. The
 * statistics, if they are not null, receive mean and s of each row, or s alone. Y may lie on X.
 */
final class NormForward {
  private NormForward() {}

  static void run(
      Matrix x,
      float epsilon,
      boolean centred,
      float[] gamma,
      float[] beta,
      Matrix y,
      float[] statistics) {
    if (Simd.LANES && NarrowNorm.fits(x.columns())) {
      NarrowNorm.forward(x, epsilon, centred, gamma, beta, y, statistics);
      return;
    }
    for (int i = 0; i < x.rows(); i++) {
      float mean = mean(x, i, centred);
      float s = s(x, i, mean, epsilon);
      if (statistics != null && centred) {
        statistics[2 * i] = mean;
      }
      if (statistics != null) {
        statistics[centred ? 2 * i + 1 : i] = s;
      }
      row(x, i, mean, s, gamma, beta, y);
    }
  }

  private static float mean(Matrix x, int i, boolean centred) {
    return centred ? Reductions.sum(x.array(), x.index(i, 0), x.columns()) / x.columns() : 0f;
  }

  private static float s(Matrix x, int i, float mean, float epsilon) {
    float squares = Reductions.sumOfSquares(x.array(), x.index(i, 0), x.columns(), mean);
    return (float) (1 / Math.sqrt((double) (squares / x.columns()) + epsilon));
  }

  private static void row(
      Matrix x, int i, float mean, float s, float[] gamma, float[] beta, Matrix y) {
    int from = x.index(i, 0);
    int to = y.index(i, 0);
    if (Simd.LANES) {
      Lanes.row(x.array(), from, mean, s, gamma, beta, y.array(), to, x.columns());
      return;
    }
    for (int j = 0; j < x.columns(); j++) {
      float v = (x.array()[from + j] - mean) * s;
      v = gamma == null ? v : v * gamma[j];
      y.array()[to + j] = beta == null ? v : v + beta[j];
    }
  }

  private static final class Lanes {
    private static final VectorSpecies<Float> S = FloatLanes.SPECIES;
    private static final int L = FloatLanes.COUNT;

    static void row(
        float[] x,
        int from,
        float mean,
        float s,
        float[] gamma,
        float[] beta,
        float[] y,
        int to,
        int n) {
      int j = 0;
      for (int end = S.loopBound(n); j < end; j += L) {
        FloatVector v = fromArray(S, x, from + j).sub(mean).mul(s);
        if (gamma != null) {
          v = v.mul(fromArray(S, gamma, j));
        }
        if (beta != null) {
          v = v.add(fromArray(S, beta, j));
        }
        v.intoArray(y, to + j);
      }
      if (j < n) {
        VectorMask<Float> tail = S.indexInRange(j, n);
        FloatVector v = fromArray(S, x, from + j, tail).sub(mean).mul(s);
        if (gamma != null) {
          v = v.mul(fromArray(S, gamma, j, tail));
        }
        if (beta != null) {
          v = v.add(fromArray(S, beta, j, tail));
        }
        v.intoArray(y, to + j, tail);
      }
    }
  }
}
