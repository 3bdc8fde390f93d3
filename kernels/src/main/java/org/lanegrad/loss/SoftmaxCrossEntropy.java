package org.lanegrad.loss;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.Matrix;
import org.lanegrad.check.Check;
import org.lanegrad.elementwise.Fill;
import org.lanegrad.simd.FloatLanes;
import org.lanegrad.simd.Fma;
import org.lanegrad.simd.RowExponentials;
import org.lanegrad.simd.Simd;

/**
 * L = scale · Σ_r Σ_j c_rj·(log Σ_k e^x_rk − x_rj), with c and scale as {@link Targets} say: the
 * mean over rows of log Σ e^x − x_label if there are no options; ∂L/∂x_rj = scale · (p_rj·Σ_k c_rk
 * − c_rj), p the row's softmax.
 *
 * <p>The row's maximum m is subtracted first (log Σ e^x = m + log Σ e^(x − m)), so logits of any
 * size neither overflow nor divide zero by zero.
 *
 * <ul>
 *   <li><b>Shapes</b>: logits rows × classes, the gradient as the logits, a loss for each row if
 *       they are wanted.
 *   <li><b>Aliasing</b>: the gradient may be the very logits (in place), else separate from them.
 *   <li><b>Accuracy</b>: with u = 2^−24 and s the largest |x − m|, p has a relative error of at
 *       most (78 + 2s)·u on 16 lanes (see {@code Softmax}); the gradient has that of its share of
 *       p, and 4·u at the label. The loss is within the same, and one ULP. Where the label has the
 *       largest score, that holds of 1 − p and of the loss relatively, down to exponentials of
 *       1.2e−38: a row that is sure still has a loss, and its gradient adds up to 0.
 *   <li><b>Special values</b>: a row with NaN, +Inf, or nothing but −Inf gives NaN in its gradient
 *       and in the loss. No rows that count: the mean of nothing, NaN. With smoothing, a logit of
 *       −Inf whose class has weight makes the loss Inf.
 *   <li><b>Cost</b>: one exponential an element for either method; the gradient adds one pass.
 *   <li><b>Determinism</b>: a row's gradient has the same bits alone as in any batch, but for the
 *       scale. Its sum is added by lanes, so its last bit may depend on the vector width.
 *   <li><b>Source</b>: ONNX, SoftmaxCrossEntropyLoss; C. Szegedy et al., Rethinking the Inception
 *       Architecture (2015), for label smoothing.
 * </ul>
 */
public final class SoftmaxCrossEntropy {
  private SoftmaxCrossEntropy() {}

  /** The mean loss alone. */
  public static float loss(Matrix logits, int[] labels) {
    check("logits", logits);
    Targets.checkLabels(labels, Targets.NONE_IGNORED, "logits", logits.rows(), logits.columns());
    return run(logits, labels, null, null, null);
  }

  /** The loss alone; each row's goes to {@code losses} if that is not null. */
  public static float loss(Matrix logits, Targets targets, float[] losses) {
    check("logits", logits, targets, losses);
    return run(logits, targets.labels(), targets, losses, null);
  }

  /** The mean loss, and its gradient with respect to the logits. */
  public static float lossAndGradient(Matrix logits, int[] labels, Matrix gradient) {
    check("logits", logits);
    Targets.checkLabels(labels, Targets.NONE_IGNORED, "logits", logits.rows(), logits.columns());
    checkGradient("logits", logits, gradient);
    return run(logits, labels, null, null, gradient);
  }

  /**
   * The loss, and its gradient with respect to the logits; each row's loss goes to {@code losses}
   * if that is not null.
   *
   * @throws NullPointerException if a required argument is null
   * @throws IllegalArgumentException if a shape does not fit, a label is out of range (named with
   *     its row), or the gradient overlaps the logits in part; nothing is written then
   */
  public static float lossAndGradient(
      Matrix logits, Targets targets, float[] losses, Matrix gradient) {
    check("logits", logits, targets, losses);
    checkGradient("logits", logits, gradient);
    return run(logits, targets.labels(), targets, losses, gradient);
  }

