package org.lanegrad.verification.catalog;

import org.lanegrad.normalization.RmsNorm;
import org.lanegrad.reference.op.Op;

/** RMS normalization of m rows of n columns, with scale. */
public final class RmsNormProblem implements DifferentiableProblem {
  private static final float EPSILON = 0x1p-10f;

  private final RmsNorm kernel = new RmsNorm(EPSILON);
  private final Op reference;
  private final int rows;
  private final int columns;
  private final float[] gamma;
  private final float[] dgamma;
  private final float[] statistics;

  /** So many rows and columns. */
  public RmsNormProblem(int rows, int columns) {
    this.rows = rows;
    this.columns = columns;
    reference = new org.lanegrad.reference.op.RmsNorm(rows, columns, EPSILON);
    gamma = new float[columns];
    dgamma = new float[columns];
    statistics = new float[rows];
  }

  @Override
  public Op reference() {
    return reference;
  }

  @Override
  public void forward(Slice[] inputs, Slice output) {
    inputs[1].copyTo(gamma);
    kernel.forward(
        inputs[0].matrix(rows, columns), gamma, output.matrix(rows, columns), statistics);
  }

  @Override
  public void backward(Slice[] inputs, Slice output, Slice upstream, Slice[] gradients) {
    kernel.backward(
        upstream.matrix(rows, columns),
        inputs[0].matrix(rows, columns),
        gamma,
        statistics,
        gradients[0].matrix(rows, columns),
        dgamma);
    gradients[1].copyFrom(dgamma);
  }

  @Override
  public double[] forwardAllowed(double[][] inputs, double[] expected) {
    NormBounds bounds = new NormBounds(inputs[0], columns, EPSILON, false);
    return Bounds.each(
        expected,
        i -> Math.abs(inputs[1][i % columns]) * (bounds.normalized(i) + 0x1p-23 * bounds.at(i)));
  }

  @Override
  public double[] backwardAllowed(
      int variable, double[][] inputs, double[] upstream, double[] expected) {
    NormBounds bounds = new NormBounds(inputs[0], columns, EPSILON, false);
    return variable == 0 ? bounds.input(inputs[1], upstream) : bounds.scale(upstream);
  }
}
