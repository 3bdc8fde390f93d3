package org.lanegrad.reference.op;

import java.util.ArrayList;
import java.util.List;
import org.apache.commons.math3.RealFieldElement;
import org.apache.commons.math3.linear.RealMatrix;
import org.lanegrad.reference.gate.Binary;

/**
 * Y_ij = prelu(X_ij, a_j), with one slope for each column, or one for all.
 *
 * @param rows rows of X
 * @param columns columns of X
 * @param slopes columns, or 1
 */
public record ColumnPRelu(int rows, int columns, int slopes) implements Op {
  @Override
  public List<Variable> variables() {
    return List.of(new Variable("x", rows, columns), new Variable("a", 1, slopes));
  }

  @Override
  public Variable output() {
    return new Variable("y", rows, columns);
  }

  @Override
  public <T extends RealFieldElement<T>> List<T> forward(List<List<T>> inputs) {
    List<T> y = new ArrayList<>(rows * columns);
    for (int i = 0; i < rows * columns; i++) {
      T slope = inputs.get(1).get(i % columns % slopes);
      y.add(Binary.PRELU.value(List.of(inputs.get(0).get(i), slope)));
    }
    return y;
  }

  @Override
  public RealMatrix jacobian(int variable, double[][] inputs) {
    int size = variables().get(variable).size();
    return Jacobians.of(
        rows * columns,
        size,
        (o, v) -> {
          int slope = o % columns % slopes;
          boolean reads = v == (variable == 0 ? o : slope);
          return reads ? Binary.PRELU.slopeAt(variable, inputs[0][o], inputs[1][slope]) : 0;
        });
  }
}
