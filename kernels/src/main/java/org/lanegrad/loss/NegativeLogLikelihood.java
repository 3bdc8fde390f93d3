package org.lanegrad.loss;

import org.lanegrad.Matrix;

/**
 * L = scale · Σ_r Σ_j c_rj·(−x_rj) for log-probabilities x, with c and scale as {@link Targets}
 * say: the mean of −x_label if there are no options; ∂L/∂x_rj = −scale·c_rj.
 *
 * <ul>
 *   <li><b>Shapes</b>: log-probabilities rows × classes, the gradient as they are, a loss for each
 *       row if they are wanted.
 *   <li><b>Aliasing</b>: the gradient may be the very log-probabilities (in place), else separate.
 *   <li><b>Accuracy</b>: the loss is added in double and rounded once, and so is the gradient.
 *   <li><b>Special values</b>: a class of weight 0 counts as 0, even where x is −Inf. No rows that
 *       count: the mean of nothing, NaN.
 *   <li><b>Cost</b>: an element a row; the gradient writes all of them.
 *   <li><b>Determinism</b>: the same bits on every width.
 *   <li><b>Source</b>: ONNX, NegativeLogLikelihoodLoss.
 * </ul>
 */
public final class NegativeLogLikelihood {
  private NegativeLogLikelihood() {}

  /** The loss alone; each row's goes to {@code losses} if that is not null. */
  public static float loss(Matrix x, Targets targets, float[] losses) {
    SoftmaxCrossEntropy.check("x", x, targets, losses);
    return run(x, targets, losses, null);
  }

  /** The loss and its gradient; each row's loss goes to {@code losses} if that is not null. */
  public static float lossAndGradient(Matrix x, Targets targets, float[] losses, Matrix gradient) {
    SoftmaxCrossEntropy.check("x", x, targets, losses);
    SoftmaxCrossEntropy.checkGradient("x", x, gradient);
    return run(x, targets, losses, gradient);
  }

  private static float run(Matrix x, Targets t, float[] losses, Matrix gradient) {
    int classes = x.columns();
    double scale = t.scale();
    double spread = t.smoothing() / (double) classes;
    double total = 0;
    for (int i = 0; i < x.rows(); i++) {
      double loss = 0;
      if (!t.isIgnored(i)) {
        int row = x.index(i, 0);
        double onLabel = t.onLabel(i);
        loss = onLabel == 0 ? 0 : -onLabel * x.array()[row + t.labels()[i]];
        if (spread != 0) {
          loss -= spread * t.weighted(x.array(), row, classes, 0);
        }
      }
      if (gradient != null) {
        gradient(t, gradient, i, scale, spread);
      }
      SoftmaxCrossEntropy.record(losses, i, loss);
      total += loss;
    }
    return (float) (total * scale);
  }

  private static void gradient(Targets t, Matrix gradient, int i, double scale, double spread) {
    if (t.isIgnored(i) || spread == 0) {
      SoftmaxCrossEntropy.skip(gradient, i);
    }
    if (t.isIgnored(i)) {
      return;
    }
    int to = gradient.index(i, 0);
    int label = t.labels()[i];
    if (spread != 0) {
      spread(gradient.array(), to, gradient.columns(), -scale * spread, t.weights());
    }
    double coefficient = t.onLabel(i) + spread * t.weight(label);
    gradient.array()[to + label] = (float) (-scale * coefficient);
  }

  /** dx = factor·w. */
  private static void spread(float[] dx, int to, int classes, double factor, float[] weights) {
    for (int j = 0; j < classes; j++) {
      dx[to + j] = (float) (factor * (weights == null ? 1f : weights[j]));
    }
  }
}
