package org.lanegrad.normalization;

import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.Matrix;
import org.lanegrad.reduction.Reductions;
import org.lanegrad.simd.AcrossLanes;
import org.lanegrad.simd.FloatLanes;
import org.lanegrad.simd.FloatPair;

/**
 * {@link NormForward} by lanes, two rows at a time.
 *
 * <p>Loads are what limits it. So mean and variance come from one pass, as the moments of d = x −
 * k: mean = k + mean d, variance = mean d² − (mean d)². The second is exact only if k is near the
 * mean; k is the mean of four vectors out of the row, and where it is further from the mean than √⅛
 * of the root of mean d², the pass is run once more around what it found. And two rows share the
 * loads of γ and β (0.20 → 0.15 ns an element at 1000 columns).
 */
final class NormForwardLanes {
  private static final VectorSpecies<Float> S = FloatLanes.SPECIES;
  private static final int L = FloatLanes.COUNT;

  private NormForwardLanes() {}

  /** All rows. */
  static void run(
      Matrix x,
      float epsilon,
      boolean centred,
      float[] gamma,
      float[] beta,
      Matrix y,
      float[] statistics) {
    float[] v = x.array();
    int rows = x.rows();
    int last = x.columns() - L;
    for (int i = 0; i < rows; i += 2) {
      int k = Math.min(i + 1, rows - 1);
      if (centred) {
        float near0 = near(v, x.index(i, 0), last);
        float near1 = near(v, x.index(k, 0), last);
        rows(x, i, k, near0, near1, epsilon, gamma, beta, y, statistics);
      } else {
        int n = x.columns();
        float square0 = Reductions.sumOfSquares(v, x.index(i, 0), n);
        float square1 = k == i ? square0 : Reductions.sumOfSquares(v, x.index(k, 0), n);
        float s0 = NormForward.scale(square0 / n, epsilon);
        float s1 = NormForward.scale(square1 / n, epsilon);
        normalize(x, i, k, 0f, 0f, s0, s1, gamma, beta, y, statistics);
      }
    }
  }

  /** The mean of four vectors that lie evenly over a row. */
  private static float near(float[] x, int from, int last) {
    int third = last / 3;
    FloatVector ends = fromArray(S, x, from).add(fromArray(S, x, from + last));
    FloatVector inner = fromArray(S, x, from + third).add(fromArray(S, x, from + last - third));
    FloatVector sum = ends.add(inner).mul(1f / (4 * L));
    sum = L > 8 ? sum.add(sum.rearrange(FloatLanes.ROTATED_8)) : sum;
    sum = L > 4 ? sum.add(sum.rearrange(FloatLanes.ROTATED_4)) : sum;
    return sum.lane(0) + sum.lane(2) + (sum.lane(1) + sum.lane(3));
  }

  /** Rows i and k, which are the same where the last row has no partner. */
  private static void rows(
      Matrix x,
      int i,
      int k,
      float near0,
      float near1,
      float epsilon,
      float[] gamma,
      float[] beta,
      Matrix y,
      float[] statistics) {
    float[] v = x.array();
    int from0 = x.index(i, 0);
    int from1 = x.index(k, 0);
    int n = x.columns();
    int whole = S.loopBound(n);
    float shift0 = near0;
    float shift1 = near1;
    long moments0;
    long moments1;
    boolean first = true;
    while (true) {
      double sum0 = 0;
      double sum1 = 0;
      double square0 = 0;
      double square1 = 0;
      for (int j = 0; j < whole; ) {
        int end = j + Math.min(Reductions.LEAF, whole - j);
        FloatVector sums0 = FloatVector.zero(S);
        FloatVector sums1 = sums0;
        FloatVector squares0 = sums0;
        FloatVector squares1 = sums0;
        for (; j < end; j += L) {
          FloatVector d0 = fromArray(S, v, from0 + j).sub(shift0);
          FloatVector d1 = fromArray(S, v, from1 + j).sub(shift1);
          sums0 = sums0.add(d0);
          sums1 = sums1.add(d1);
          squares0 = d0.fma(d0, squares0);
          squares1 = d1.fma(d1, squares1);
        }
        sum0 += AcrossLanes.sum(FloatLanes.VECTOR.cast(sums0));
        sum1 += AcrossLanes.sum(FloatLanes.VECTOR.cast(sums1));
        square0 += AcrossLanes.sum(FloatLanes.VECTOR.cast(squares0));
        square1 += AcrossLanes.sum(FloatLanes.VECTOR.cast(squares1));
      }
      moments0 = moments(v, from0 + whole, from0 + n, n, shift0, sum0, square0);
      moments1 = moments(v, from1 + whole, from1 + n, n, shift1, sum1, square1);
      if (!first || !far(moments0) && !far(moments1)) {
        break;
      }
      shift0 = far(moments0) ? shift0 + FloatPair.first(moments0) : shift0;
      shift1 = far(moments1) ? shift1 + FloatPair.first(moments1) : shift1;
      first = false;
    }
    float mean0 = shift0 + FloatPair.first(moments0);
    float mean1 = shift1 + FloatPair.first(moments1);
    float s0 = scale(moments0, epsilon);
    float s1 = scale(moments1, epsilon);
    normalize(x, i, k, mean0, mean1, s0, s1, gamma, beta, y, statistics);
  }

