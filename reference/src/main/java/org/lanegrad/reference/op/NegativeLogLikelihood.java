package org.lanegrad.reference.op;

import java.util.ArrayList;
import java.util.List;
import org.apache.commons.math3.RealFieldElement;
import org.apache.commons.math3.linear.RealMatrix;

/**
 * L = scale · Σ_r Σ_j c_rj·(−x_rj) for log-probabilities x, c and scale as {@link Targets} say; a
 * coefficient of 0 counts as 0 even where x is −∞. ∂L/∂x_rj = −scale·c_rj.
 *
 * @param targets labels and options
 */
public record NegativeLogLikelihood(Targets targets) implements Op {
  @Override
  public List<Variable> variables() {
    return List.of(new Variable("x", targets.rows(), targets.classes()));
  }

  @Override
  public Variable output() {
    return new Variable("loss", 1, targets.outputs());
  }

  @Override
  public <T extends RealFieldElement<T>> List<T> forward(List<List<T>> inputs) {
    List<T> x = inputs.get(0);
    T zero = x.get(0).getField().getZero();
    List<T> losses = new ArrayList<>(targets.outputs());
    T total = zero;
    for (int r = 0; r < targets.rows(); r++) {
      T loss = zero;
      for (int j = 0; j < targets.classes(); j++) {
        double c = targets.coefficient(r, j);
        loss = c == 0 ? loss : loss.subtract(x.get(r * targets.classes() + j).multiply(c));
      }
      losses.add(loss);
      total = total.add(loss);
    }
    return targets.reduction() == Reduction.NONE
        ? losses
        : List.of(total.multiply(targets.scale()));
  }

  @Override
  public RealMatrix jacobian(int variable, double[][] inputs) {
    int classes = targets.classes();
    double scale = targets.scale();
    boolean apart = targets.reduction() == Reduction.NONE;
    return Jacobians.of(
        targets.outputs(),
        targets.rows() * classes,
        (o, v) ->
            apart && v / classes != o ? 0 : -scale * targets.coefficient(v / classes, v % classes));
  }
}
