package org.lanegrad.verification.catalog;

import org.lanegrad.reference.op.Op;
import org.lanegrad.verification.gradcheck.Kinks;

/**
 * A kernel put together from its parts.
 *
 * @param reference the op in double
 * @param kinks whether it has points without a derivative
 * @param gradientVariables the variables that the kernel has a gradient for
 * @param forwardPass the kernel's forward pass
 * @param backwardPass its backward pass
 * @param forwardBound the error allowed forward
 * @param backwardBound the error allowed backward
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record KernelProblem(
    Op reference,
    Kinks kinks,
    int[] gradientVariables,
    GateProblem.Forward forwardPass,
    Backward backwardPass,
    ForwardBound forwardBound,
    BackwardBound backwardBound)
    implements DifferentiableProblem {
  /** A backward pass. */
  public interface Backward {
    /** Reads upstream, inputs and output, writes the gradients. */
    void run(Slice upstream, Slice[] inputs, Slice output, Slice[] gradients);
  }

  /** The error that each output element may have. */
  public interface ForwardBound {
    /** One bound for each element of {@code expected}. */
    double[] of(double[][] inputs, double[] expected);
  }

  /** The error that each element of a gradient may have. */
  public interface BackwardBound {
    /** One bound for each element of {@code expected}. */
    double[] of(int variable, double[][] inputs, double[] upstream, double[] expected);
  }

  @Override
  public void forward(Slice[] inputs, Slice output) {
    forwardPass.run(inputs, output);
  }

  @Override
  public void backward(Slice[] inputs, Slice output, Slice upstream, Slice[] gradients) {
    backwardPass.run(upstream, inputs, output, gradients);
  }

  @Override
  public double[] forwardAllowed(double[][] inputs, double[] expected) {
    return forwardBound.of(inputs, expected);
  }

  @Override
  public double[] backwardAllowed(
      int variable, double[][] inputs, double[] upstream, double[] expected) {
    return backwardBound.of(variable, inputs, upstream, expected);
  }
}
