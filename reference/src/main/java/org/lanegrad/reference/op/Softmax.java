package org.lanegrad.reference.op;

import java.util.ArrayList;
import java.util.List;
import org.apache.commons.math3.RealFieldElement;
import org.apache.commons.math3.linear.RealMatrix;

/**
 * y_ij = e^x_ij / Σ_k e^x_ik, row by row; ∂y_ij/∂x_ik = y_ij·(δ_jk − y_ik), 0 between rows.
 *
 * @param rows the number of rows
 * @param columns the number of classes
 */
public record Softmax(int rows, int columns) implements Op {
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
    for (T logarithm : new LogSoftmax(rows, columns).forward(inputs)) {
      y.add(logarithm.exp());
    }
    return y;
  }

  @Override
  public RealMatrix jacobian(int variable, double[][] inputs) {
    int size = rows * columns;
    double[] y = new double[size];
    for (int i = 0; i < rows; i++) {
      Rows.softmax(inputs[0], i * columns, columns, y);
    }
    return Jacobians.of(
        size, size, (o, v) -> o / columns == v / columns ? y[o] * ((o == v ? 1 : 0) - y[v]) : 0);
  }
}
