package org.lanegrad.loss;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.MAX;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.Matrix;
import org.lanegrad.check.Check;
import org.lanegrad.simd.Exp;
import org.lanegrad.simd.FloatLanes;
import org.lanegrad.simd.Simd;

/**
 * L = mean over rows of (log Σ_j e^x_j − x_label); ∂L/∂x = (p − y) / rows, with p the row's softmax
 * and y the label's one-hot vector.
 *
 * <p>The row's maximum m is subtracted first (log Σ e^x = m + log Σ e^(x − m)), so logits of any
 * size neither overflow nor divide zero by zero.
 *
 * <ul>
 *   <li><b>Shapes</b>: logits rows × classes, one label 0 … classes − 1 a row, the gradient as the
 *       logits.
 *   <li><b>Aliasing</b>: the gradient may be the very logits (in place), else separate from them.
 *   <li><b>Accuracy</b>: with u = 2^−24 and s the largest |x − m|, p has a relative error of at
 *       most (classes + 8 + s)·u; the gradient has that of p / rows, and 4·u / rows at the label.
 *       The loss is within (classes + 8 + s)·u and one ULP.
 *   <li><b>Special values</b>: a row with NaN, +Inf, or nothing but −Inf gives NaN in its gradient
 *       and in the loss. No rows: the mean of nothing, NaN.
 *   <li><b>Cost</b>: one exponential an element for either method; the gradient adds one pass.
 *   <li><b>Determinism</b>: a row's gradient has the same bits alone as in any batch, but for the
 *       factor 1 / rows. Its sum is added by lanes, so its last bit may depend on the vector width.
 *   <li><b>Source</b>: the exponential is that of {@code Exp}.
 * </ul>
 */
public final class SoftmaxCrossEntropy {
  private SoftmaxCrossEntropy() {}

  /** The mean loss alone. */
  public static float loss(Matrix logits, int[] labels) {
    check(logits, labels);
    double total = 0;
    for (int i = 0; i < logits.rows(); i++) {
      int row = logits.index(i, 0);
      float max = max(logits, row);
      float sum = Simd.LANES ? Lanes.sum(logits, row, max) : sum(logits, row, max);
      total += Math.log(sum) + ((double) max - logits.array()[row + labels[i]]);
    }
    return (float) (total / logits.rows());
  }

  /**
   * The mean loss, and its gradient with respect to the logits.
   *
   * @throws NullPointerException if an argument is null
   * @throws IllegalArgumentException if a shape does not fit, a label is out of range (named with
   *     its row), or the gradient overlaps the logits in part; nothing is written then
   */
  public static float lossAndGradient(Matrix logits, int[] labels, Matrix gradient) {
    check(logits, labels);
    checkGradient(logits, gradient);
    float share = 1f / logits.rows();
    double total = 0;
    for (int i = 0; i < logits.rows(); i++) {
      int row = logits.index(i, 0);
      int to = gradient.index(i, 0);
      float max = max(logits, row);
      double target = logits.array()[row + labels[i]];
      float sum =
          Simd.LANES
              ? Lanes.gradient(logits, row, max, share, gradient.array(), to)
              : gradient(logits, row, max, share, gradient.array(), to);
      gradient.array()[to + labels[i]] -= share;
      total += Math.log(sum) + (max - target);
    }
    return (float) (total / logits.rows());
  }

