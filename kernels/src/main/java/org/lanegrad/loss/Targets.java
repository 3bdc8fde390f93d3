package org.lanegrad.loss;

import java.util.Locale;
import org.lanegrad.check.Check;

/**
 * The targets of a classification loss: row r contributes Σ_j c_rj·(−log p_rj) with c_rj = (1 −
 * ε)·w_j·[j = label_r] + ε·w_j / classes, and nothing where the label is the ignored one.
 *
 * <p>The mean divides by Σ w_label over the rows that are not ignored, as ONNX's and PyTorch's
 * cross-entropies do; with none left it is NaN.
 *
 * @param labels a class 0 … classes − 1 for each row, or the ignored label
 * @param weights w, one for each class; null for ones
 * @param ignored a label that takes its row out, {@link #NONE_IGNORED} for none; it need not be a
 *     class
 * @param smoothing ε, 0 … 1
 * @param reduction what becomes of the rows' losses
 */
@SuppressWarnings("ArrayRecordComponent") // arrays of the caller's, never compared
public record Targets(
    int[] labels, float[] weights, int ignored, float smoothing, Reduction reduction) {
  /** No label is ignored. */
  public static final int NONE_IGNORED = Integer.MIN_VALUE;

  /** Checks what does not depend on the logits. */
  public Targets {
    Check.notNull("labels", labels, "an int[]");
    Check.notNull("reduction", reduction, "a Reduction");
    if (!(smoothing >= 0f && smoothing <= 1f)) {
      throw new IllegalArgumentException("smoothing is " + smoothing + ", expected 0 … 1");
    }
  }

  /** Weights of 1, none ignored, no smoothing, the mean. */
  public static Targets of(int[] labels) {
    return new Targets(labels, null, NONE_IGNORED, 0f, Reduction.MEAN);
  }

  /** The same with a weight for each class. */
  public Targets weighted(float[] classWeights) {
    return new Targets(labels, classWeights, ignored, smoothing, reduction);
  }

  /** The same without the rows of that label. */
  public Targets ignoring(int label) {
    return new Targets(labels, weights, label, smoothing, reduction);
  }

  /** The same with label smoothing. */
  public Targets smoothed(float epsilon) {
    return new Targets(labels, weights, ignored, epsilon, reduction);
  }

  /** The same with another reduction. */
  public Targets reduced(Reduction other) {
    return new Targets(labels, weights, ignored, smoothing, other);
  }

  /** Throws unless there is a label in range for each row, and a weight for each class. */
  void check(String logits, int rows, int classes) {
    checkLabels(labels, ignored, logits, rows, classes);
    if (weights != null && weights.length != classes) {
      Check.equal("weights.length", weights.length, logits + ".columns", classes);
    }
  }

  /** Throws unless there is a label in range for each row. */
  static void checkLabels(int[] labels, int ignored, String logits, int rows, int classes) {
    Check.notNull("labels", labels, "an int[]");
    if (labels.length != rows) {
      Check.equal("labels.length", labels.length, logits + ".rows", rows);
    }
    for (int i = 0; i < labels.length; i++) {
      boolean counts = labels[i] != ignored || ignored == NONE_IGNORED;
      if (counts && (labels[i] < 0 || labels[i] >= classes)) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT, "labels[%d] is %d, expected 0 … %d", i, labels[i], classes - 1));
      }
    }
  }

  boolean isIgnored(int row) {
    return labels[row] == ignored;
  }

  float weight(int j) {
    return weights == null ? 1f : weights[j];
  }

  /** (1 − ε)·w of the row's label. */
  double onLabel(int row) {
    return (1.0 - smoothing) * weight(labels[row]);
  }

  /** Σ_j w_j. */
  double sumOfWeights(int classes) {
    if (weights == null) {
      return classes;
    }
    double sum = 0;
    for (float w : weights) {
      sum += w;
    }
    return sum;
  }

  /**
   * Σ_j w_j·(x_j − shift); a class of weight 0 counts for nothing, whatever its score. Four sums
   * hide the four cycles of an addition.
   */
  double weighted(float[] x, int from, int classes, double shift) {
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    int j = 0;
    for (; j < classes - 3; j += 4) {
      s0 += term(weights, j, x[from + j] - shift);
      s1 += term(weights, j + 1, x[from + j + 1] - shift);
      s2 += term(weights, j + 2, x[from + j + 2] - shift);
      s3 += term(weights, j + 3, x[from + j + 3] - shift);
    }
    for (; j < classes; j++) {
      s0 += term(weights, j, x[from + j] - shift);
    }
    return s0 + s1 + (s2 + s3);
  }

  private static double term(float[] weights, int j, double x) {
    float w = weights == null ? 1f : weights[j];
    return w == 0f ? 0 : w * x;
  }

  /** What each row's loss is multiplied by. */
  double scale() {
    if (reduction != Reduction.MEAN) {
      return 1;
    }
    double counted = 0;
    for (int i = 0; i < labels.length; i++) {
      counted += isIgnored(i) ? 0 : weight(labels[i]);
    }
    return 1 / counted;
  }
}
