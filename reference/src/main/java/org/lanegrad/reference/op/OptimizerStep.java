package org.lanegrad.reference.op;

import java.util.ArrayList;
import java.util.List;
import org.apache.commons.math3.RealFieldElement;
import org.apache.commons.math3.analysis.differentiation.DerivativeStructure;
import org.apache.commons.math3.linear.RealMatrix;

/**
 * One step of an optimizer: the next parameters, and after them the next state, an array after the
 * other. Its Jacobian is the rule's own, by dual numbers, on the diagonals; training takes no
 * gradient of it.
 *
 * @param update the rule for one parameter
 * @param size the number of parameters
 */
public record OptimizerStep(Update update, int size) implements Op {
  @Override
  public List<Variable> variables() {
    List<Variable> variables = new ArrayList<>();
    variables.add(new Variable("p", 1, size));
    variables.add(new Variable("g", 1, size));
    for (int s = 0; s < update.states(); s++) {
      variables.add(new Variable("s" + s, 1, size));
    }
    return variables;
  }

  @Override
  public Variable output() {
    return new Variable("next", 1 + update.states(), size);
  }

  @Override
  public <T extends RealFieldElement<T>> List<T> forward(List<List<T>> inputs) {
    List<List<T>> next = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      int element = i;
      next.add(update.next(inputs.stream().map(array -> array.get(element)).toList()));
    }
    List<T> arrays = new ArrayList<>(outputSize());
    for (int s = 0; s <= update.states(); s++) {
      for (List<T> element : next) {
        arrays.add(element.get(s));
      }
    }
    return arrays;
  }

  @Override
  public RealMatrix jacobian(int variable, double[][] inputs) {
    return Jacobians.of(
        outputSize(), size, (o, i) -> o % size == i ? slope(o / size, variable, i, inputs) : 0);
  }

  private double slope(int output, int variable, int element, double[][] inputs) {
    List<DerivativeStructure> now = new ArrayList<>();
    for (int v = 0; v < inputs.length; v++) {
      now.add(new DerivativeStructure(1, 1, inputs[v][element], v == variable ? 1 : 0));
    }
    return update.next(now).get(output).getPartialDerivative(1);
  }
}
