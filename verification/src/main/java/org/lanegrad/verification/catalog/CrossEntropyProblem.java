package org.lanegrad.verification.catalog;

import org.lanegrad.loss.SoftmaxCrossEntropy;
import org.lanegrad.reference.op.CrossEntropy;
import org.lanegrad.reference.op.Op;

/**
 * Softmax cross-entropy of m rows of n logits; row i has label 7·i mod n. Its backward is the fused
 * pass: loss and gradient, times the upstream gradient, which is a number.
 */
public final class CrossEntropyProblem implements DifferentiableProblem {
  private static final double UNIT = 0x1p-24;

  private final int rows;
  private final int classes;
  private final int[] labels;
  private final CrossEntropy op;

  /** m rows of n classes. */
  public CrossEntropyProblem(Shape shape) {
    rows = shape.m();
    classes = shape.n();
    labels = new int[rows];
    for (int i = 0; i < rows; i++) {
      labels[i] = 7 * i % classes;
    }
    op = new CrossEntropy(labels, classes);
  }

  @Override
  public Op reference() {
    return op;
  }

  @Override
  public void forward(Slice[] inputs, Slice output) {
    output.array()[output.offset()] =
        SoftmaxCrossEntropy.loss(inputs[0].matrix(rows, classes), labels);
  }

  @Override
  public void backward(Slice[] inputs, Slice output, Slice upstream, Slice[] gradients) {
    Slice dx = gradients[0];
    SoftmaxCrossEntropy.lossAndGradient(
        inputs[0].matrix(rows, classes), labels, dx.matrix(rows, classes));
    float factor = upstream.array()[upstream.offset()];
    if (factor != 1f) {
      for (int i = dx.offset(); i < dx.offset() + dx.length(); i++) {
        dx.array()[i] *= factor;
      }
    }
  }

  /** The sum of exponentials is rounded once a class, its logarithm taken in double. */
  @Override
  public double[] forwardAllowed(double[][] inputs, double[] expected) {
    double spread = 0;
    for (double x : inputs[0]) {
      spread = Math.max(spread, 2 * Math.abs(x));
    }
    double allowed = UNIT * (classes + 8 + spread) + Math.ulp((float) expected[0]);
    return new double[] {allowed};
  }

  /** p has a relative error of γ(classes + 8), and of the rounded difference x − max in e^x. */
  @Override
  public double[] backwardAllowed(
      int variable, double[][] inputs, double[] upstream, double[] expected) {
    double spread = 0;
    for (double x : inputs[0]) {
      spread = Math.max(spread, 2 * Math.abs(x));
    }
    double share = Math.abs(upstream[0]) / rows;
    double relative = UNIT * (classes + 8 + spread);
    return Bounds.each(
        expected,
        i -> {
          boolean label = i % classes == labels[i / classes];
          double p = Math.abs(expected[i]) + (label ? share : 0);
          return relative * p + 4 * UNIT * (label ? share : 0) + Float.MIN_NORMAL;
        });
  }
}
