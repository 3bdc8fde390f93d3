package org.lanegrad.reference.op;

import java.util.List;
import org.apache.commons.math3.RealFieldElement;
import org.apache.commons.math3.linear.RealMatrix;

/**
 * L = mean of (y_i − t_i)²; ∂L/∂y_i = 2·(y_i − t_i) / n, ∂L/∂t_i its negative.
 *
 * @param rows rows of y and t
 * @param columns columns of y and t
 */
public record MeanSquaredError(int rows, int columns) implements Op {
  @Override
  public List<Variable> variables() {
    return List.of(new Variable("y", rows, columns), new Variable("t", rows, columns));
  }

  @Override
  public Variable output() {
    return new Variable("loss", 1, 1);
  }

  @Override
  public <T extends RealFieldElement<T>> List<T> forward(List<List<T>> inputs) {
    T total = inputs.get(0).get(0).getField().getZero();
    for (int i = 0; i < rows * columns; i++) {
      T error = inputs.get(0).get(i).subtract(inputs.get(1).get(i));
      total = total.add(error.multiply(error));
    }
    return List.of(total.divide(rows * columns));
  }

  @Override
  public RealMatrix jacobian(int variable, double[][] inputs) {
    double sign = variable == 0 ? 2 : -2;
    int size = rows * columns;
    return Jacobians.of(1, size, (o, i) -> sign * (inputs[0][i] - inputs[1][i]) / size);
  }
}
