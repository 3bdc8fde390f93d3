package org.lanegrad.verification.catalog;

import org.lanegrad.activation.PRelu;
import org.lanegrad.reference.op.ColumnPRelu;
import org.lanegrad.reference.op.Op;
import org.lanegrad.verification.compare.DotProductBound;
import org.lanegrad.verification.gradcheck.Kinks;

/** PReLU over rows × columns, a slope for each column or one for all. */
public final class PReluProblem implements DifferentiableProblem {
  private final ColumnPRelu reference;
  private final float[] slopes;
  private final float[] dslopes;

  /** A batch of so many rows. */
  public PReluProblem(int rows, int columns, boolean oneSlope) {
    reference = new ColumnPRelu(rows, columns, oneSlope ? 1 : columns);
    slopes = new float[reference.slopes()];
    dslopes = new float[reference.slopes()];
  }

  @Override
  public Op reference() {
    return reference;
  }

  @Override
  public Kinks kinks() {
    return Kinks.SUBGRADIENT;
  }

  @Override
  public void forward(Slice[] inputs, Slice output) {
    inputs[1].copyTo(slopes);
    PRelu.forward(
        inputs[0].matrix(reference.rows(), reference.columns()),
        slopes,
        output.matrix(reference.rows(), reference.columns()));
  }

  @Override
  public void backward(Slice[] inputs, Slice output, Slice upstream, Slice[] gradients) {
    inputs[1].copyTo(slopes);
    PRelu.backward(
        upstream.matrix(reference.rows(), reference.columns()),
        inputs[0].matrix(reference.rows(), reference.columns()),
        slopes,
        gradients[0].matrix(reference.rows(), reference.columns()),
        dslopes);
    gradients[1].copyFrom(dslopes);
  }

  @Override
  public double[] forwardAllowed(double[][] inputs, double[] expected) {
    return Bounds.each(expected, i -> 0.5 * Math.ulp((float) expected[i]));
  }

  @Override
  public double[] backwardAllowed(
      int variable, double[][] inputs, double[] upstream, double[] expected) {
    if (variable == 0) {
      return Bounds.each(expected, i -> 0.5 * Math.ulp((float) expected[i]));
    }
    DotProductBound bound = new DotProductBound(inputs[0].length + 1);
    double[] magnitude = new double[expected.length];
    for (int i = 0; i < upstream.length; i++) {
      magnitude[i % reference.columns() % expected.length] += Math.abs(upstream[i] * inputs[0][i]);
    }
    return Bounds.each(expected, i -> bound.allowed(expected[i], magnitude[i]));
  }
}
