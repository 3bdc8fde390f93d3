package org.lanegrad.reduction;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.IS_NAN;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.MAX;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.Matrix;
import org.lanegrad.check.Check;
import org.lanegrad.simd.FloatLanes;
import org.lanegrad.simd.Simd;

/**
 * Σ x, Σ a·b, Σ (x − c)², max x and its first index.
 *
 * <p>The lanes add up leaves of {@link #LEAF} elements side by side; the leaves' totals are added
 * in double.
 *
 * <ul>
 *   <li><b>Shapes</b>: {@code length} elements from the given index on; the sum of none is 0, their
 *       maximum −Inf.
 *   <li><b>Accuracy</b>: a sum is within 26 · 2^−24 of Σ|terms| on 16 lanes (41 on 8, 72 on 4); the
 *       scalar loop adds in double.
 *   <li><b>Special values</b>: as IEEE addition says; the maximum of anything with NaN is NaN, and
 *       its index that of the first NaN.
 *   <li><b>Cost</b>: sum 1 flop, dot 2, squares 3, maximum 1 an element; 4 bytes an array and
 *       element.
 *   <li><b>Source</b>: blocked summation, N. Higham, Accuracy and Stability of Numerical Algorithms
 *       (2002), section 4.2.
 * </ul>
 */
public final class Reductions {
  /** What is added up without a split. */
  public static final int LEAF = 1024;

  private Reductions() {}

  /** Σ x. */
  public static float sum(float[] x, int from, int length) {
    Check.range("x", x, from, length);
    double sum = 0;
    int i = 0;
    for (int count; Simd.fills(length - i); i += count) {
      count = Math.min(LEAF, length - i);
      sum += Lanes.sum(x, from + i, count);
    }
    for (; i < length; i++) {
      sum += x[from + i];
    }
    return (float) sum;
  }

  /** Σ a·b. */
  public static float dot(float[] a, int aFrom, float[] b, int bFrom, int length) {
    Check.range("a", a, aFrom, length);
    Check.range("b", b, bFrom, length);
    double sum = 0;
    int i = 0;
    for (int count; Simd.fills(length - i); i += count) {
      count = Math.min(LEAF, length - i);
      sum += Lanes.dot(a, aFrom + i, b, bFrom + i, count);
    }
    for (; i < length; i++) {
      sum += (double) a[aFrom + i] * b[bFrom + i];
    }
    return (float) sum;
  }

  /** Σ x². */
  public static float sumOfSquares(float[] x, int from, int length) {
    Check.range("x", x, from, length);
    double sum = 0;
    int i = 0;
    for (int count; Simd.fills(length - i); i += count) {
      count = Math.min(LEAF, length - i);
      sum += Lanes.sumOfSquares(x, from + i, count);
    }
    for (; i < length; i++) {
      sum += (double) x[from + i] * x[from + i];
    }
    return (float) sum;
  }

