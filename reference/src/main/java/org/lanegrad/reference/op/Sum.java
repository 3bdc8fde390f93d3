package org.lanegrad.reference.op;

import java.util.List;
import org.apache.commons.math3.RealFieldElement;
import org.apache.commons.math3.linear.RealMatrix;

/**
 * s = scale · Σ x_i; ∂s/∂x_i = scale. With scale 1/size it is the mean.
 *
 * @param scale a factor
 * @param rows rows of x
 * @param columns columns of x
 */
public record Sum(double scale, int rows, int columns) implements Op {
  @Override
  public List<Variable> variables() {
    return List.of(new Variable("x", rows, columns));
  }

  @Override
  public Variable output() {
    return new Variable("s", 1, 1);
  }

  @Override
  public <T extends RealFieldElement<T>> List<T> forward(List<List<T>> inputs) {
    T sum = inputs.get(0).get(0);
    for (T x : inputs.get(0).subList(1, rows * columns)) {
      sum = sum.add(x);
    }
    return List.of(sum.multiply(scale));
  }

  @Override
  public RealMatrix jacobian(int variable, double[][] inputs) {
    return Jacobians.of(1, rows * columns, (o, i) -> scale);
  }
}
