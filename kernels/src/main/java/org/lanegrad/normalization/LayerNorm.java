package org.lanegrad.normalization;

import org.lanegrad.Matrix;
import org.lanegrad.check.Check;
import org.lanegrad.check.MatrixChecks;

/**
 * Y_ij = γ_j·X̂_ij + β_j with X̂_ij = (X_ij − μ_i)·s_i, μ_i the row's mean, s_i = 1 / √(variance_i
 * + ε); with G = dY·γ, dX_ij = s_i·(G_ij − (Σ_k G_ik + X̂_ij·Σ_k G_ik·X̂_ik) / n), dγ_j = Σ_i
 * dY_ij·X̂_ij, dβ_j = Σ_i dY_ij.
 *
 * <p>μ and the variance come from one pass over the row, as the moments of x − c for a c near the
 * mean; a row in which that c is not near enough takes a second one, rows of one vector take two. μ
 * and s of each row are saved for the backward pass.
 *
 * <ul>
 *   <li><b>Shapes</b>: γ and β have an element for each column, or are null for 1 and 0; the
 *       statistics hold 2 elements a row, μ and s. A tensor is normalized over its trailing
 *       dimensions as a matrix with a row for each of the leading ones.
 *   <li><b>Accuracy</b>: with rows of 1,024 or more, Y is within 2^−24 · (78 · (|γX̂| + |β|) + |γ|
 *       · (77 + s·mean|x|)) on 16 lanes (140 and 144 on 8, 264 and 280 on 4), less in shorter ones;
 *       in rows of one vector and the scalar loop within 2^−24 · (13 · (|γX̂| + |β|) +
 *       8·|γ|·s·mean|x| + |γ|·(s·mean|x|)²·2^−18).
 *   <li><b>Special values</b>: a row with NaN or Inf gives NaN; variance 0 gives β (ε above 0).
 *       Where |x − μ| is 5.8e17 or more (1.8e19 / √n in rows below 1,024) the sum of squares may
 *       overflow, which gives β.
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
    MatrixChecks.like("y", y, "x", x);
    Check.stored("x", x.isTransposed());
    MatrixChecks.sameOrSeparate("y", y, "x", x);
    RowChecks.vector("gamma", gamma, x, true);
    RowChecks.vector("beta", beta, x, true);
    RowChecks.separate("y", y, "gamma", gamma);
    RowChecks.separate("y", y, "beta", beta);
    RowChecks.separate("y", y, "statistics", statistics);
    if (statistics != null) {
      Check.equal("statistics.length", statistics.length, "2 · rows", 2L * x.rows());
    }
    NormForward.run(x, epsilon, true, gamma, beta, y, statistics);
  }

  /** dX, dγ and dβ from dY, X and the saved statistics; a dγ or dβ that is null is left out. */
  public void backward(
      Matrix dy,
      Matrix x,
      float[] gamma,
      float[] statistics,
      Matrix dx,
      float[] dgamma,
      float[] dbeta) {
    backward(dy, x, gamma, statistics, dx, dgamma, dbeta, false);
  }

  /**
   * The same; dX is overwritten in any case.
   *
   * @param accumulate whether dγ and dβ are added to what is there instead of overwriting it
   */
  public void backward(
      Matrix dy,
      Matrix x,
      float[] gamma,
      float[] statistics,
      Matrix dx,
      float[] dgamma,
      float[] dbeta,
      boolean accumulate) {
    MatrixChecks.like("x", x, "dy", dy);
    MatrixChecks.like("dx", dx, "dy", dy);
    Check.stored("dy", dy.isTransposed());
    MatrixChecks.sameOrSeparate("dx", dx, "dy", dy);
    MatrixChecks.sameOrSeparate("dx", dx, "x", x);
    RowChecks.vector("gamma", gamma, dy, true);
    RowChecks.vector("dgamma", dgamma, dy, true);
    RowChecks.vector("dbeta", dbeta, dy, true);
    Check.notNull("statistics", statistics, "a float[]");
    Check.equal("statistics.length", statistics.length, "2 · rows", 2L * dy.rows());
    RowChecks.separate("dx", dx, "gamma", gamma);
    RowChecks.separate("dx", dx, "dgamma", dgamma);
    RowChecks.separate("dx", dx, "dbeta", dbeta);
    Check.separate("dgamma", "gamma", dgamma != null && dgamma == gamma);
    Check.separate("dgamma", "statistics", dgamma == statistics);
    Check.separate("dbeta", "statistics", dbeta == statistics);
    Check.separate("dgamma", "dbeta", dgamma != null && dgamma == dbeta);
    Check.separate("dbeta", "gamma", dbeta != null && dbeta == gamma);
    RowChecks.separate("dy", dy, "dgamma", dgamma);
    RowChecks.separate("dy", dy, "dbeta", dbeta);
    RowChecks.separate("x", x, "dgamma", dgamma);
    RowChecks.separate("x", x, "dbeta", dbeta);
    RowChecks.separate("dx", dx, "statistics", statistics);
    NormBackward.run(dy, x, statistics, gamma, dx, dgamma, dbeta, accumulate);
  }
}
