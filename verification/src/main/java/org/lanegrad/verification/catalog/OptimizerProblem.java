package org.lanegrad.verification.catalog;

import org.lanegrad.reference.op.Op;
import org.lanegrad.reference.op.OptimizerStep;
import org.lanegrad.reference.op.Update;

/**
 * One step of an optimizer with state over n parameters: the next parameters and the next state, an
 * array after the other.
 */
public final class OptimizerProblem implements Problem {
  /** The kernel. */
  public interface Kernel {
    /** Takes one step. */
    void step(float[] gradient, float[][] states, float[] parameters);
  }

  private static final double U = 0x1p-24;

  /** Roundings on the way to a parameter, none of which cancels more than it adds. */
  private static final int ROUNDINGS = 16;

  private final OptimizerStep op;
  private final Kernel kernel;
  private final float[] parameters;
  private final float[] gradient;
  private final float[][] states;

  /** n parameters. */
  public OptimizerProblem(Update update, int n, Kernel kernel) {
    op = new OptimizerStep(update, n);
    this.kernel = kernel;
    parameters = new float[n];
    gradient = new float[n];
    states = new float[update.states()][n];
  }

  @Override
  public Op reference() {
    return op;
  }

  @Override
  public void forward(Slice[] inputs, Slice output) {
    inputs[0].copyTo(parameters);
    inputs[1].copyTo(gradient);
    for (int s = 0; s < states.length; s++) {
      inputs[2 + s].copyTo(states[s]);
    }
    kernel.step(gradient, states, parameters);
    int n = parameters.length;
    System.arraycopy(parameters, 0, output.array(), output.offset(), n);
    for (int s = 0; s < states.length; s++) {
      System.arraycopy(states[s], 0, output.array(), output.offset() + (s + 1) * n, n);
    }
  }

  /** Relative to the next value and to what it is the difference of. */
  @Override
  public double[] forwardAllowed(double[][] inputs, double[] expected) {
    int n = parameters.length;
    return Bounds.each(
        expected,
        i -> {
          double now = i < n ? Math.abs(inputs[0][i]) : 0;
          return ROUNDINGS * U * (2 * now + Math.abs(expected[i]));
        });
  }
}
