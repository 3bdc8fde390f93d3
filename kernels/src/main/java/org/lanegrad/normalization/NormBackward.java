package org.lanegrad.normalization;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.Matrix;
import org.lanegrad.elementwise.Fill;
import org.lanegrad.simd.FloatLanes;
import org.lanegrad.simd.Fma;
import org.lanegrad.simd.Simd;

/**
 * The backward pass of layer and RMS normalization: with X̂_ij = (X_ij − mean_i)·s_i and G = dY·γ,
 * dX_ij = s_i·(G_ij − (Σ_k G_ik + X̂_ij·Σ_k G_ik·X̂_ik) / n), dγ_j = Σ_i dY_ij·X̂_ij, dβ_j = Σ_i
 * dY_ij.
 *
 * <p>The statistics hold mean and s of each row, or s alone for RMS normalization, which takes no
 * mean and leaves Σ G out. A γ that is null stands for ones; a dγ or dβ that is null is left out.
 * dX may lie on dY or X.
 */
final class NormBackward {
  private NormBackward() {}

  /** The rows add onto dγ and dβ, which start from 0 unless they accumulate. */
  static void run(
      Matrix dy,
      Matrix x,
      float[] statistics,
      float[] gamma,
      Matrix dx,
      float[] dgamma,
      float[] dbeta,
      boolean accumulate) {
    if (!accumulate && dgamma != null) {
      Fill.forward(0f, dgamma, 0, dgamma.length);
    }
    if (!accumulate && dbeta != null) {
      Fill.forward(0f, dbeta, 0, dbeta.length);
    }
    if (Simd.LANES && NarrowNorm.fits(dy.columns())) {
      NarrowNorm.backward(dy, x, statistics, gamma, dx, dgamma, dbeta);
      return;
    }
    if (Simd.LANES && TwoVectorSoftmax.fits(dy.columns())) {
      TwoVectorNorm.backward(dy, x, statistics, gamma, dx, dgamma, dbeta);
      return;
    }
    int rows = dy.rows();
    int i = 0;
    for (; i + NormBackwardLanes.ROWS <= rows && Simd.LANES; i += NormBackwardLanes.ROWS) {
      NormBackwardLanes.rows(dy, x, statistics, gamma, dx, dgamma, dbeta, i);
    }
    for (; i < rows && Simd.LANES; i++) {
      NormBackwardLanes.row(dy, x, statistics, gamma, dx, dgamma, dbeta, i);
    }
    for (; i < rows; i++) {
      row(dy, x, statistics, gamma, dx, dgamma, dbeta, i);
    }
  }

  private static void row(
      Matrix dy,
      Matrix x,
      float[] statistics,
      float[] gamma,
      Matrix dx,
      float[] dgamma,
      float[] dbeta,
      int i) {
    int n = dy.columns();
    float mean = mean(statistics, i, dy.rows());
    float s = s(statistics, i, dy.rows());
    double sum = 0;
    double turn = 0;
    for (int j = 0; j < n; j++) {
      float d = dy.array()[dy.index(i, j)];
      float normalized = (x.array()[x.index(i, j)] - mean) * s;
      float g = gamma == null ? d : d * gamma[j];
      sum += g;
      turn += (double) g * normalized;
      if (dgamma != null) {
        dgamma[j] = Fma.of(d, normalized, dgamma[j]);
      }
      if (dbeta != null) {
        dbeta[j] += d;
      }
    }
    float level = isCentred(statistics, dy.rows()) ? (float) (sum / n) : 0f;
    float slope = (float) (turn / n);
    input(
        dy.array(),
        dy.index(i, 0),
        x.array(),
        x.index(i, 0),
        mean,
        s,
        level,
        slope,
        gamma,
        dx.array(),
        dx.index(i, 0),
        n);
  }

  /** dx = s·(g − level − x̂·slope). */
  static void input(
      float[] dy,
      int up,
      float[] x,
      int from,
      float mean,
      float s,
      float level,
      float slope,
      float[] gamma,
      float[] dx,
      int to,
      int n) {
    if (Simd.LANES) {
      Lanes.input(dy, up, x, from, mean, s, level, slope, gamma, dx, to, n);
      return;
    }
    for (int j = 0; j < n; j++) {
      float g = gamma == null ? dy[up + j] : dy[up + j] * gamma[j];
      dx[to + j] = Fma.of((x[from + j] - mean) * s, -slope, g - level) * s;
    }
  }

  static boolean isCentred(float[] statistics, int rows) {
    return statistics.length > rows;
  }

  static float mean(float[] statistics, int i, int rows) {
    return isCentred(statistics, rows) ? statistics[2 * i] : 0f;
  }

  static float s(float[] statistics, int i, int rows) {
    return isCentred(statistics, rows) ? statistics[2 * i + 1] : statistics[i];
  }

  private static final class Lanes {
    private static final VectorSpecies<Float> S = FloatLanes.SPECIES;
    private static final int L = FloatLanes.COUNT;

    static void input(
        float[] dy,
        int up,
        float[] x,
        int from,
        float mean,
        float s,
        float level,
        float slope,
        float[] gamma,
        float[] dx,
        int to,
        int n) {
      FloatVector down = broadcast(S, -slope);
      int last = n - L;
      FloatVector lastDy = fromArray(S, dy, up + last);
      FloatVector lastX = fromArray(S, x, from + last);
      for (int pass = 0; pass < 2; pass++) {
        int start = pass == 0 ? 0 : last;
        int count = pass == 0 ? last : L;
        for (int k = 0; k < count; k += L) {
          int j = start + k;
          FloatVector g = pass == 0 ? fromArray(S, dy, up + j) : lastDy;
          if (gamma != null) {
            g = g.mul(fromArray(S, gamma, j));
          }
          FloatVector normalized = (pass == 0 ? fromArray(S, x, from + j) : lastX).sub(mean).mul(s);
          normalized.fma(down, g.sub(level)).mul(s).intoArray(dx, to + j);
        }
      }
    }
  }
}