  /** max x. */
  public static float max(float[] x, int from, int length) {
    Check.range("x", x, from, length);
    if (Simd.fills(length)) {
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
    if (Simd.fills(length)) {
      return Lanes.first(x, from, length, max);
    }
    int i = 0;
    while (Float.compare(x[from + i], max) != 0 && x[from + i] != max) {
      i++;
    }
    return i;
  }

  /**
   * The same for each row of a matrix, stored by rows: the class of each example.
   *
   * @param indices an element for each row
   * @throws IllegalArgumentException if there is no column, or not an index for each row
   */
  public static void argmax(Matrix x, int[] indices) {
    Check.notNull("x", x, "a Matrix");
    Check.notNull("indices", indices, "an int[]");
    Check.stored("x", x.isTransposed());
    Check.equal("indices.length", indices.length, "x.rows", x.rows());
    for (int i = 0; i < indices.length; i++) {
      indices[i] = argmax(x.array(), x.index(i, 0), x.columns());
    }
  }

  private static final class Lanes {
    private static final VectorSpecies<Float> S = FloatLanes.SPECIES;
    private static final int L = FloatLanes.COUNT;

    /**
     * An addition takes four cycles: four sums at a time hide them, eight where two additions start
     * in a cycle. The last vector ends with the array; what it shares with those before counts as 0
     * (ADR 11). That also makes the loops too long (over 325 bytes) for C2 to inline into a kernel,
     * where it would now and then box the sums (ADR 13).
     */
    private static final int FOUR = 4 * L;

    private static final int EIGHT = 8 * L;

    static float sum(float[] x, int from, int length) {
      FloatVector s0 = FloatVector.zero(S);
      FloatVector s1 = s0;
      FloatVector s2 = s0;
      FloatVector s3 = s0;
      FloatVector s4 = s0;
      FloatVector s5 = s0;
      FloatVector s6 = s0;
      FloatVector s7 = s0;
      int j = 0;
      for (int end = length & -EIGHT; j < end; j += EIGHT) {
        s0 = s0.add(fromArray(S, x, from + j));
        s1 = s1.add(fromArray(S, x, from + j + L));
        s2 = s2.add(fromArray(S, x, from + j + 2 * L));
        s3 = s3.add(fromArray(S, x, from + j + 3 * L));
        s4 = s4.add(fromArray(S, x, from + j + 4 * L));
        s5 = s5.add(fromArray(S, x, from + j + 5 * L));
        s6 = s6.add(fromArray(S, x, from + j + 6 * L));
        s7 = s7.add(fromArray(S, x, from + j + 7 * L));
      }
      s0 = s0.add(s4);
      s1 = s1.add(s5);
      s2 = s2.add(s6);
      s3 = s3.add(s7);
      if (length - j >= FOUR) {
        s0 = s0.add(fromArray(S, x, from + j));
        s1 = s1.add(fromArray(S, x, from + j + L));
        s2 = s2.add(fromArray(S, x, from + j + 2 * L));
        s3 = s3.add(fromArray(S, x, from + j + 3 * L));
        j += FOUR;
      }
      int last = length - L;
      for (; j < last; j += L) {
        s0 = s0.add(fromArray(S, x, from + j));
      }
      VectorMask<Float> counted =
          fromArray(S, FloatLanes.NUMBERS, 0).compare(LT, (float) (j - last));
      s1 = s1.add(fromArray(S, x, from + last).blend(0f, counted));
      FloatVector s = s0.add(s1).add(s2.add(s3));
      s = L > 8 ? s.add(s.rearrange(FloatLanes.ROTATED_8)) : s;
      s = L > 4 ? s.add(s.rearrange(FloatLanes.ROTATED_4)) : s;
      return s.lane(0) + s.lane(2) + (s.lane(1) + s.lane(3));
    }

    static float dot(float[] a, int aFrom, float[] b, int bFrom, int length) {
      FloatVector s0 = FloatVector.zero(S);
      FloatVector s1 = s0;
      FloatVector s2 = s0;
      FloatVector s3 = s0;
      int j = 0;
      for (int end = length & -FOUR; j < end; j += FOUR) {
        s0 = fromArray(S, a, aFrom + j).fma(fromArray(S, b, bFrom + j), s0);
        s1 = fromArray(S, a, aFrom + j + L).fma(fromArray(S, b, bFrom + j + L), s1);
        s2 = fromArray(S, a, aFrom + j + 2 * L).fma(fromArray(S, b, bFrom + j + 2 * L), s2);
        s3 = fromArray(S, a, aFrom + j + 3 * L).fma(fromArray(S, b, bFrom + j + 3 * L), s3);
      }
      int last = length - L;
      for (; j < last; j += L) {
        s0 = fromArray(S, a, aFrom + j).fma(fromArray(S, b, bFrom + j), s0);
      }
      VectorMask<Float> counted =
          fromArray(S, FloatLanes.NUMBERS, 0).compare(LT, (float) (j - last));
      FloatVector a0 = fromArray(S, a, aFrom + last).blend(0f, counted);
      s1 = a0.fma(fromArray(S, b, bFrom + last).blend(0f, counted), s1);
      FloatVector s = s0.add(s1).add(s2.add(s3));
      s = L > 8 ? s.add(s.rearrange(FloatLanes.ROTATED_8)) : s;
      s = L > 4 ? s.add(s.rearrange(FloatLanes.ROTATED_4)) : s;
      return s.lane(0) + s.lane(2) + (s.lane(1) + s.lane(3));
    }

    static float sumOfSquares(float[] x, int from, int length) {
      FloatVector s0 = FloatVector.zero(S);
      FloatVector s1 = s0;
      FloatVector s2 = s0;
      FloatVector s3 = s0;
      int j = 0;
      for (int end = length & -FOUR; j < end; j += FOUR) {
        FloatVector d0 = fromArray(S, x, from + j);
        s0 = d0.fma(d0, s0);
        FloatVector d1 = fromArray(S, x, from + j + L);
        s1 = d1.fma(d1, s1);
        FloatVector d2 = fromArray(S, x, from + j + 2 * L);
        s2 = d2.fma(d2, s2);
        FloatVector d3 = fromArray(S, x, from + j + 3 * L);
        s3 = d3.fma(d3, s3);
      }
      if (length - j >= 2 * L) {
        FloatVector d2 = fromArray(S, x, from + j);
        s2 = d2.fma(d2, s2);
        FloatVector d3 = fromArray(S, x, from + j + L);
        s3 = d3.fma(d3, s3);
        j += 2 * L;
      }
      int last = length - L;
      for (; j < last; j += L) {
        FloatVector d0 = fromArray(S, x, from + j);
        s0 = d0.fma(d0, s0);
      }
      VectorMask<Float> counted =
          fromArray(S, FloatLanes.NUMBERS, 0).compare(LT, (float) (j - last));
      FloatVector d1 = fromArray(S, x, from + last).blend(0f, counted);
      s1 = d1.fma(d1, s1);
      FloatVector s = s0.add(s1).add(s2.add(s3));
      s = L > 8 ? s.add(s.rearrange(FloatLanes.ROTATED_8)) : s;
      s = L > 4 ? s.add(s.rearrange(FloatLanes.ROTATED_4)) : s;
      return s.lane(0) + s.lane(2) + (s.lane(1) + s.lane(3));
    }

    static float max(float[] x, int from, int length) {
      FloatVector m0 = broadcast(S, Float.NEGATIVE_INFINITY);
      FloatVector m1 = m0;
      FloatVector m2 = m0;
      FloatVector m3 = m0;
      int j = 0;
      for (int end = length & -FOUR; j < end; j += FOUR) {
        m0 = fromArray(S, x, from + j).lanewise(MAX, m0);
        m1 = fromArray(S, x, from + j + L).lanewise(MAX, m1);
        m2 = fromArray(S, x, from + j + 2 * L).lanewise(MAX, m2);
        m3 = fromArray(S, x, from + j + 3 * L).lanewise(MAX, m3);
      }
      int last = length - L;
      for (; j < last; j += L) {
        m0 = fromArray(S, x, from + j).lanewise(MAX, m0);
      }
      FloatVector max = fromArray(S, x, from + last).lanewise(MAX, m0);
      return max.lanewise(MAX, m1).lanewise(MAX, m2).lanewise(MAX, m3).reduceLanes(MAX);
    }

    static int first(float[] x, int from, int length, float max) {
      int last = length - L;
      for (int j = 0; ; j += L) {
        int start = Math.min(j, last);
        FloatVector v = fromArray(S, x, from + start);
        VectorMask<Float> found = Float.isNaN(max) ? v.test(IS_NAN) : v.compare(EQ, max);
        int lane = found.firstTrue();
        if (lane < L) {
          return start + lane;
        }
      }
    }
  }
}
