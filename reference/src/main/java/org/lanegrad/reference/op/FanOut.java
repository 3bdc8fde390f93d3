package org.lanegrad.reference.op;

import java.util.ArrayList;
import java.util.List;
import org.apache.commons.math3.RealFieldElement;
import org.apache.commons.math3.linear.RealMatrix;

/**
 * y = (x, x, …), one row a copy; ∂y_ri/∂x_i = 1, so that the gradients of the copies sum.
 *
 * @param size elements of x
 * @param copies how many readers x has
 */
public record FanOut(int size, int copies) implements Op {
  @Override
  public List<Variable> variables() {
    return List.of(new Variable("x", 1, size));
  }

  @Override
  public Variable output() {
    return new Variable("y", copies, size);
  }

  @Override
  public <T extends RealFieldElement<T>> List<T> forward(List<List<T>> inputs) {
    List<T> y = new ArrayList<>(copies * size);
    for (int copy = 0; copy < copies; copy++) {
      y.addAll(inputs.get(0));
    }
    return y;
  }

  @Override
  public RealMatrix jacobian(int variable, double[][] inputs) {
    return Jacobians.of(copies * size, size, (o, i) -> o % size == i ? 1 : 0);
  }
}
