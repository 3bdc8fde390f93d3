package org.lanegrad.reference.flat;

import org.apache.commons.math3.linear.RealMatrix;

/**
 * A linear classifier with the multiclass hinge loss and L2:
 *
 * <p>L = mean over rows of Σ_{j ≠ label} max(0, s_j − s_label + 1) + ½·λ·ΣW², s = X·W.
 */
public final class LinearSvm {
  private final double lambda;

  /** With regularization strength λ. */
  public LinearSvm(double lambda) {
    this.lambda = lambda;
  }

  /**
   * The loss and its gradient.
   *
   * @param loss L
   * @param dw ∂L/∂W
   */
  public record Step(double loss, RealMatrix dw) {}

  /** Forward, then the same lines backward. */
  public Step step(RealMatrix x, RealMatrix w, int[] labels) {
    int rows = x.getRowDimension();
    int classes = w.getColumnDimension();

    // forward
    RealMatrix scores = x.multiply(w);
    double data = 0;
    for (int r = 0; r < rows; r++) {
      for (int j = 0; j < classes; j++) {
        double margin = scores.getEntry(r, j) - scores.getEntry(r, labels[r]) + 1;
        data += j == labels[r] ? 0 : Math.max(0, margin) / rows;
      }
    }
    double squares = sumOfSquares(w);
    double loss = data + 0.5 * lambda * squares;

    // backward
    RealMatrix dw = w.scalarMultiply(lambda);
    RealMatrix dscores = scores.scalarMultiply(0);
    for (int r = 0; r < rows; r++) {
      for (int j = 0; j < classes; j++) {
        double margin = scores.getEntry(r, j) - scores.getEntry(r, labels[r]) + 1;
        double dmargin = j != labels[r] && margin > 0 ? 1.0 / rows : 0;
        dscores.addToEntry(r, j, dmargin);
        dscores.addToEntry(r, labels[r], -dmargin);
      }
    }
    return new Step(loss, dw.add(x.transpose().multiply(dscores)));
  }

  private static double sumOfSquares(RealMatrix w) {
    double norm = w.getFrobeniusNorm();
    return norm * norm;
  }
}
