package org.lanegrad.normalization;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.VectorOperators.LE;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.MAX;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.Matrix;
import org.lanegrad.reduction.Reductions;
import org.lanegrad.simd.Exp;
import org.lanegrad.simd.FloatLanes;
import org.lanegrad.simd.FloatPair;
import org.lanegrad.simd.Fma;
import org.lanegrad.simd.RowExponentials;

/**
 * Softmax and log-softmax forward with three rows under way at a time.
 *
 * <p>A row takes three passes: its maximum, its exponentials and their sum, and the result. The
 * first and the last wait for loads and stores, the second for the multipliers. So one loop does
 * the second pass of a row, the first one of the next row and the last one of the row before (0.33
 * → 0.26 ns an element at 1000 columns). What is left behind the last whole vector is in the upper
 * lanes of one that ends with the row.
 */
final class SoftmaxLanes {
  private static final VectorSpecies<Float> S = FloatLanes.SPECIES;
  private static final int L = FloatLanes.COUNT;

  private SoftmaxLanes() {}

  /** y = e^(x − max) / sum, or with {@code log} y = x − max − log sum; both as (v − a)·b + c. */
  static void forward(Matrix x, Matrix y, boolean log) {
    int rows = x.rows();
    if (rows == 0) {
      return;
    }
    float max = RowExponentials.max(x.array(), x.index(0, 0), x.columns());
    float a = 0f;
    float b = 1f;
    float c = -0f;
    boolean rest = S.loopBound(x.columns()) < x.columns();
    for (int i = 0; i < rows; i++) {
      long maxAndSum = row(x, y, log, i, max, a, b, c);
      float next = FloatPair.first(maxAndSum);
      float sum = FloatPair.second(maxAndSum);
      if (rest) {
        maxAndSum = rest(x, y, log, i, max, a, b, c);
        next = Math.max(next, FloatPair.first(maxAndSum));
        sum += FloatPair.second(maxAndSum);
      }
      a = log ? max : 0f;
      b = log ? 1f : 1f / sum;
      c = log ? -(float) Math.log(sum) : -0f;
      max = next;
    }
    finish(log ? x : y, y, rows - 1, a, b, c);
  }

  /**
   * The whole vectors of row i: its exponentials and their sum, the maximum of the next row, and y
   * = (v − a)·b + c of the row before. For the first row that is the last one, which stays as it is
   * or is written again: a is 0 then, b 1 and c −0.
   */
  private static long row(
      Matrix x, Matrix y, boolean log, int i, float max, float a, float b, float c) {
    int before = i > 0 ? i - 1 : x.rows() - 1;
    float[] in = x.array();
    float[] out = y.array();
    float[] source = log ? in : out;
    int from = x.index(i, 0);
    int to = y.index(i, 0);
    int next = x.index(i + 1 < x.rows() ? i + 1 : 0, 0);
    int saved = log ? x.index(before, 0) : y.index(before, 0);
    int at = y.index(before, 0);
    FloatVector scale = broadcast(S, b);
    FloatVector shift = broadcast(S, c);
    FloatVector round = broadcast(S, Exp.ROUND_BIASED);
    FloatVector zero = FloatVector.zero(S);
    FloatVector largest = broadcast(S, Float.NEGATIVE_INFINITY);
    double total = 0;
    int whole = S.loopBound(x.columns());
    for (int j = 0; j < whole; ) {
      int end = j + Math.min(Reductions.LEAF, whole - j);
      FloatVector sum = zero;
      for (; j < end; j += L) {
        FloatVector v = fromArray(S, in, next + j);
        FloatVector p = fromArray(S, source, saved + j).sub(a).fma(scale, shift);
        FloatVector z = fromArray(S, in, from + j).sub(max);
        largest = v.blend(largest, v.compare(LE, largest));
        FloatVector t = z.fma(broadcast(S, Exp.LOG2_E), round);
        FloatVector r = t.sub(round).fma(broadcast(S, -Exp.LN2), z);
        FloatVector q = r.fma(broadcast(S, Exp.Q4), broadcast(S, Exp.Q3));
        q = q.fma(r, broadcast(S, Exp.Q2));
        q = q.fma(r, broadcast(S, Exp.Q1));
        q = q.fma(r, broadcast(S, Exp.Q0));
        q = r.mul(r).fma(q, r);
        FloatVector power = t.reinterpretAsInts().lanewise(LSHL, 23).reinterpretAsFloats();
        FloatVector e = q.fma(power, power).blend(zero, z.compare(LT, Exp.LOWEST_NORMAL));
        sum = sum.add(e);
        p.intoArray(out, at + j);
        if (!log) {
          e.intoArray(out, to + j);
        }
      }
      sum = FloatLanes.VECTOR.cast(sum);
      sum = L > 8 ? sum.add(sum.rearrange(FloatLanes.ROTATED_8)) : sum;
      sum = L > 4 ? sum.add(sum.rearrange(FloatLanes.ROTATED_4)) : sum;
      total += sum.lane(0) + sum.lane(2) + (sum.lane(1) + sum.lane(3));
    }
    return FloatPair.of(FloatLanes.VECTOR.cast(largest).reduceLanes(MAX), (float) total);
  }

