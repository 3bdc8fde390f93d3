package org.lanegrad.verification.catalog;

import org.lanegrad.normalization.LayerNorm;
import org.lanegrad.reference.op.Op;

/** Layer normalization of m rows of n columns, with scale and shift. */
public final class LayerNormProblem implements DifferentiableProblem {
  private static final float EPSILON = 0x1p-10f;
  private static final double U = 0x1p-24;

  private final LayerNorm kernel = new LayerNorm(EPSILON);
  private final Op reference;
  private final int rows;
  private final int columns;
  private final float[] gamma;
  private final float[] beta;
  private final float[] dgamma;
  private final float[] dbeta;
  private final float[] statistics;

  /** So many rows and columns. */
  public LayerNormProblem(int rows, int columns) {
    this.rows = rows;
    this.columns = columns;
    reference = new org.lanegrad.reference.op.LayerNorm(rows, columns, EPSILON);
    gamma = new float[columns];
    beta = new float[columns];
    dgamma = new float[columns];
    dbeta = new float[columns];
    statistics = new float[2 * rows];
  }

  @Override
  public Op reference() {
    return reference;
  }

  @Override
  public void forward(Slice[] inputs, Slice output) {
    inputs[1].copyTo(gamma);
    inputs[2].copyTo(beta);
    kernel.forward(
        inputs[0].matrix(rows, columns), gamma, beta, output.matrix(rows, columns), statistics);
  }

  @Override
  public void backward(Slice[] inputs, Slice output, Slice upstream, Slice[] gradients) {
    kernel.backward(
        upstream.matrix(rows, columns),
        inputs[0].matrix(rows, columns),
        gamma,
        statistics,
        gradients[0].matrix(rows, columns),
        dgamma,
        dbeta);
    gradients[1].copyFrom(dgamma);
    gradients[2].copyFrom(dbeta);
  }

  @Override
  public double[] forwardAllowed(double[][] inputs, double[] expected) {
    NormBounds bounds = new NormBounds(inputs[0], columns, EPSILON, true);
    return Bounds.each(
        expected,
        i -> {
          double scale = Math.abs(inputs[1][i % columns]);
          double shift = Math.abs(inputs[2][i % columns]);
          return scale * bounds.normalized(i) + 3 * U * (scale * bounds.at(i) + shift);
        });
  }

  @Override
  public double[] backwardAllowed(
      int variable, double[][] inputs, double[] upstream, double[] expected) {
    NormBounds bounds = new NormBounds(inputs[0], columns, EPSILON, true);
    return switch (variable) {
      case 0 -> bounds.input(inputs[1], upstream);
      case 1 -> bounds.scale(upstream);
      default -> bounds.shift(upstream);
    };
  }
}
