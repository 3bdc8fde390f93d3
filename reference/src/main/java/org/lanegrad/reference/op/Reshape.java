package org.lanegrad.reference.op;

import java.util.List;
import java.util.Locale;
import org.apache.commons.math3.RealFieldElement;
import org.apache.commons.math3.linear.RealMatrix;

/**
 * The same elements in another shape; the Jacobian is the identity.
 *
 * @param rows rows of x
 * @param columns columns of x
 * @param newRows rows of y
 * @param newColumns columns of y
 */
public record Reshape(int rows, int columns, int newRows, int newColumns) implements Op {
  /** The number of elements must stay. */
  public Reshape {
    if (rows * columns != newRows * newColumns) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT, "%d × %d cannot become %d × %d", rows, columns, newRows, newColumns));
    }
  }

  @Override
  public List<Variable> variables() {
    return List.of(new Variable("x", rows, columns));
  }

  @Override
  public Variable output() {
    return new Variable("y", newRows, newColumns);
  }

  @Override
  public <T extends RealFieldElement<T>> List<T> forward(List<List<T>> inputs) {
    return inputs.get(0);
  }

  @Override
  public RealMatrix jacobian(int variable, double[][] inputs) {
    int size = rows * columns;
    return Jacobians.of(size, size, (o, i) -> o == i ? 1 : 0);
  }
}
