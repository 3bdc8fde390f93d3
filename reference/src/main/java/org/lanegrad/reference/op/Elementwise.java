package org.lanegrad.reference.op;

import java.util.ArrayList;
import java.util.List;
import org.apache.commons.math3.RealFieldElement;
import org.apache.commons.math3.linear.RealMatrix;
import org.lanegrad.reference.gate.Gate;

/**
 * y_i = f(x₀_i, x₁_i, …), a gate spread over inputs of one shape; ∂y_o/∂x_i = ∂f/∂x where o = i,
 * else 0: a diagonal Jacobian for each input.
 *
 * @param gate f
 * @param rows the rows of each input and of y
 * @param columns the columns
 */
public record Elementwise(Gate gate, int rows, int columns) implements Op {
  /** Over vectors. */
  public Elementwise(Gate gate, int size) {
    this(gate, 1, size);
  }

  @Override
  public List<Variable> variables() {
    List<Variable> variables = new ArrayList<>(gate.arity());
    for (int v = 0; v < gate.arity(); v++) {
      variables.add(new Variable(v == 0 ? "x" : v == 1 ? "y" : "x" + v, rows, columns));
    }
    return variables;
  }

  @Override
  public Variable output() {
    return new Variable("z", rows, columns);
  }

  @Override
  public <T extends RealFieldElement<T>> List<T> forward(List<List<T>> inputs) {
    List<T> z = new ArrayList<>(rows * columns);
    for (int i = 0; i < rows * columns; i++) {
      List<T> at = new ArrayList<>(inputs.size());
      for (List<T> input : inputs) {
        at.add(input.get(i));
      }
      z.add(gate.value(at));
    }
    return z;
  }

  @Override
  public RealMatrix jacobian(int variable, double[][] inputs) {
    int size = rows * columns;
    return Jacobians.of(size, size, (o, i) -> o == i ? slope(variable, inputs, i) : 0);
  }

  private double slope(int variable, double[][] inputs, int i) {
    double[] at = new double[inputs.length];
    for (int v = 0; v < inputs.length; v++) {
      at[v] = inputs[v][i];
    }
    return gate.slopeAt(variable, at);
  }
}