  /** The means of d and d² over a row, from what its whole vectors add up to and its last ones. */
  private static long moments(
      float[] x, int from, int end, int n, float shift, double sum, double square) {
    double sums = sum;
    double squares = square;
    for (int j = from; j < end; j++) {
      double d = x[j] - shift;
      sums += d;
      squares += d * d;
    }
    return FloatPair.of((float) (sums / n), (float) (squares / n));
  }

  private static boolean far(long moments) {
    float d = FloatPair.first(moments);
    return d * d > FloatPair.second(moments) / 8;
  }

  /** s from the moments of d. */
  private static float scale(long moments, float epsilon) {
    double d = FloatPair.first(moments);
    return NormForward.scale(FloatPair.second(moments) - d * d, epsilon);
  }

  /** Rows i and k, whose statistics are kept if they are wanted. */
  private static void normalize(
      Matrix x,
      int i,
      int k,
      float mean0,
      float mean1,
      float s0,
      float s1,
      float[] gamma,
      float[] beta,
      Matrix y,
      float[] statistics) {
    NormForward.save(statistics, i, x.rows(), mean0, s0);
    NormForward.save(statistics, k, x.rows(), mean1, s1);
    if (i == k) {
      normalize(x, i, mean0, s0, gamma, beta, y);
      return;
    }
    int n = x.columns();
    float[] in = x.array();
    float[] out = y.array();
    int from0 = x.index(i, 0);
    int from1 = x.index(k, 0);
    int to0 = y.index(i, 0);
    int to1 = y.index(k, 0);
    int last = n - L;
    FloatVector last0 = fromArray(S, in, from0 + last);
    FloatVector last1 = fromArray(S, in, from1 + last);
    for (int pass = 0; pass < 2; pass++) {
      int start = pass == 0 ? 0 : last;
      int count = pass == 0 ? last : L;
      for (int q = 0; q < count; q += L) {
        int j = start + q;
        FloatVector v0 = (pass == 0 ? fromArray(S, in, from0 + j) : last0).sub(mean0).mul(s0);
        FloatVector v1 = (pass == 0 ? fromArray(S, in, from1 + j) : last1).sub(mean1).mul(s1);
        if (gamma != null) {
          FloatVector scale = fromArray(S, gamma, j);
          v0 = v0.mul(scale);
          v1 = v1.mul(scale);
        }
        if (beta != null) {
          FloatVector shift = fromArray(S, beta, j);
          v0 = v0.add(shift);
          v1 = v1.add(shift);
        }
        v0.intoArray(out, to0 + j);
        v1.intoArray(out, to1 + j);
      }
    }
  }

  /** Row i alone. */
  private static void normalize(
      Matrix x, int i, float mean, float s, float[] gamma, float[] beta, Matrix y) {
    int n = x.columns();
    float[] in = x.array();
    float[] out = y.array();
    int from = x.index(i, 0);
    int to = y.index(i, 0);
    int last = n - L;
    FloatVector lastX = fromArray(S, in, from + last);
    for (int pass = 0; pass < 2; pass++) {
      int start = pass == 0 ? 0 : last;
      int count = pass == 0 ? last : L;
      for (int q = 0; q < count; q += L) {
        int j = start + q;
        FloatVector v = (pass == 0 ? fromArray(S, in, from + j) : lastX).sub(mean).mul(s);
        if (gamma != null) {
          v = v.mul(fromArray(S, gamma, j));
        }
        if (beta != null) {
          v = v.add(fromArray(S, beta, j));
        }
        v.intoArray(out, to + j);
      }
    }
  }
}
