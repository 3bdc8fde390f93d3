package org.lanegrad.reference.op;

import java.util.ArrayList;
import java.util.List;
import org.apache.commons.math3.RealFieldElement;
import org.apache.commons.math3.linear.RealMatrix;

/**
 * p′ = p − η·g: a step of gradient descent. ∂p′/∂p is the identity, ∂p′/∂g is −η times it.
 *
 * @param learningRate η
 * @param size the number of parameters
 */
public record GradientStep(double learningRate, int size) implements Op {
  @Override
  public List<Variable> variables() {
    return List.of(new Variable("p", 1, size), new Variable("g", 1, size));
  }

  @Override
  public Variable output() {
    return new Variable("next", 1, size);
  }

  @Override
  public <T extends RealFieldElement<T>> List<T> forward(List<List<T>> inputs) {
    List<T> next = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      next.add(inputs.get(0).get(i).subtract(inputs.get(1).get(i).multiply(learningRate)));
    }
    return next;
  }

  @Override
  public RealMatrix jacobian(int variable, double[][] inputs) {
    double slope = variable == 0 ? 1 : -learningRate;
    return Jacobians.of(size, size, (o, i) -> o == i ? slope : 0);
  }
}
