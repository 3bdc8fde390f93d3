package org.lanegrad.normalization;

import org.lanegrad.Matrix;
import org.lanegrad.reduction.Reductions;
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
    int n = x.columns();
    if (Simd.LANES && NarrowNorm.fits(n)) {
      NarrowNorm.forward(x, epsilon, centred, gamma, beta, y, statistics);
      return;
    }
    if (Simd.LANES && TwoVectorSoftmax.fits(n)) {
      TwoVectorNorm.forward(x, epsilon, centred, gamma, beta, y, statistics);
      return;
    }
    if (Simd.LANES) {
      NormForwardLanes.run(x, epsilon, centred, gamma, beta, y, statistics);
      return;
    }
    for (int i = 0; i < x.rows(); i++) {
      int from = x.index(i, 0);
      int to = y.index(i, 0);
      float near = centred && n > 0 ? Reductions.sum(x.array(), from, n) / n : 0f;
      double sum = 0;
      double squares = 0;
      for (int j = from; j < from + n; j++) {
        double d = x.array()[j] - near;
        sum += d;
        squares += d * d;
      }
      double off = centred ? sum / n : 0;
      float mean = (float) (near + off);
      float s = scale(squares / n - off * off, epsilon);
      save(statistics, i, x.rows(), mean, s);
      for (int j = 0; j < n; j++) {
        y.array()[to + j] = normalized(x.array()[from + j], mean, s, gamma, beta, j);
      }
    }
  }

  /**
   * A number near the mean of a short row, for sums of d = x − near: the mean of four elements.
   * However far the four are from the others, the variance of n is at least 4 / (n − 4) of (mean
   * d)², so up to n = 32 the cancellation in mean d² − (mean d)² costs no more than a factor of 8.
   */
  static float near(float[] x, int from, int n) {
    if (n == 0) {
      return 0f;
    }
    int third = (n - 1) / 3;
    float outer = x[from] * 0.25f + x[from + n - 1] * 0.25f;
    return outer + (x[from + third] * 0.25f + x[from + n - 1 - third] * 0.25f);
  }

  /** γ_j·((x − mean)·s) + β_j. */
  static float normalized(float x, float mean, float s, float[] gamma, float[] beta, int j) {
    float v = (x - mean) * s;
    v = gamma == null ? v : v * gamma[j];
    return beta == null ? v : v + beta[j];
  }

  /** 1 / √(variance + ε), for a variance that rounding may have left below 0. */
  static float scale(double variance, float epsilon) {
    double above = variance < 0 ? 0 : variance; // a NaN stays one
    return (float) (1 / Math.sqrt(above + epsilon));
  }

  /** Keeps mean and s of row i, or s alone, where they are wanted. */
  static void save(float[] statistics, int i, int rows, float mean, float s) {
    if (statistics == null) {
      return;
    }
    if (NormBackward.isCentred(statistics, rows)) {
      statistics[2 * i] = mean;
      statistics[2 * i + 1] = s;
    } else {
      statistics[i] = s;
    }
  }
}
