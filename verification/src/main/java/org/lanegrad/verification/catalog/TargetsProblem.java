package org.lanegrad.verification.catalog;

import java.util.Arrays;
import org.lanegrad.Matrix;
import org.lanegrad.loss.NegativeLogLikelihood;
import org.lanegrad.loss.Reduction;
import org.lanegrad.loss.SoftmaxCrossEntropy;
import org.lanegrad.loss.Targets;
import org.lanegrad.reference.op.CrossEntropy;
import org.lanegrad.reference.op.Op;

/**
 * A classification loss of m rows of n classes; row i has label 3·i + 1 mod n. Its backward is the
 * fused pass: loss and gradient, times the upstream gradient.
 */
public final class TargetsProblem implements DifferentiableProblem {
  private static final double U = 0x1p-24;

  /** Which of the two losses. */
  public enum Loss {
    /** Of logits. */
    CROSS_ENTROPY,
    /** Of log-probabilities. */
    NEGATIVE_LOG_LIKELIHOOD
  }

  private final Loss loss;
  private final int rows;
  private final int classes;
  private final Targets targets;
  private final org.lanegrad.reference.op.Targets exact;
  private final Op op;
  private final float[] losses;

  /**
   * A loss of m rows of n classes.
   *
   * @param options whether classes have weights, label 0 is ignored and labels are smoothed
   */
  public TargetsProblem(Loss loss, Shape shape, boolean options, Reduction reduction) {
    this.loss = loss;
    rows = shape.m();
    classes = shape.n();
    losses = reduction == Reduction.NONE ? new float[rows] : null;
    int[] labels = new int[rows];
    Arrays.setAll(labels, i -> (3 * i + 1) % classes);
    float[] weights = new float[classes];
    double[] doubles = new double[classes];
    for (int j = 0; j < classes; j++) {
      weights[j] = options ? 0.5f + j % 4 * 0.25f : 1f;
      doubles[j] = weights[j];
    }
    int ignored = options && classes > 1 && rows > 1 ? 0 : Targets.NONE_IGNORED;
    float smoothing = options ? 0.125f : 0f;
    Targets plain = Targets.of(labels).reduced(reduction);
    targets = options ? plain.weighted(weights).ignoring(ignored).smoothed(smoothing) : plain;
    exact =
        new org.lanegrad.reference.op.Targets(
            labels,
            classes,
            doubles,
            ignored,
            smoothing,
            org.lanegrad.reference.op.Reduction.valueOf(reduction.name()));
    op =
        loss == Loss.CROSS_ENTROPY
            ? new CrossEntropy(exact)
            : new org.lanegrad.reference.op.NegativeLogLikelihood(exact);
  }

  @Override
  public Op reference() {
    return op;
  }

  @Override
  public void forward(Slice[] inputs, Slice output) {
    Matrix x = inputs[0].matrix(rows, classes);
    float value =
        loss == Loss.CROSS_ENTROPY
            ? SoftmaxCrossEntropy.loss(x, targets, losses)
            : NegativeLogLikelihood.loss(x, targets, losses);
    if (losses == null) {
      output.array()[output.offset()] = value;
    } else {
      output.copyFrom(losses);
    }
  }

  @Override
  public void backward(Slice[] inputs, Slice output, Slice upstream, Slice[] gradients) {
    Matrix x = inputs[0].matrix(rows, classes);
    Slice dx = gradients[0];
    if (loss == Loss.CROSS_ENTROPY) {
      SoftmaxCrossEntropy.lossAndGradient(x, targets, losses, dx.matrix(rows, classes));
    } else {
      NegativeLogLikelihood.lossAndGradient(x, targets, losses, dx.matrix(rows, classes));
    }
    for (int r = 0; r < rows; r++) {
      float factor = upstream.array()[upstream.offset() + upstreamOf(r * classes)];
      dx.scale(r * classes, classes, factor);
    }
  }

  private int upstreamOf(int element) {
    return losses == null ? 0 : element / classes;
  }

  /** Σ_j c_rj. */
  private double weight(int row) {
    double sum = 0;
    for (int j = 0; j < classes; j++) {
      sum += exact.coefficient(row, j);
    }
    return sum;
  }

  private double probability(double[] x, int row) {
    return NormalizationCatalog.probability(classes, Bounds.spread(x, row * classes, classes));
  }

  /**
   * log p of each row is off by what p is, relatively; logarithm and sum are taken in double. A
   * log-likelihood is exact but for its last rounding, and for coefficients that are.
   */
  @Override
  public double[] forwardAllowed(double[][] inputs, double[] expected) {
    double[] byRow = new double[rows];
    for (int r = 0; r < rows; r++) {
      double off = loss == Loss.CROSS_ENTROPY ? probability(inputs[0], r) : 0;
      byRow[r] = weight(r) * off;
    }
    double all = Arrays.stream(byRow).sum() * Math.abs(exact.scale());
    return Bounds.each(
        expected, i -> (losses == null ? all : byRow[i]) + Math.ulp((float) expected[i]));
  }

  @Override
  public double[] backwardAllowed(
      int variable, double[][] inputs, double[] upstream, double[] expected) {
    return Bounds.each(
        expected,
        i -> {
          int row = i / classes;
          double share = Math.abs(upstream[upstreamOf(i)] * exact.scale());
          double coefficient = share * exact.coefficient(row, i % classes);
          double p = Math.abs(expected[i]) + coefficient;
          double off = loss == Loss.CROSS_ENTROPY ? probability(inputs[0], row) : 0;
          return (off + 2 * U) * p + 6 * U * coefficient + Float.MIN_NORMAL;
        });
  }
}
