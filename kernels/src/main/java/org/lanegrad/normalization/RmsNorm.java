package org.lanegrad.normalization;

import org.lanegrad.Matrix;
import org.lanegrad.check.Check;
import org.lanegrad.check.MatrixChecks;

/**
 * Y_ij = γ_j·X̂_ij with X̂_ij = X_ij·s_i, s_i = 1 / √(mean of the row's X² + ε); with G = dY·γ,
 * dX_ij = s_i·(G_ij − X̂_ij·Σ_k G_ik·X̂_ik / n), dγ_j = Σ_i dY_ij·X̂_ij.
 *
 * <ul>
 *   <li><b>Shapes</b>: γ has an element for each column, or is null for ones; the statistics hold
 *       s, an element a row. A tensor is normalized over its trailing dimensions as a matrix with a
 *       row for each of the leading ones.
 *   <li><b>Accuracy</b>: Y is within 43 · 2^−24 relative on 16 lanes (75 on 8, 138 on 4).
 *   <li><b>Special values</b>: a row with NaN gives NaN; with Inf, NaN there and 0 elsewhere; a row
 *       of zeros gives zeros (ε above 0). The sum of squares may overflow from 5.8e17 on (1.8e19 /
 *       √n in rows below 1,024), which gives zeros.
 *   <li><b>Cost</b>: forward 5 flops and 16 bytes an element, backward 12 flops and 28 bytes.
 *   <li><b>Source</b>: B. Zhang, R. Sennrich, Root Mean Square Layer Normalization (2019).
 * </ul>
 *
 * @param epsilon ε, added to the mean square, 0 or more
 */
public record RmsNorm(float epsilon) {
  /** ε as given. */
  public RmsNorm {
    Check.atLeastZero("epsilon", epsilon);
  }

  /** Y from X; the statistics are kept if that is not null. */
  public void forward(Matrix x, float[] gamma, Matrix y, float[] statistics) {
    MatrixChecks.like("y", y, "x", x);
    Check.stored("x", x.isTransposed());
    MatrixChecks.sameOrSeparate("y", y, "x", x);
    RowChecks.vector("gamma", gamma, x, true);
    RowChecks.separate("y", y, "gamma", gamma);
    RowChecks.separate("y", y, "statistics", statistics);
    if (statistics != null) {
      Check.equal("statistics.length", statistics.length, "rows", x.rows());
    }
    NormForward.run(x, epsilon, false, gamma, null, y, statistics);
  }

  /** dX and dγ from dY, X and the saved statistics; a dγ that is null is left out. */
  public void backward(
      Matrix dy, Matrix x, float[] gamma, float[] statistics, Matrix dx, float[] dgamma) {
    backward(dy, x, gamma, statistics, dx, dgamma, false);
  }

  /**
   * The same; dX is overwritten in any case.
   *
   * @param accumulate whether dγ is added to what is there instead of overwriting it
   */
  public void backward(
      Matrix dy,
      Matrix x,
      float[] gamma,
      float[] statistics,
      Matrix dx,
      float[] dgamma,
      boolean accumulate) {
    MatrixChecks.like("x", x, "dy", dy);
    MatrixChecks.like("dx", dx, "dy", dy);
    Check.stored("dy", dy.isTransposed());
    MatrixChecks.sameOrSeparate("dx", dx, "dy", dy);
    MatrixChecks.sameOrSeparate("dx", dx, "x", x);
    RowChecks.vector("gamma", gamma, dy, true);
    RowChecks.vector("dgamma", dgamma, dy, true);
    Check.notNull("statistics", statistics, "a float[]");
    Check.equal("statistics.length", statistics.length, "rows", dy.rows());
    RowChecks.separate("dx", dx, "gamma", gamma);
    RowChecks.separate("dx", dx, "dgamma", dgamma);
    Check.separate("dgamma", "gamma", dgamma != null && dgamma == gamma);
    Check.separate("dgamma", "statistics", dgamma == statistics);
    RowChecks.separate("dy", dy, "dgamma", dgamma);
    RowChecks.separate("x", x, "dgamma", dgamma);
    RowChecks.separate("dx", dx, "statistics", statistics);
    NormBackward.run(dy, x, statistics, gamma, dx, dgamma, null, accumulate);
  }
}
