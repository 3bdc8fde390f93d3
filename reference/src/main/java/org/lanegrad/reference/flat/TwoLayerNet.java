package org.lanegrad.reference.flat;

import org.apache.commons.math3.linear.RealMatrix;
import org.apache.commons.math3.linear.RealVector;

/**
 * L = mean cross-entropy of softmax(relu(X·W₁ + b₁)·W₂ + b₂).
 *
 * @param w1 W₁
 * @param b1 b₁
 * @param w2 W₂
 * @param b2 b₂
 */
public record TwoLayerNet(RealMatrix w1, RealVector b1, RealMatrix w2, RealVector b2) {
  /**
   * The loss and the gradients, in the parameters' shapes.
   *
   * @param loss L
   * @param gradients ∂L/∂W₁, ∂L/∂b₁, ∂L/∂W₂, ∂L/∂b₂
   */
  public record Step(double loss, TwoLayerNet gradients) {}

  /** Forward, then the same lines backward. */
  public Step step(RealMatrix x, int[] labels) {
    int rows = x.getRowDimension();

    // forward
    RealMatrix z = plus(x.multiply(w1), b1);
    RealMatrix h = z.copy();
    RealMatrix active = z.copy();
    each(z, (r, j, value) -> h.setEntry(r, j, Math.max(0, value)));
    each(z, (r, j, value) -> active.setEntry(r, j, value > 0 ? 1 : 0));
    RealMatrix scores = plus(h.multiply(w2), b2);
    RealMatrix p = scores.copy();
    double loss = 0;
    for (int r = 0; r < rows; r++) {
      double max = scores.getRowVector(r).getMaxValue();
      RealVector e = scores.getRowVector(r).mapSubtract(max).map(Math::exp);
      p.setRowVector(r, e.mapDivide(e.getL1Norm()));
      loss -= Math.log(p.getEntry(r, labels[r])) / rows;
    }

    // backward
    RealMatrix dscores = p.scalarMultiply(1.0 / rows);
    for (int r = 0; r < rows; r++) {
      dscores.addToEntry(r, labels[r], -1.0 / rows);
    }
    RealVector db2 = columnSums(dscores);
    RealMatrix dw2 = h.transpose().multiply(dscores);
    RealMatrix dz = dscores.multiply(w2.transpose());
    each(active, (r, j, value) -> dz.multiplyEntry(r, j, value));
    RealVector db1 = columnSums(dz);
    RealMatrix dw1 = x.transpose().multiply(dz);
    return new Step(loss, new TwoLayerNet(dw1, db1, dw2, db2));
  }

  private static RealMatrix plus(RealMatrix a, RealVector b) {
    each(a.copy(), (r, j, value) -> a.setEntry(r, j, value + b.getEntry(j)));
    return a;
  }

  private static RealVector columnSums(RealMatrix a) {
    RealVector sums = a.getRowVector(0);
    for (int r = 1; r < a.getRowDimension(); r++) {
      sums = sums.add(a.getRowVector(r));
    }
    return sums;
  }

  private interface Entry {
    void visit(int row, int column, double value);
  }

  private static void each(RealMatrix matrix, Entry entry) {
    for (int r = 0; r < matrix.getRowDimension(); r++) {
      for (int j = 0; j < matrix.getColumnDimension(); j++) {
        entry.visit(r, j, matrix.getEntry(r, j));
      }
    }
  }
}
