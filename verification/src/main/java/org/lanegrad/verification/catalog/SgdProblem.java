package org.lanegrad.verification.catalog;

import org.lanegrad.optimizer.Sgd;
import org.lanegrad.reference.op.GradientStep;
import org.lanegrad.reference.op.Op;
import org.lanegrad.verification.compare.Ulps;

/** One step of gradient descent over n parameters. An update has no backward pass. */
public final class SgdProblem implements Problem {
  private static final float LEARNING_RATE = 0.125f;

  private final GradientStep op;

  /** n parameters. */
  public SgdProblem(int size) {
    op = new GradientStep(LEARNING_RATE, size);
  }

  @Override
  public Op reference() {
    return op;
  }

  @Override
  public void forward(Slice[] inputs, Slice output) {
    Slice p = inputs[0];
    Slice g = inputs[1];
    System.arraycopy(p.array(), p.offset(), output.array(), output.offset(), p.length());
    Sgd.step(
        LEARNING_RATE, g.array(), g.offset(), output.array(), output.offset(), output.length());
  }

  @Override
  public double[] forwardAllowed(double[][] inputs, double[] expected) {
    Ulps rounding = new Ulps(0.5);
    return Bounds.each(expected, i -> rounding.allowed(expected[i], 0));
  }
}
