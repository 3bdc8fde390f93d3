package org.lanegrad.loss;

import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.Matrix;
import org.lanegrad.check.Check;
import org.lanegrad.reduction.Reductions;
import org.lanegrad.simd.FloatLanes;
import org.lanegrad.simd.Simd;

/**
 * L = mean of (y − t)²; ∂L/∂y = 2·(y − t) / n, and ∂L/∂t is its negative.
 *
 * <ul>
 *   <li><b>Shapes</b>: n elements from the given index of each array.
 *   <li><b>Aliasing</b>: the gradient may be the very y (in place), else separate from both.
 *   <li><b>Accuracy</b>: the loss is within 72 · 2^−24 relative on 16 lanes (264 on 4), the
 *       gradient within 3 · 2^−24.
 *   <li><b>Special values</b>: as IEEE arithmetic says. No elements: the mean of nothing, NaN.
 *   <li><b>Cost</b>: 4 flops and 12 bytes an element, loss and gradient together.
 *   <li><b>Determinism</b>: the loss is added by lanes, so its last bit may depend on their number.
 *   <li><b>Source</b>: C. F. Gauss, Theoria Motus (1809).
 * </ul>
 */
public final class MeanSquaredError {
  private MeanSquaredError() {}

  /** The mean loss, and its gradient with respect to y if that is not null. */
  public static float lossAndGradient(
      float[] y,
      int yFrom,
      float[] targets,
      int targetsFrom,
      float[] gradient,
      int gradientFrom,
      int length) {
    Check.range("y", y, yFrom, length);
    Check.range("targets", targets, targetsFrom, length);
    if (gradient != null) {
      Check.range("gradient", gradient, gradientFrom, length);
      Check.sameOrSeparate("gradient", gradient, gradientFrom, "y", y, yFrom, length);
      Check.separate("gradient", gradient, gradientFrom, "targets", targets, targetsFrom, length);
    }
    double total = sum(y, yFrom, targets, targetsFrom, 2f / length, gradient, gradientFrom, length);
    return (float) (total / length);
  }

  /**
   * The same over matrices of one shape, rows as they are stored; rows with gaps between them are
   * added up one after the other.
   *
   * @param gradient null for none
   */
  public static float lossAndGradient(Matrix y, Matrix targets, Matrix gradient) {
    PerElement.check("y", y, targets, gradient);
    int size = y.rows() * y.columns();
    double total = 0;
    boolean whole = PerElement.isWhole(y, targets, gradient);
    int rows = whole ? Math.min(1, y.rows()) : y.rows();
    int length = whole ? size : y.columns();
    for (int i = 0; i < rows; i++) {
      total +=
          sum(
              y.array(),
              y.index(i, 0),
              targets.array(),
              targets.index(i, 0),
              2f / size,
              gradient == null ? null : gradient.array(),
              gradient == null ? 0 : gradient.index(i, 0),
              length);
    }
    return (float) (total / size);
  }

  /** Σ (y − t)², and share·(y − t) as the gradient. */
  private static double sum(
      float[] y,
      int yFrom,
      float[] targets,
      int targetsFrom,
      float share,
      float[] gradient,
      int gradientFrom,
      int length) {
    double total = 0;
    for (int from = 0, count; from < length; from += count) {
      count = Math.min(Reductions.LEAF, length - from);
      int y0 = yFrom + from;
      int t0 = targetsFrom + from;
      int g0 = gradientFrom + from;
      total +=
          Simd.fills(count)
              ? Lanes.leaf(y, y0, targets, t0, share, gradient, g0, count)
              : leaf(y, y0, targets, t0, share, gradient, g0, count);
    }
    return total;
  }

  private static double leaf(
      float[] y, int yFrom, float[] t, int tFrom, float share, float[] out, int to, int length) {
    double sum = 0;
    for (int i = 0; i < length; i++) {
      float error = y[yFrom + i] - t[tFrom + i];
      sum += (double) error * error;
      if (out != null) {
        out[to + i] = error * share;
      }
    }
    return sum;
  }

  private static final class Lanes {
    private static final VectorSpecies<Float> S = FloatLanes.SPECIES;
    private static final int L = FloatLanes.COUNT;

    static float leaf(
        float[] y, int yFrom, float[] t, int tFrom, float share, float[] out, int to, int length) {
      FloatVector sum = FloatVector.zero(S);
      int last = length - L;
      FloatVector lastY = fromArray(S, y, yFrom + last);
      VectorMask<Float> counted =
          fromArray(S, FloatLanes.NUMBERS, 0).compare(LT, (float) (-length & L - 1));
      for (int pass = 0; pass < 2; pass++) {
        int start = pass == 0 ? 0 : last;
        int count = pass == 0 ? last : L;
        for (int j = 0; j < count; j += L) {
          int i = start + j;
          FloatVector v = pass == 0 ? fromArray(S, y, yFrom + i) : lastY;
          FloatVector error = v.sub(fromArray(S, t, tFrom + i));
          FloatVector term = pass == 0 ? error : error.blend(0f, counted);
          sum = term.fma(term, sum);
          if (out != null) {
            error.mul(share).intoArray(out, to + i);
          }
        }
      }
      sum = FloatLanes.VECTOR.cast(sum);
      sum = L > 8 ? sum.add(sum.rearrange(FloatLanes.ROTATED_8)) : sum;
      sum = L > 4 ? sum.add(sum.rearrange(FloatLanes.ROTATED_4)) : sum;
      return sum.lane(0) + sum.lane(2) + (sum.lane(1) + sum.lane(3));
    }
  }
}
