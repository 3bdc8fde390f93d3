package org.lanegrad.reference.op;

import java.util.List;
import org.apache.commons.math3.RealFieldElement;
import org.apache.commons.math3.linear.RealMatrix;
import org.lanegrad.reference.gate.Elementary;
import org.lanegrad.reference.gate.Power;
import org.lanegrad.reference.gate.UnaryGate;

/**
 * R = λ · Σ f(w_i); ∂R/∂w_i = λ·f′(w_i).
 *
 * @param gate f
 * @param lambda λ
 * @param size the number of weights
 */
public record Regularizer(UnaryGate gate, double lambda, int size) implements Op {
  /** λ·Σ|w|. */
  public static Regularizer l1(double lambda, int size) {
    return new Regularizer(Elementary.ABS, lambda, size);
  }

  /** ½·λ·Σw², whose gradient is λ·w. */
  public static Regularizer l2(double lambda, int size) {
    return new Regularizer(new Power(2), lambda / 2, size);
  }

  @Override
  public List<Variable> variables() {
    return List.of(new Variable("w", 1, size));
  }

  @Override
  public Variable output() {
    return new Variable("penalty", 1, 1);
  }

  @Override
  public <T extends RealFieldElement<T>> List<T> forward(List<List<T>> inputs) {
    T total = inputs.get(0).get(0).getField().getZero();
    for (T w : inputs.get(0)) {
      total = total.add(gate.value(w));
    }
    return List.of(total.multiply(lambda));
  }

  @Override
  public RealMatrix jacobian(int variable, double[][] inputs) {
    return Jacobians.of(1, size, (o, i) -> lambda * gate.slopeAt(0, inputs[0][i]));
  }
}
