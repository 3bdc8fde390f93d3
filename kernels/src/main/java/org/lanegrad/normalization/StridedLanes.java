package org.lanegrad.normalization;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.Matrix;
import org.lanegrad.simd.Exp;
import org.lanegrad.simd.FloatLanes;

/**
 * Softmax and log-softmax of transposed views, a row in each lane: neighbouring rows lie side by
 * side in memory there.
 *
 * <p>A row's sum is added up in leaves of {@link #LEAF} elements, and these with what each addition
 * lost (W. Kahan, Further Remarks on Reducing Truncation Errors, 1965).
 */
final class StridedLanes {
  private static final VectorSpecies<Float> S = FloatLanes.SPECIES;
  private static final int L = FloatLanes.COUNT;
  private static final int LEAF = 32;

  private StridedLanes() {}

  static void forward(Matrix x, Matrix y, boolean log) {
    int rows = x.columns() == 0 ? 0 : x.rows();
    for (int i = 0; i < rows; i += Math.min(L, rows - i)) {
      forward(x, y, i, log);
    }
  }

  private static void forward(Matrix x, Matrix y, int i, boolean log) {
    VectorMask<Float> mask = S.indexInRange(0, Math.min(L, x.rows() - i));
    float[] a = x.array();
    float[] out = y.array();
    int from = x.index(i, 0);
    int to = y.index(i, 0);
    int step = x.columnStep();
    int yStep = y.columnStep();
    int n = x.columns();
    FloatVector max = broadcast(S, Float.NEGATIVE_INFINITY);
    for (int j = 0; j < n; j++) {
      FloatVector v = fromArray(S, a, from + j * step, mask);
      max = max.blend(v, v.compare(GT, max));
    }
    FloatVector sum = FloatVector.zero(S);
    FloatVector lost = sum;
    for (int j = 0; j < n; ) {
      FloatVector leaf = FloatVector.zero(S);
      for (int end = j + Math.min(LEAF, n - j); j < end; j++) {
        FloatVector z = fromArray(S, a, from + j * step, mask).sub(max);
        FloatVector t = z.fma(broadcast(S, Exp.LOG2_E), broadcast(S, Exp.ROUND_BIASED));
        FloatVector r = t.sub(Exp.ROUND_BIASED).fma(broadcast(S, -Exp.LN2), z);
        FloatVector q = r.fma(broadcast(S, Exp.Q4), broadcast(S, Exp.Q3));
        q = q.fma(r, broadcast(S, Exp.Q2));
        q = q.fma(r, broadcast(S, Exp.Q1));
        q = q.fma(r, broadcast(S, Exp.Q0));
        q = r.mul(r).fma(q, r);
        FloatVector power = t.reinterpretAsInts().lanewise(LSHL, 23).reinterpretAsFloats();
        FloatVector e = q.fma(power, power).blend(0f, z.compare(LT, Exp.LOWEST_NORMAL));
        if (!log) {
          e.intoArray(out, to + j * yStep, mask);
        }
        leaf = leaf.add(e);
      }
      FloatVector term = leaf.sub(lost);
      FloatVector next = sum.add(term);
      lost = next.sub(sum).sub(term);
      sum = next;
    }
    if (!log) {
      FloatVector factor = broadcast(S, 1f).div(sum);
      for (int j = 0; j < n; j++) {
        fromArray(S, out, to + j * yStep, mask).mul(factor).intoArray(out, to + j * yStep, mask);
      }
      return;
    }
    // the logarithms one by one, in the place of the first column, which may be that of X
    FloatVector first = fromArray(S, a, from, mask);
    sum.intoArray(out, to, mask);
    for (int k = to; k < to + mask.trueCount(); k++) {
      out[k] = (float) Math.log(out[k]);
    }
    FloatVector logarithm = fromArray(S, out, to, mask);
    first.sub(max).sub(logarithm).intoArray(out, to, mask);
    for (int j = 1; j < n; j++) {
      FloatVector v = fromArray(S, a, from + j * step, mask);
      v.sub(max).sub(logarithm).intoArray(out, to + j * yStep, mask);
    }
  }

