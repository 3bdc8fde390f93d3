package org.lanegrad.reference.op;

import java.util.List;
import org.apache.commons.math3.RealFieldElement;
import org.apache.commons.math3.linear.RealMatrix;

/**
 * A function of some variables, at one fixed shape.
 *
 * <p>The forward formula is generic in its numbers: over doubles it gives values, over dual numbers
 * the same formula gives derivatives (see {@code diff.Jvp}), so that no formula stands twice.
 */
public interface Op {
  /** The inputs, in the order in which {@link #forward} takes them. */
  List<Variable> variables();

  /** The output's shape. */
  Variable output();

  /** The number of elements of the output. */
  default int outputSize() {
    return output().size();
  }

  /** y = f(inputs): one list of elements for each variable in, the output's elements out. */
  <T extends RealFieldElement<T>> List<T> forward(List<List<T>> inputs);

  /**
   * J[o, i] = ∂y_o / ∂x_i for one variable x: outputSize × variable size, formed in full.
   *
   * @param variable the index of x among {@link #variables()}
   * @param inputs the values of all variables
   */
  RealMatrix jacobian(int variable, double[][] inputs);
}
