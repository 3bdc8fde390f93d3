package org.lanegrad.reduction;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.IS_NAN;
import static jdk.incubator.vector.VectorOperators.MAX;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.check.Check;
import org.lanegrad.simd.FloatLanes;
import org.lanegrad.simd.Simd;

/**
 * Σ x, Σ a·b, Σ (x − c)², max x and its first index.
 *
 * <p>A sum halves its range down to {@link #LEAF} elements, which the lanes add up side by side,
 * and whose totals are added pairwise.
 *
 * <ul>
 *   <li><b>Shapes</b>: {@code length} elements from the given index on; the sum of none is 0, their
 *       maximum −Inf.
 *   <li><b>Accuracy</b>: a sum is within (64 + log₂ length) · 2^−24 of Σ|terms| on 16 lanes (128 or
 *       256 instead of 64 on 8 or 4); the scalar loop adds in double.
 *   <li><b>Special values</b>: as IEEE addition says; the maximum of anything with NaN is NaN, and
 *       its index that of the first NaN.
 *   <li><b>Cost</b>: sum 1 flop, dot 2, squares 3, maximum 1 an element; 4 bytes an array and
 *       element.
 *   <li><b>Source</b>: pairwise summation, N. Higham, Accuracy and Stability of Numerical
 *       Algorithms (2002), section 4.1.
 * </ul>
 */
public final class Reductions {
  /** What is added up without a split. */
  public static final int LEAF = 1024;

  private Reductions() {}

  /** Σ x. */
  public static float sum(float[] x, int from, int length) {
    Check.range("x", x, from, length);
    if (length > LEAF) {
      int half = half(length);
      return sum(x, from, half) + sum(x, from + half, length - half);
    }
    if (Simd.LANES) {
      return Lanes.sum(x, from, length);
    }
    double sum = 0;
    for (int i = from; i < from + length; i++) {
      sum += x[i];
    }
    return (float) sum;
  }

  /** Σ a·b. */
  public static float dot(float[] a, int aFrom, float[] b, int bFrom, int length) {
    Check.range("a", a, aFrom, length);
    Check.range("b", b, bFrom, length);
    if (length > LEAF) {
      int half = half(length);
      return dot(a, aFrom, b, bFrom, half) + dot(a, aFrom + half, b, bFrom + half, length - half);
    }
    if (Simd.LANES) {
      return Lanes.dot(a, aFrom, b, bFrom, length);
    }
    double sum = 0;
    for (int i = 0; i < length; i++) {
      sum = Math.fma((double) a[aFrom + i], b[bFrom + i], sum);
    }
    return (float) sum;
  }

  /** Σ (x − centre)². */
  public static float sumOfSquares(float[] x, int from, int length, float centre) {
    Check.range("x", x, from, length);
    if (length > LEAF) {
      int half = half(length);
      return sumOfSquares(x, from, half, centre)
          + sumOfSquares(x, from + half, length - half, centre);
    }
    if (Simd.LANES) {
      return Lanes.sumOfSquares(x, from, length, centre);
    }
    double sum = 0;
    for (int i = from; i < from + length; i++) {
      double d = x[i] - centre;
      sum = Math.fma(d, d, sum);
    }
    return (float) sum;
  }

  /** max x. */
  public static float max(float[] x, int from, int length) {
    Check.range("x", x, from, length);
    if (Simd.LANES) {
      return Lanes.max(x, from, length);
    }
    float max = Float.NEGATIVE_INFINITY;
    for (int i = from; i < from + length; i++) {
      max = Math.max(max, x[i]);
    }
    return max;
  }

  /**
   * The index, counted from {@code from}, of the first element that equals the maximum.
   *
   * @throws IllegalArgumentException if there is no element
   */
  public static int argmax(float[] x, int from, int length) {
    Check.range("x", x, from, length);
    if (length == 0) {
      throw new IllegalArgumentException("length is 0, expected 1 or more");
    }
    float max = max(x, from, length);
    if (Simd.LANES) {
      return Lanes.first(x, from, length, max);
    }
    int i = 0;
    while (Float.compare(x[from + i], max) != 0 && x[from + i] != max) {
      i++;
    }
    return i;
  }

  /** About half of a length, in whole leaves. */
  private static int half(int length) {
    return (length / 2 + LEAF - 1) / LEAF * LEAF;
  }

  private static final class Lanes {
    private static final VectorSpecies<Float> S = FloatLanes.SPECIES;
    private static final int L = FloatLanes.COUNT;

    static float sum(float[] x, int from, int length) {
      FloatVector sum = FloatVector.zero(S);
      for (int j = 0; j < length; j += L) {
        sum = sum.add(fromArray(S, x, from + j, S.indexInRange(j, length)));
      }
      return total(sum);
    }

    static float dot(float[] a, int aFrom, float[] b, int bFrom, int length) {
      FloatVector sum = FloatVector.zero(S);
      for (int j = 0; j < length; j += L) {
        VectorMask<Float> mask = S.indexInRange(j, length);
        sum = fromArray(S, a, aFrom + j, mask).fma(fromArray(S, b, bFrom + j, mask), sum);
      }
      return total(sum);
    }

    static float sumOfSquares(float[] x, int from, int length, float centre) {
      FloatVector sum = FloatVector.zero(S);
      FloatVector c = broadcast(S, centre);
      for (int j = 0; j < length; j += L) {
        VectorMask<Float> mask = S.indexInRange(j, length);
        FloatVector d = c.blend(fromArray(S, x, from + j, mask), mask).sub(c);
        sum = d.fma(d, sum);
      }
      return total(sum);
    }

    static float max(float[] x, int from, int length) {
      FloatVector max = broadcast(S, Float.NEGATIVE_INFINITY);
      int j = 0;
      for (int end = S.loopBound(length); j < end; j += L) {
        max = max.lanewise(MAX, fromArray(S, x, from + j));
      }
      if (j < length) {
        VectorMask<Float> tail = S.indexInRange(j, length);
        max = max.lanewise(MAX, fromArray(S, x, from + j, tail), tail);
      }
      return max.reduceLanes(MAX);
    }

    static int first(float[] x, int from, int length, float max) {
      for (int j = 0; ; j += L) {
        VectorMask<Float> mask = S.indexInRange(j, length);
        FloatVector v = fromArray(S, x, from + j, mask);
        VectorMask<Float> found = Float.isNaN(max) ? v.test(IS_NAN) : v.compare(EQ, max);
        int lane = found.and(mask).firstTrue();
        if (lane < L) {
          return j + lane;
        }
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
