package org.lanegrad.verification.catalog;

import java.util.Arrays;
import org.lanegrad.verification.gradcheck.Kinks;

/** A kernel with a backward pass. */
public interface DifferentiableProblem extends Problem {
  /** The indices of the variables that the kernel has a gradient for: all, unless it says so. */
  default int[] gradientVariables() {
    int[] all = new int[reference().variables().size()];
    Arrays.setAll(all, v -> v);
    return all;
  }

  /**
   * Runs the backward kernel for the forward pass before it.
   *
   * @param gradients one slice for each of {@link #gradientVariables()}
   */
  void backward(Slice[] inputs, Slice output, Slice upstream, Slice[] gradients);

  /** The error that each element of one variable's gradient may have. */
  double[] backwardAllowed(int variable, double[][] inputs, double[] upstream, double[] expected);

  /** Whether the function has points without a derivative. */
  default Kinks kinks() {
    return Kinks.NONE;
  }
}
