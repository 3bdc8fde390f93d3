package org.lanegrad.verification.catalog;

import org.lanegrad.reference.op.Op;

/** A kernel at one shape, bound to its reference. It may keep what its forward pass saved. */
public interface Problem {
  /** The witness; its variables are this problem's inputs. */
  Op reference();

  /** Runs the kernel: writes all of the output, reads the inputs only. */
  void forward(Slice[] inputs, Slice output);

  /** The error that each element of the output may have. */
  double[] forwardAllowed(double[][] inputs, double[] expected);
}
