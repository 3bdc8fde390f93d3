package org.lanegrad.reference.op;

import java.util.ArrayList;
import java.util.List;
import org.apache.commons.math3.RealFieldElement;
import org.apache.commons.math3.linear.RealMatrix;

/**
 * y_ij = x_ij − log Σ_k e^x_ik, row by row; ∂y_ij/∂x_ik = δ_jk − e^y_ik, 0 between rows.
 *
 * <p>The row's maximum is subtracted as a constant, which changes no value and no derivative.
 *
 * @param rows the number of rows
 * @param columns the number of classes
 */
public record LogSoftmax(int rows, int columns) implements Op {
  @Override
  public List<Variable> variables() {
    return List.of(new Variable("x", rows, columns));
  }

  @Override
  public Variable output() {
    return new Variable("y", rows, columns);
  }

  @Override
  public <T extends RealFieldElement<T>> List<T> forward(List<List<T>> inputs) {
    List<T> y = new ArrayList<>(rows * columns);
    for (int i = 0; i < rows; i++) {
      List<T> row = inputs.get(0).subList(i * columns, (i + 1) * columns);
      double max = row.stream().mapToDouble(RealFieldElement::getReal).max().orElse(0);
      T sum = null;
      for (T x : row) {
        T term = x.subtract(max).exp();
        sum = sum == null ? term : sum.add(term);
      }
      for (T x : row) {
        y.add(x.subtract(max).subtract(sum.log()));
      }
    }
    return y;
  }

  @Override
  public RealMatrix jacobian(int variable, double[][] inputs) {
    int size = rows * columns;
    double[] p = new double[size];
    for (int i = 0; i < rows; i++) {
      Rows.softmax(inputs[0], i * columns, columns, p);
    }
    return Jacobians.of(
        size, size, (o, v) -> o / columns == v / columns ? (o == v ? 1 : 0) - p[v] : 0);
  }
}