  /**
   * Likewise for what is left behind the whole vectors: the upper lanes of one more, whose lower
   * lanes keep what was stored there.
   */
  private static long rest(
      Matrix x, Matrix y, boolean log, int i, float max, float a, float b, float c) {
    int before = i > 0 ? i - 1 : x.rows() - 1;
    int j = x.columns() - L;
    float[] in = x.array();
    float[] out = y.array();
    int to = y.index(i, j);
    int at = y.index(before, j);
    VectorMask<Float> stored =
        fromArray(S, FloatLanes.NUMBERS, 0).compare(LT, (float) (S.loopBound(x.columns()) - j));
    FloatVector v = fromArray(S, in, x.index(i + 1 < x.rows() ? i + 1 : 0, j));
    FloatVector z = fromArray(S, in, x.index(i, j)).sub(max);
    FloatVector t = z.fma(broadcast(S, Exp.LOG2_E), broadcast(S, Exp.ROUND_BIASED));
    FloatVector r = t.sub(Exp.ROUND_BIASED).fma(broadcast(S, -Exp.LN2), z);
    FloatVector q = r.fma(broadcast(S, Exp.Q4), broadcast(S, Exp.Q3));
    q = q.fma(r, broadcast(S, Exp.Q2));
    q = q.fma(r, broadcast(S, Exp.Q1));
    q = q.fma(r, broadcast(S, Exp.Q0));
    q = r.mul(r).fma(q, r);
    FloatVector power = t.reinterpretAsInts().lanewise(LSHL, 23).reinterpretAsFloats();
    FloatVector e = q.fma(power, power).blend(0f, z.compare(LT, Exp.LOWEST_NORMAL));
    FloatVector kept = fromArray(S, out, at);
    FloatVector p = log ? fromArray(S, in, x.index(before, j)) : kept;
    p.sub(a).fma(broadcast(S, b), broadcast(S, c)).blend(kept, stored).intoArray(out, at);
    if (!log) {
      e.blend(fromArray(S, out, to), stored).intoArray(out, to);
    }
    FloatVector sum = e.blend(0f, stored);
    sum = L > 8 ? sum.add(sum.rearrange(FloatLanes.ROTATED_8)) : sum;
    sum = L > 4 ? sum.add(sum.rearrange(FloatLanes.ROTATED_4)) : sum;
    return FloatPair.of(
        v.reduceLanes(MAX), sum.lane(0) + sum.lane(2) + (sum.lane(1) + sum.lane(3)));
  }

  /** y = (v − a)·b + c over row i. */
  private static void finish(Matrix v, Matrix y, int i, float a, float b, float c) {
    int n = y.columns();
    int from = v.index(i, 0);
    int to = y.index(i, 0);
    FloatVector scale = broadcast(S, b);
    FloatVector shift = broadcast(S, c);
    int j = 0;
    for (int end = S.loopBound(n); j < end; j += L) {
      FloatVector p = fromArray(S, v.array(), from + j).sub(a);
      p.fma(scale, shift).intoArray(y.array(), to + j);
    }
    for (; j < n; j++) {
      y.array()[to + j] = Fma.of(v.array()[from + j] - a, b, c);
    }
  }
}
