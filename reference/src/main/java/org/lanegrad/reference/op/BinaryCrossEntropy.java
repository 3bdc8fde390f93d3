package org.lanegrad.reference.op;

import java.util.List;
import org.apache.commons.math3.RealFieldElement;
import org.apache.commons.math3.linear.RealMatrix;
import org.lanegrad.reference.gate.Smooth;

/**
 * L = mean of w·t·s(−x) + (1 − t)·s(x) over logits x, s the softplus: −log σ(x) where t = 1, −log(1
 * − σ(x)) where t = 0. ∂L/∂x_i = ((1 − t)·σ(x) − w·t·σ(−x)) / n.
 *
 * @param targets t, each in 0 … 1
 * @param positiveWeight w
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record BinaryCrossEntropy(double[] targets, double positiveWeight) implements Op {
  @Override
  public List<Variable> variables() {
    return List.of(new Variable("logits", 1, targets.length));
  }

  @Override
  public Variable output() {
    return new Variable("loss", 1, 1);
  }

  @Override
  public <T extends RealFieldElement<T>> List<T> forward(List<List<T>> inputs) {
    List<T> x = inputs.get(0);
    T total = x.get(0).getField().getZero();
    for (int i = 0; i < targets.length; i++) {
      double t = targets[i];
      T positive = Smooth.SOFTPLUS.value(x.get(i).negate()).multiply(positiveWeight * t);
      total = total.add(positive).add(Smooth.SOFTPLUS.value(x.get(i)).multiply(1 - t));
    }
    return List.of(total.divide(targets.length));
  }

  @Override
  public RealMatrix jacobian(int variable, double[][] inputs) {
    return Jacobians.of(
        1,
        targets.length,
        (o, i) -> {
          double x = inputs[0][i];
          double t = targets[i];
          double slope =
              (1 - t) * Smooth.SIGMOID.at(x) - positiveWeight * t * Smooth.SIGMOID.at(-x);
          return slope / targets.length;
        });
  }
}
