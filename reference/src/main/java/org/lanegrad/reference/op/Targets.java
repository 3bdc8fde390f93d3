package org.lanegrad.reference.op;

import java.util.Arrays;

/**
 * The targets of a classification loss: row r contributes Σ_j c_rj·(−log p_rj), with
 *
 * <p>c_rj = (1 − ε)·w_j·[j = label] + ε·w_j / classes, all 0 where the label is the ignored one.
 *
 * <p>The mean divides by Σ w_label over the rows that are not ignored, as PyTorch's cross_entropy
 * and ONNX's SoftmaxCrossEntropyLoss do.
 *
 * @param labels a class for each row
 * @param classes how many classes there are
 * @param weights w, one for each class
 * @param ignored a label that takes its row out; it need not be a class
 * @param smoothing ε, in 0 … 1
 * @param reduction what becomes of the rows' losses
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Targets(
    int[] labels,
    int classes,
    double[] weights,
    int ignored,
    double smoothing,
    Reduction reduction) {
  /** Weights of 1, none ignored, no smoothing, the mean. */
  public static Targets of(int[] labels, int classes) {
    double[] ones = new double[classes];
    Arrays.fill(ones, 1);
    return new Targets(labels, classes, ones, Integer.MIN_VALUE, 0, Reduction.MEAN);
  }

  /** The number of rows. */
  public int rows() {
    return labels.length;
  }

  /** The number of outputs. */
  public int outputs() {
    return reduction == Reduction.NONE ? rows() : 1;
  }

  /** c_rj. */
  public double coefficient(int row, int j) {
    if (labels[row] == ignored) {
      return 0;
    }
    double onLabel = j == labels[row] ? (1 - smoothing) * weights[j] : 0;
    return onLabel + smoothing * weights[j] / classes;
  }

  /** What each row's loss is multiplied by. */
  public double scale() {
    if (reduction != Reduction.MEAN) {
      return 1;
    }
    double counted = 0;
    for (int label : labels) {
      counted += label == ignored ? 0 : weights[label];
    }
    return 1 / counted;
  }
}
