package org.lanegrad.reference.op;

import java.util.List;
import org.apache.commons.math3.RealFieldElement;
import org.apache.commons.math3.linear.RealMatrix;

/**
 * L = mean over rows of (log Σ_j e^x_j − x_label): softmax cross-entropy of logits.
 *
 * <p>∂L/∂x_ij = (p_ij − 1) / rows for the row's label, p_ij / rows otherwise, p the row's softmax.
 * The row's maximum is subtracted as a constant, which changes no value and no derivative.
 */
public final class CrossEntropy implements Op {
  private final int[] labels;
  private final int classes;

  /** One row of logits for each label. */
  public CrossEntropy(int[] labels, int classes) {
    this.labels = labels.clone();
    this.classes = classes;
  }

  @Override
  public List<Variable> variables() {
    return List.of(new Variable("logits", labels.length, classes));
  }

  @Override
  public int outputSize() {
    return 1;
  }

  @Override
  public <T extends RealFieldElement<T>> List<T> forward(List<List<T>> inputs) {
    List<T> x = inputs.get(0);
    T total = x.get(0).getField().getZero();
    for (int i = 0; i < labels.length; i++) {
      List<T> row = x.subList(i * classes, (i + 1) * classes);
      double max = row.stream().mapToDouble(T::getReal).max().orElseThrow();
      T sum = x.get(0).getField().getZero();
      for (T logit : row) {
        sum = sum.add(logit.subtract(max).exp());
      }
      total = total.add(sum.log().add(max).subtract(row.get(labels[i])));
    }
    return List.of(total.divide(labels.length));
  }

  @Override
  public RealMatrix jacobian(int variable, double[][] inputs) {
    double[] x = inputs[0];
    return Jacobians.of(
        1,
        x.length,
        (o, v) -> {
          int row = v / classes;
          double onehot = v % classes == labels[row] ? 1 : 0;
          return (softmax(x, row, v) - onehot) / labels.length;
        });
  }

  private double softmax(double[] x, int row, int v) {
    double max = Double.NEGATIVE_INFINITY;
    for (int j = row * classes; j < (row + 1) * classes; j++) {
      max = Math.max(max, x[j]);
    }
    double sum = 0;
    for (int j = row * classes; j < (row + 1) * classes; j++) {
      sum += Math.exp(x[j] - max);
    }
    return Math.exp(x[v] - max) / sum;
  }
}
