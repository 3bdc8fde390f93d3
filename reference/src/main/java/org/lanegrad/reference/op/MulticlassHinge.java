package org.lanegrad.reference.op;

import java.util.List;
import org.apache.commons.math3.RealFieldElement;
import org.apache.commons.math3.linear.RealMatrix;

/**
 * L = mean over rows of Σ_{j ≠ label} max(0, x_j − x_label + Δ): the multiclass SVM loss of scores
 * x. ∂L/∂x_rj = [x_j − x_label + Δ &gt; 0] / rows for j ≠ label, minus their sum for the label.
 *
 * @param labels a class for each row
 * @param classes how many there are
 * @param margin Δ
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record MulticlassHinge(int[] labels, int classes, double margin) implements Op {
  @Override
  public List<Variable> variables() {
    return List.of(new Variable("scores", labels.length, classes));
  }

  @Override
  public Variable output() {
    return new Variable("loss", 1, 1);
  }

  @Override
  public <T extends RealFieldElement<T>> List<T> forward(List<List<T>> inputs) {
    List<T> x = inputs.get(0);
    T total = x.get(0).getField().getZero();
    for (int r = 0; r < labels.length; r++) {
      T right = x.get(r * classes + labels[r]);
      for (int j = 0; j < classes; j++) {
        T excess = x.get(r * classes + j).subtract(right).add(margin);
        total = j != labels[r] && excess.getReal() > 0 ? total.add(excess) : total;
      }
    }
    return List.of(total.divide(labels.length));
  }

  @Override
  public RealMatrix jacobian(int variable, double[][] inputs) {
    return Jacobians.of(
        1, inputs[0].length, (o, v) -> slope(inputs[0], v / classes, v % classes) / labels.length);
  }

  private double slope(double[] x, int row, int j) {
    if (j != labels[row]) {
      return exceeds(x, row, j) ? 1 : 0;
    }
    int exceeding = 0;
    for (int other = 0; other < classes; other++) {
      exceeding += other != j && exceeds(x, row, other) ? 1 : 0;
    }
    return -exceeding;
  }

  private boolean exceeds(double[] x, int row, int j) {
    return x[row * classes + j] - x[row * classes + labels[row]] + margin > 0;
  }
}