  private static void check(Matrix logits, int[] labels) {
    Check.notNull("logits", logits, "a Matrix");
    Check.notNull("labels", labels, "an int[]");
    Check.equal("labels.length", labels.length, "logits.rows", logits.rows());
    Check.stored("logits", logits.isTransposed());
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] < 0 || labels[i] >= logits.columns()) {
        throw new IllegalArgumentException(
            "labels[%d] is %d, expected 0 … %d".formatted(i, labels[i], logits.columns() - 1));
      }
    }
  }

  private static void checkGradient(Matrix logits, Matrix gradient) {
    Check.notNull("gradient", gradient, "a Matrix");
    Check.equal("gradient.rows", gradient.rows(), "logits.rows", logits.rows());
    Check.equal("gradient.columns", gradient.columns(), "logits.columns", logits.columns());
    Check.stored("gradient", gradient.isTransposed());
    boolean same = gradient.offset() == logits.offset() && gradient.rowStep() == logits.rowStep();
    Check.separate("gradient", "logits", !same && gradient.overlaps(logits));
  }

  private static float max(Matrix logits, int row) {
    if (Simd.LANES) {
      return Lanes.max(logits.array(), row, logits.columns());
    }
    float max = Float.NEGATIVE_INFINITY;
    for (int j = row; j < row + logits.columns(); j++) {
      max = Math.max(max, logits.array()[j]);
    }
    return max;
  }

  private static float sum(Matrix logits, int row, float max) {
    float sum = 0;
    for (int j = row; j < row + logits.columns(); j++) {
      sum += Exp.ofNonPositive(logits.array()[j] - max);
    }
    return sum;
  }

  private static float gradient(
      Matrix logits, int row, float max, float share, float[] out, int to) {
    float sum = 0;
    for (int j = 0; j < logits.columns(); j++) {
      out[to + j] = Exp.ofNonPositive(logits.array()[row + j] - max);
      sum += out[to + j];
    }
    for (int j = 0; j < logits.columns(); j++) {
      out[to + j] *= share / sum;
    }
    return sum;
  }

  private static final class Lanes {
    private static final VectorSpecies<Float> S = FloatLanes.SPECIES;
    private static final int L = FloatLanes.COUNT;

    static float max(float[] x, int row, int columns) {
      FloatVector max = broadcast(S, Float.NEGATIVE_INFINITY);
      int j = 0;
      for (int end = S.loopBound(columns); j < end; j += L) {
        max = max.lanewise(MAX, fromArray(S, x, row + j));
      }
      if (j < columns) {
        VectorMask<Float> tail = S.indexInRange(j, columns);
        max = max.lanewise(MAX, fromArray(S, x, row + j, tail), tail);
      }
      return max.reduceLanes(MAX);
    }

    static float sum(Matrix logits, int row, float max) {
      return exponentials(logits.array(), row, logits.columns(), max, null, 0);
    }

    static float gradient(Matrix logits, int row, float max, float share, float[] out, int to) {
      float sum = exponentials(logits.array(), row, logits.columns(), max, out, to);
      scale(out, to, logits.columns(), share / sum);
      return sum;
    }

    /**
     * The sum of e^(x − max), and each of them in {@code out} if that is not null. Every vector is
     * masked: one copy of the body, calls in the loop, is what C2 compiles reliably; with a copy
     * for the tail, or the body in a method of its own, it boxed vectors (12 times slower).
     */
    private static float exponentials(
        float[] x, int row, int columns, float max, float[] out, int to) {
      FloatVector sum = FloatVector.zero(S);
      for (int j = 0, left = columns; left > 0; j += L, left -= L) {
        VectorMask<Float> mask = S.indexInRange(j, columns);
        FloatVector z = fromArray(S, x, row + j, mask).sub(max);
        z = z.blend(Exp.LOWEST, z.compare(LT, Exp.LOWEST));
        FloatVector t = z.fma(broadcast(S, Exp.LOG2_E), broadcast(S, Exp.ROUND));
        FloatVector n = t.sub(Exp.ROUND);
        FloatVector r = n.fma(broadcast(S, -Exp.LN2_HIGH), z);
        r = n.fma(broadcast(S, -Exp.LN2_LOW), r);
        FloatVector q = r.fma(broadcast(S, Exp.Q5), broadcast(S, Exp.Q4));
        q = q.fma(r, broadcast(S, Exp.Q3));
        q = q.fma(r, broadcast(S, Exp.Q2));
        q = q.fma(r, broadcast(S, Exp.Q1));
        q = q.fma(r, broadcast(S, Exp.Q0));
        q = r.mul(r).fma(q, r);
        FloatVector scale =
            t.reinterpretAsInts().lanewise(LSHL, 23).add(Exp.BIASED_ONE).reinterpretAsFloats();
        FloatVector e = q.add(1f).mul(scale).mul(Exp.UNBIAS);
        if (out != null) {
          e.intoArray(out, to + j, mask);
        }
        sum = sum.add(e, mask);
      }
      return total(sum);
    }

    private static void scale(float[] out, int to, int columns, float factor) {
      int j = 0;
      for (int end = S.loopBound(columns); j < end; j += L) {
        fromArray(S, out, to + j).mul(factor).intoArray(out, to + j);
      }
      if (j < columns) {
        VectorMask<Float> tail = S.indexInRange(j, columns);
        fromArray(S, out, to + j, tail).mul(factor).intoArray(out, to + j, tail);
      }
    }

    /** The lanes' sum as a tree, since the order of {@code reduceLanes(ADD)} is not defined. */
    private static float total(FloatVector lanes) {
      for (int step = L / 2; step > 0; step /= 2) {
        lanes = lanes.add(lanes.rearrange(VectorShuffle.iota(S, step, 1, true)));
      }
      return lanes.lane(0);
    }
  }
}
