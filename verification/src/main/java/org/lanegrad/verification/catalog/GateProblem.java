package org.lanegrad.verification.catalog;

import org.lanegrad.reference.op.Op;
import org.lanegrad.verification.gradcheck.Kinks;

/**
 * A gate of the {@code elementwise} package over n elements, each of which is rounded once forward.
 *
 * @param reference the gate in double
 * @param kinks whether it has any
 * @param forwardPass the kernel's forward pass
 * @param backwardPass the kernel's backward pass
 * @param sums how many terms an element of a gradient adds up
 * @param ulps what a gradient may be off, besides its sums
 */
public record GateProblem(
    Op reference, Kinks kinks, Forward forwardPass, Backward backwardPass, int sums, double ulps)
    implements DifferentiableProblem {
  /** A forward pass. */
  public interface Forward {
    /** Reads the inputs, writes the output. */
    void run(Slice[] inputs, Slice output);
  }

  /** A backward pass. */
  public interface Backward {
    /** Reads upstream and inputs, writes the gradients. */
    void run(Slice upstream, Slice[] inputs, Slice[] gradients);
  }

  /** The same with another bound of its gradients. */
  public GateProblem within(double backwardUlps) {
    return new GateProblem(reference, kinks, forwardPass, backwardPass, sums, backwardUlps);
  }

  @Override
  public void forward(Slice[] inputs, Slice output) {
    forwardPass.run(inputs, output);
  }

  @Override
  public void backward(Slice[] inputs, Slice output, Slice upstream, Slice[] gradients) {
    backwardPass.run(upstream, inputs, gradients);
  }

  @Override
  public double[] forwardAllowed(double[][] inputs, double[] expected) {
    return Bounds.each(expected, i -> 0.5 * Math.ulp((float) expected[i]));
  }

  @Override
  public double[] backwardAllowed(
      int variable, double[][] inputs, double[] upstream, double[] expected) {
    // sums of upstream gradients up to 2: each partial sum is rounded once
    double partial = sums > 2 ? sums * sums * 0x1p-24 : 0;
    return Bounds.each(expected, i -> partial + ulps * Math.ulp((float) expected[i]));
  }
}
