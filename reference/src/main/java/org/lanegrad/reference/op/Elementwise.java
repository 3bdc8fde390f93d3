package org.lanegrad.reference.op;

import java.util.ArrayList;
import java.util.List;
import org.apache.commons.math3.RealFieldElement;
import org.apache.commons.math3.linear.RealMatrix;

/**
 * y_i = f(x_i); ∂y_o/∂x_i = f′(x_i) where o = i, else 0: a diagonal Jacobian.
 *
 * @param function f and f′
 * @param size the number of elements
 */
public record Elementwise(ScalarFunction function, int size) implements Op {
  @Override
  public List<Variable> variables() {
    return List.of(new Variable("x", 1, size));
  }

  @Override
  public int outputSize() {
    return size;
  }

  @Override
  public <T extends RealFieldElement<T>> List<T> forward(List<List<T>> inputs) {
    List<T> y = new ArrayList<>(size);
    for (T x : inputs.get(0)) {
      y.add(function.value(x));
    }
    return y;
  }

  @Override
  public RealMatrix jacobian(int variable, double[][] inputs) {
    double[] x = inputs[0];
    return Jacobians.of(size, size, (o, i) -> o == i ? function.derivative(x[i]) : 0);
  }
}
