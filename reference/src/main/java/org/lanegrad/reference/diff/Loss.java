package org.lanegrad.reference.diff;

import java.util.ArrayList;
import java.util.List;
import org.apache.commons.math3.RealFieldElement;
import org.lanegrad.reference.op.Op;
import org.lanegrad.reference.op.Variable;

/** L: ℝⁿ → ℝ, a formula generic in its numbers. */
public interface Loss {
  /** L(x). */
  <T extends RealFieldElement<T>> T value(List<T> x);

  /** L(x) = ⟨weights, f(x)⟩ for an op f, all of its variables laid out one after the other in x. */
  static Loss weighted(Op op, double[] weights) {
    return new Loss() {
      @Override
      public <T extends RealFieldElement<T>> T value(List<T> x) {
        List<List<T>> inputs = new ArrayList<>();
        int from = 0;
        for (Variable variable : op.variables()) {
          inputs.add(x.subList(from, from + variable.size()));
          from += variable.size();
        }
        List<T> y = op.forward(inputs);
        T sum = y.get(0).multiply(weights[0]);
        for (int i = 1; i < weights.length; i++) {
          sum = sum.add(y.get(i).multiply(weights[i]));
        }
        return sum;
      }
    };
  }
}
