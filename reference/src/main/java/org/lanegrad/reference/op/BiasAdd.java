package org.lanegrad.reference.op;

import java.util.ArrayList;
import java.util.List;
import org.apache.commons.math3.RealFieldElement;
import org.apache.commons.math3.linear.RealMatrix;

/**
 * Y_ij = X_ij + b_j. ∂Y_ij/∂X_ij = 1; ∂Y_ij/∂b_j = 1, so that db sums over the rows; else 0.
 *
 * @param rows rows of X and Y
 * @param columns columns of X and Y, elements of b
 */
public record BiasAdd(int rows, int columns) implements Op {
  @Override
  public List<Variable> variables() {
    return List.of(new Variable("x", rows, columns), new Variable("b", 1, columns));
  }

  @Override
  public Variable output() {
    return new Variable("y", rows, columns);
  }

  @Override
  public <T extends RealFieldElement<T>> List<T> forward(List<List<T>> inputs) {
    List<T> y = new ArrayList<>(rows * columns);
    for (int i = 0; i < rows * columns; i++) {
      y.add(inputs.get(0).get(i).add(inputs.get(1).get(i % columns)));
    }
    return y;
  }

  @Override
  public RealMatrix jacobian(int variable, double[][] inputs) {
    int size = variables().get(variable).size();
    return Jacobians.of(
        rows * columns, size, (o, v) -> v == (variable == 0 ? o : o % columns) ? 1 : 0);
  }
}
