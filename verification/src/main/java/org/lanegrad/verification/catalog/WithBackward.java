package org.lanegrad.verification.catalog;

import org.lanegrad.reference.op.Op;
import org.lanegrad.verification.gradcheck.Kinks;

/**
 * A problem with another backward pass: for trying one out, and for negative controls, which show
 * that a check or a gate catches a wrong one.
 *
 * @param right the problem, whose forward pass, reference and bounds stay
 * @param backward what runs instead of its backward pass
 */
public record WithBackward(DifferentiableProblem right, Backward backward)
    implements DifferentiableProblem {
  /** A backward pass; it may call the right one. */
  @FunctionalInterface
  public interface Backward {
    /** As {@link DifferentiableProblem#backward}, for the problem {@code right}. */
    void run(
        DifferentiableProblem right,
        Slice[] inputs,
        Slice output,
        Slice upstream,
        Slice[] gradients);
  }

  @Override
  public Op reference() {
    return right.reference();
  }

  @Override
  public int[] gradientVariables() {
    return right.gradientVariables();
  }

  @Override
  public Kinks kinks() {
    return right.kinks();
  }

  @Override
  public void forward(Slice[] inputs, Slice output) {
    right.forward(inputs, output);
  }

  @Override
  public void backward(Slice[] inputs, Slice output, Slice upstream, Slice[] gradients) {
    backward.run(right, inputs, output, upstream, gradients);
  }

  @Override
  public double[] forwardAllowed(double[][] inputs, double[] expected) {
    return right.forwardAllowed(inputs, expected);
  }

  @Override
  public double[] backwardAllowed(
      int variable, double[][] inputs, double[] upstream, double[] expected) {
    return right.backwardAllowed(variable, inputs, upstream, expected);
  }
}