  /** Targets that are null stand for no options: a step must not allocate them. */
  private static float run(
      Matrix logits, int[] labels, Targets t, float[] losses, Matrix gradient) {
    int classes = logits.columns();
    double scale = t == null ? 1.0 / logits.rows() : t.scale();
    double spread = t == null ? 0 : t.smoothing() / (double) classes;
    double evenly = spread == 0 ? 0 : spread * t.sumOfWeights(classes);
    float[] weights = t == null ? null : t.weights();
    double total = 0;
    for (int i = 0; i < logits.rows(); i++) {
      if (t != null && t.isIgnored(i)) {
        skip(gradient, i);
        record(losses, i, 0);
        continue;
      }
      float[] x = logits.array();
      int row = logits.index(i, 0);
      double onLabel = t == null ? 1 : t.onLabel(i);
      double target = x[row + labels[i]];
      float max = RowExponentials.max(x, row, classes);
      double rest = spread == 0 ? 0 : spread * t.weighted(x, row, classes, max);
      float[] out = gradient == null ? null : gradient.array();
      int to = gradient == null ? 0 : gradient.index(i, 0);
      double sum;
      double others = 0;
      if (target == max) {
        others = others(x, row, classes, labels[i], max, out, to);
        sum = 1 + others;
      } else {
        sum = RowExponentials.sum(x, row, classes, max, out, to);
      }
      double log = target == max ? Math.log1p(others) : Math.log(sum);
      double ofLabel = onLabel == 0 ? 0 : onLabel * (log + (max - target));
      double loss = spread == 0 ? ofLabel : ofLabel + (evenly * log - rest);
      if (gradient != null) {
        float factor = (float) (scale * (onLabel + evenly) / sum);
        finish(out, to, classes, factor, (float) (scale * spread), weights);
        int label = to + labels[i];
        boolean certain = target == max && spread == 0;
        out[label] =
            certain
                ? (float) (0 - scale * onLabel * (others / sum))
                : out[label] - (float) (scale * onLabel);
      }
      record(losses, i, loss);
      total += loss;
    }
    return (float) (total * scale);
  }

  /**
   * Σ e^(x − max) over all classes but the label, whose score is the maximum and its exponential 1:
   * what is left of a loss near 0, where 1 + Σ would round to 1.
   */
  private static double others(
      float[] x, int row, int classes, int label, float max, float[] out, int to) {
    int behind = label + 1;
    double others = RowExponentials.sum(x, row, label, max, out, to);
    others += RowExponentials.sum(x, row + behind, classes - behind, max, out, to + behind);
    if (out != null) {
      out[to + label] = 1f;
    }
    return Float.isInfinite(max) ? Double.NaN : others;
  }

  /** out = e·factor − shift·w, for exponentials e. */
  private static void finish(
      float[] out, int to, int classes, float factor, float shift, float[] weights) {
    float[] w = shift == 0f ? null : weights;
    if (Simd.fills(classes)) {
      Lanes.finish(out, to, classes, factor, shift, w);
      return;
    }
    for (int j = 0; j < classes; j++) {
      out[to + j] = Fma.of(out[to + j], factor, -(w == null ? shift : shift * w[j]));
    }
  }

  /** A row that does not count. */
  static void skip(Matrix gradient, int i) {
    if (gradient != null) {
      int to = gradient.index(i, 0);
      Fill.forward(0f, gradient.array(), to, gradient.columns());
    }
  }

  static void record(float[] losses, int i, double loss) {
    if (losses != null) {
      losses[i] = (float) loss;
    }
  }

  private static void check(String name, Matrix logits) {
    Check.notNull(name, logits, "a Matrix");
    Check.stored(name, logits.isTransposed());
  }

  static void check(String name, Matrix logits, Targets targets, float[] losses) {
    check(name, logits);
    Check.notNull("targets", targets, "Targets");
    targets.check(name, logits.rows(), logits.columns());
    if (losses != null) {
      Check.equal("losses.length", losses.length, "rows", logits.rows());
      Check.separate("losses", name, logits.overlaps(losses, 0, losses.length));
    }
  }

  static void checkGradient(String name, Matrix logits, Matrix gradient) {
    Check.notNull("gradient", gradient, "a Matrix");
    if (gradient.rows() != logits.rows() || gradient.columns() != logits.columns()) {
      Check.equal("gradient.rows", gradient.rows(), name + ".rows", logits.rows());
      Check.equal("gradient.columns", gradient.columns(), name + ".columns", logits.columns());
    }
    Check.stored("gradient", gradient.isTransposed());
    boolean same = gradient.offset() == logits.offset() && gradient.rowStep() == logits.rowStep();
    Check.separate("gradient", name, !same && gradient.overlaps(logits));
  }

  private static final class Lanes {
    private static final VectorSpecies<Float> S = FloatLanes.SPECIES;
    private static final int L = FloatLanes.COUNT;

    static void finish(
        float[] out, int to, int classes, float factor, float shift, float[] weights) {
      FloatVector f = broadcast(S, factor);
      FloatVector even = broadcast(S, -shift);
      int last = classes - L;
      FloatVector lastOut = fromArray(S, out, to + last);
      for (int pass = 0; pass < 2; pass++) {
        int start = pass == 0 ? 0 : last;
        int count = pass == 0 ? last : L;
        for (int k = 0; k < count; k += L) {
          int j = start + k;
          FloatVector e = pass == 0 ? fromArray(S, out, to + j) : lastOut;
          FloatVector less = weights == null ? even : even.mul(fromArray(S, weights, j));
          e.fma(f, less).intoArray(out, to + j);
        }
      }
    }
  }
}