  static void backward(Matrix dy, Matrix y, Matrix dx, boolean log) {
    for (int i = 0; i < dy.rows(); i += Math.min(L, dy.rows() - i)) {
      VectorMask<Float> mask = S.indexInRange(0, Math.min(L, dy.rows() - i));
      if (log) {
        logBackward(dy, y, dx, i, mask.trueCount());
      } else {
        backward(dy, y, dx, i, mask.trueCount());
      }
    }
  }

  private static void backward(Matrix dy, Matrix y, Matrix dx, int i, int rows) {
    VectorMask<Float> mask = S.indexInRange(0, rows);
    float[] d = dy.array();
    float[] p = y.array();
    int up = dy.index(i, 0);
    int saved = y.index(i, 0);
    int n = dy.columns();
    FloatVector dot = FloatVector.zero(S);
    FloatVector lost = dot;
    for (int j = 0; j < n; ) {
      FloatVector leaf = FloatVector.zero(S);
      for (int end = j + Math.min(LEAF, n - j); j < end; j++) {
        FloatVector v = fromArray(S, p, saved + j * y.columnStep(), mask);
        leaf = fromArray(S, d, up + j * dy.columnStep(), mask).fma(v, leaf);
      }
      FloatVector term = leaf.sub(lost);
      FloatVector next = dot.add(term);
      lost = next.sub(dot).sub(term);
      dot = next;
    }
    for (int j = 0; j < n; j++) {
      FloatVector v = fromArray(S, p, saved + j * y.columnStep(), mask);
      FloatVector upstream = fromArray(S, d, up + j * dy.columnStep(), mask);
      upstream.sub(dot).mul(v).intoArray(dx.array(), dx.index(i, j), mask);
    }
  }

  private static void logBackward(Matrix dy, Matrix y, Matrix dx, int i, int rows) {
    VectorMask<Float> mask = S.indexInRange(0, rows);
    float[] d = dy.array();
    int up = dy.index(i, 0);
    int saved = y.index(i, 0);
    int n = dy.columns();
    FloatVector sum = FloatVector.zero(S);
    FloatVector lost = sum;
    for (int j = 0; j < n; ) {
      FloatVector leaf = FloatVector.zero(S);
      for (int end = j + Math.min(LEAF, n - j); j < end; j++) {
        leaf = leaf.add(fromArray(S, d, up + j * dy.columnStep(), mask));
      }
      FloatVector term = leaf.sub(lost);
      FloatVector next = sum.add(term);
      lost = next.sub(sum).sub(term);
      sum = next;
    }
    FloatVector factor = sum.neg();
    for (int j = 0; j < n; j++) {
      FloatVector z = fromArray(S, y.array(), saved + j * y.columnStep(), mask);
      FloatVector t = z.fma(broadcast(S, Exp.LOG2_E), broadcast(S, Exp.ROUND_BIASED));
      FloatVector r = t.sub(Exp.ROUND_BIASED).fma(broadcast(S, -Exp.LN2), z);
      FloatVector q = r.fma(broadcast(S, Exp.Q4), broadcast(S, Exp.Q3));
      q = q.fma(r, broadcast(S, Exp.Q2));
      q = q.fma(r, broadcast(S, Exp.Q1));
      q = q.fma(r, broadcast(S, Exp.Q0));
      q = r.mul(r).fma(q, r);
      FloatVector power = t.reinterpretAsInts().lanewise(LSHL, 23).reinterpretAsFloats();
      FloatVector e = q.fma(power, power).blend(0f, z.compare(LT, Exp.LOWEST_NORMAL));
      FloatVector upstream = fromArray(S, d, up + j * dy.columnStep(), mask);
      e.fma(factor, upstream).intoArray(dx.array(), dx.index(i, j), mask);
    }
  }
}
