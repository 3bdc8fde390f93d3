package org.lanegrad.loss;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.LE;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.Matrix;
import org.lanegrad.check.Check;
import org.lanegrad.simd.FloatLanes;
import org.lanegrad.simd.Simd;

/**
 * L = mean over rows of Σ_{j ≠ label} max(0, x_j − x_label + Δ), the multiclass support vector
 * machine's loss of scores x; ∂L/∂x_rj = [x_j − x_label + Δ &gt; 0] / rows for j ≠ label, and minus
 * their sum at the label.
 *
 * <ul>
 *   <li><b>Shapes</b>: scores rows × classes, one label 0 … classes − 1 a row, the gradient as the
 *       scores.
 *   <li><b>Aliasing</b>: the gradient may be the very scores (in place), else separate.
 *   <li><b>Accuracy</b>: a row's loss is within (classes / lanes + 6) · 2^−24 of its terms, and 3 ·
 *       2^−24 · (|x_j| + |x_label| + Δ) each; rows are added in double. The gradient is rounded
 *       once.
 *   <li><b>Special values</b>: NaN gives NaN in the loss, and counts as a violation in the
 *       gradient. A score on its margin's edge does not.
 *   <li><b>Cost</b>: 4 flops and 8 bytes an element, loss and gradient together.
 *   <li><b>Source</b>: J. Weston, C. Watkins, Support Vector Machines for Multi-Class Pattern
 *       Recognition (1999).
 * </ul>
 */
public final class MulticlassHinge {
  private MulticlassHinge() {}

  /** The mean loss, and its gradient if {@code gradient} is not null. */
  public static float lossAndGradient(Matrix scores, int[] labels, float margin, Matrix gradient) {
    Check.notNull("scores", scores, "a Matrix");
    Check.stored("scores", scores.isTransposed());
    Check.atLeastZero("margin", margin);
    Targets.checkLabels(labels, Targets.NONE_IGNORED, "scores", scores.rows(), scores.columns());
    if (gradient != null) {
      SoftmaxCrossEntropy.checkGradient("scores", scores, gradient);
    }
    float share = 1f / scores.rows();
    double total = 0;
    for (int i = 0; i < scores.rows(); i++) {
      int from = scores.index(i, 0);
      float[] out = gradient == null ? null : gradient.array();
      int to = gradient == null ? 0 : gradient.index(i, 0);
      total += row(scores.array(), from, scores.columns(), labels[i], margin, share, out, to);
    }
    return (float) (total / scores.rows());
  }

  private static float row(
      float[] x, int from, int n, int label, float margin, float share, float[] out, int to) {
    float shift = margin - x[from + label];
    if (Simd.fills(n)) {
      return Lanes.row(x, from, n, label, shift, share, out, to);
    }
    double sum = 0;
    int violations = 0;
    for (int j = 0; j < n; j++) {
      float excess = x[from + j] + shift;
      boolean counts = j != label && !(excess <= 0f);
      sum += counts ? excess : 0f;
      violations += counts ? 1 : 0;
      if (out != null) {
        out[to + j] = counts ? share : 0f;
      }
    }
    if (out != null) {
      out[to + label] = -share * violations;
    }
    return (float) sum;
  }

  private static final class Lanes {
    private static final VectorSpecies<Float> S = FloatLanes.SPECIES;
    private static final int L = FloatLanes.COUNT;

    static float row(
        float[] x, int from, int n, int label, float shift, float share, float[] out, int to) {
      FloatVector sum = FloatVector.zero(S);
      FloatVector lanes = fromArray(S, FloatLanes.NUMBERS, 0);
      int violations = 0;
      int last = n - L;
      FloatVector lastX = fromArray(S, x, from + last);
      VectorMask<Float> counted = lanes.compare(LT, (float) (-n & L - 1));
      for (int pass = 0; pass < 2; pass++) {
        int start = pass == 0 ? 0 : last;
        int count = pass == 0 ? last : L;
        for (int k = 0; k < count; k += L) {
          int j = start + k;
          FloatVector excess = (pass == 0 ? fromArray(S, x, from + j) : lastX).add(shift);
          VectorMask<Float> own = lanes.compare(EQ, (float) (label - j));
          VectorMask<Float> satisfied = excess.compare(LE, 0f).or(own);
          if (out != null) {
            broadcast(S, share).blend(0f, satisfied).intoArray(out, to + j);
          }
          satisfied = pass == 0 ? satisfied : satisfied.or(counted);
          sum = sum.add(excess.blend(0f, satisfied));
          violations += L - satisfied.trueCount();
        }
      }
      if (out != null) {
        out[to + label] = -share * violations;
      }
      sum = FloatLanes.VECTOR.cast(sum);
      sum = L > 8 ? sum.add(sum.rearrange(FloatLanes.ROTATED_8)) : sum;
      sum = L > 4 ? sum.add(sum.rearrange(FloatLanes.ROTATED_4)) : sum;
      return sum.lane(0) + sum.lane(2) + (sum.lane(1) + sum.lane(3));
    }
  }
}
