package org.lanegrad.normalization;

import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.Matrix;
import org.lanegrad.check.Check;
import org.lanegrad.reduction.Reductions;
import org.lanegrad.simd.FloatLanes;
import org.lanegrad.simd.Simd;

/**
 * Y_ij = γ_j·X̂_ij + β_j with X̂_ij = (X_ij − μ_i)·s_i, μ_i the row's mean, s_i = 1 / √(variance_i
 * + ε); with G = dY·γ, dX_ij = s_i·(G_ij − (Σ_k G_ik + X̂_ij·Σ_k G_ik·X̂_ik) / n), dγ_j += Σ_i
 * dY_ij·X̂_ij, dβ_j += Σ_i dY_ij.
 *
 * <p>The mean is taken first, then the mean of the squares around it (two passes: no cancellation).
 * μ and s of each row are saved for the backward pass.
 *
 * <ul>
 *   <li><b>Shapes</b>: γ and β have an element for each column, or are null for 1 and 0; the
 *       statistics hold 2 elements a row, μ and s. A tensor is normalized over its trailing
 *       dimensions as a matrix with a row for each of the leading ones.
 *   <li><b>Accuracy</b>: with δ = (66 + log₂ n) · 2^−24 · mean|x|, what the mean may be off by, Y
 *       is within (40 + log₂ n) · 2^−24 · (|γX̂| + |β|) + |γ|·s·δ.
 *   <li><b>Special values</b>: a row with NaN or Inf gives NaN; variance 0 gives β (ε above 0).
 *   <li><b>Cost</b>: forward 9 flops and 16 bytes an element, backward 15 flops and 32 bytes.
 *   <li><b>Source</b>: J. Ba et al., Layer Normalization (2016).
 * </ul>
 *
 * @param epsilon ε, added to the variance, 0 or more
 */
public record LayerNorm(float epsilon) {
  /** ε as given. */
  public LayerNorm {
    Check.atLeastZero("epsilon", epsilon);
  }

  /** Y from X; the statistics are kept if that is not null. */
  public void forward(Matrix x, float[] gamma, float[] beta, Matrix y, float[] statistics) {
    RowChecks.like("y", y, "x", x);
    Check.stored("x", x.isTransposed());
    RowChecks.sameOrSeparate("y", y, "x", x);
    RowChecks.vector("gamma", gamma, x, true);
    RowChecks.vector("beta", beta, x, true);
    RowChecks.separate("y", y, "gamma", gamma);
    RowChecks.separate("y", y, "beta", beta);
    if (statistics != null) {
      Check.equal("statistics.length", statistics.length, "2 · rows", 2 * x.rows());
    }
    int n = x.columns();
    for (int i = 0; i < x.rows(); i++) {
      int from = x.index(i, 0);
      float mean = Reductions.sum(x.array(), from, n) / n;
      float variance = Reductions.sumOfSquares(x.array(), from, n, mean) / n;
      float s = (float) (1 / Math.sqrt((double) variance + epsilon));
      if (statistics != null) {
        statistics[2 * i] = mean;
        statistics[2 * i + 1] = s;
      }
      normalize(x.array(), from, mean, s, gamma, beta, y.array(), y.index(i, 0), n);
    }
  }

  /** y = γ·((x − mean)·s) + β; RmsNorm's too, with a mean of 0. */
  static void normalize(
      float[] x,
      int from,
      float mean,
      float s,
      float[] gamma,
      float[] beta,
      float[] y,
      int to,
      int n) {
    if (Simd.LANES) {
      Lanes.normalize(x, from, mean, s, gamma, beta, y, to, n);
      return;
    }
    for (int j = 0; j < n; j++) {
      float v = (x[from + j] - mean) * s;
      v = gamma == null ? v : v * gamma[j];
      y[to + j] = beta == null ? v : v + beta[j];
    }
  }

  /**
   * dX from dY, X and the saved statistics; dγ and dβ are added to what they hold, and left out if
   * null.
   */
  public void backward(
      Matrix dy,
      Matrix x,
      float[] gamma,
      float[] statistics,
      Matrix dx,
      float[] dgamma,
      float[] dbeta) {
    RowChecks.like("x", x, "dy", dy);
    RowChecks.like("dx", dx, "dy", dy);
    Check.stored("dy", dy.isTransposed());
    RowChecks.sameOrSeparate("dx", dx, "dy", dy);
    RowChecks.sameOrSeparate("dx", dx, "x", x);
    RowChecks.vector("gamma", gamma, dy, true);
    RowChecks.vector("dgamma", dgamma, dy, true);
    RowChecks.vector("dbeta", dbeta, dy, true);
    Check.notNull("statistics", statistics, "a float[]");
    Check.equal("statistics.length", statistics.length, "2 · rows", 2 * dy.rows());
    RowChecks.separate("dx", dx, "gamma", gamma);
    RowChecks.separate("dx", dx, "dgamma", dgamma);
    RowChecks.separate("dx", dx, "dbeta", dbeta);
    Check.separate("dgamma", "gamma", dgamma != null && dgamma == gamma);
    Check.separate("dgamma", "dbeta", dgamma != null && dgamma == dbeta);
    int n = dy.columns();
    for (int i = 0; i < dy.rows(); i++) {
      float[] up = dy.array();
      int upFrom = dy.index(i, 0);
      int from = x.index(i, 0);
      float mean = statistics[2 * i];
      float s = statistics[2 * i + 1];
      float sum =
          gamma == null ? Reductions.sum(up, upFrom, n) : Reductions.dot(up, upFrom, gamma, 0, n);
      float turn = NormGradients.turn(up, upFrom, x.array(), from, mean, s, gamma, 0, n);
      NormGradients.parameters(up, upFrom, x.array(), from, mean, s, dgamma, dbeta, n);
      NormGradients.input(
          up,
          upFrom,
          x.array(),
          from,
          mean,
          s,
          gamma,
          sum / n,
          turn / n,
          dx.array(),
          dx.index(i, 0),
          n);
    }
  }

  private static final class Lanes {
    private static final VectorSpecies<Float> S = FloatLanes.SPECIES;
    private static final int L = FloatLanes.COUNT;

    static void normalize(
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
