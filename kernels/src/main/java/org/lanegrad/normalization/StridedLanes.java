package org.lanegrad.normalization;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.VectorOperators.LE;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.Matrix;
import org.lanegrad.simd.Exp;
import org.lanegrad.simd.FloatLanes;
import org.lanegrad.simd.Fma;

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
    int rows = x.rows();
    int i = 0;
    for (; i <= rows - L; i += L) {
      forward(x, y, i, log);
    }
    if (overlaps(i, rows, y.array() == x.array())) {
      forward(x, y, rows - L, log);
      return;
    }
    for (; i < rows; i++) {
      row(x, y, i, log);
    }
  }

  /**
   * Whether the last rows are those of a vector that overlaps the one before: not in place, where
   * it would take results for inputs. Else they come one by one, by the same operations.
   */
  private static boolean overlaps(int i, int rows, boolean inPlace) {
    return i < rows && i > 0 && !inPlace;
  }

  private static void forward(Matrix x, Matrix y, int i, boolean log) {
    float[] a = x.array();
    float[] out = y.array();
    int from = x.index(i, 0);
    int to = y.index(i, 0);
    int step = x.columnStep();
    int yStep = y.columnStep();
    int n = x.columns();
    FloatVector max = broadcast(S, Float.NEGATIVE_INFINITY);
    for (int j = 0; j < n; j++) {
      FloatVector v = fromArray(S, a, from + j * step);
      max = v.blend(max, v.compare(LE, max));
    }
    FloatVector sum = FloatVector.zero(S);
    FloatVector lost = sum;
    for (int j = 0; j < n; ) {
      FloatVector leaf = FloatVector.zero(S);
      for (int end = j + Math.min(LEAF, n - j); j < end; j++) {
        FloatVector z = fromArray(S, a, from + j * step).sub(max);
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
          e.intoArray(out, to + j * yStep);
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
        fromArray(S, out, to + j * yStep).mul(factor).intoArray(out, to + j * yStep);
      }
      return;
    }
    // the logarithms one by one, in the place of the first column, which may be that of X
    FloatVector first = fromArray(S, a, from);
    sum.intoArray(out, to);
    for (int k = to; k < to + L; k++) {
      out[k] = (float) Math.log(out[k]);
    }
    FloatVector logarithm = fromArray(S, out, to);
    first.sub(max).sub(logarithm).intoArray(out, to);
    for (int j = 1; j < n; j++) {
      FloatVector v = fromArray(S, a, from + j * step);
      v.sub(max).sub(logarithm).intoArray(out, to + j * yStep);
    }
  }

  static void backward(Matrix dy, Matrix y, Matrix dx, boolean log) {
    int rows = dy.rows();
    int i = 0;
    for (; i <= rows - L; i += L) {
      backward(dy, y, dx, i, log);
    }
    boolean inPlace = dx.array() == dy.array() || dx.array() == y.array();
    if (overlaps(i, rows, inPlace)) {
      backward(dy, y, dx, rows - L, log);
      return;
    }
    for (; i < rows; i++) {
      if (log) {
        logBackwardRow(dy, y, dx, i);
      } else {
        backwardRow(dy, y, dx, i);
      }
    }
  }

  private static void backward(Matrix dy, Matrix y, Matrix dx, int i, boolean log) {
    if (log) {
      logBackward(dy, y, dx, i);
    } else {
      backward(dy, y, dx, i);
    }
  }

  private static void row(Matrix x, Matrix y, int i, boolean log) {
    int n = x.columns();
    float[] a = x.array();
    float[] out = y.array();
    int from = x.index(i, 0);
    int to = y.index(i, 0);
    int step = x.columnStep();
    int yStep = y.columnStep();
    float max = Float.NEGATIVE_INFINITY;
    for (int j = 0; j < n; j++) {
      float v = a[from + j * step];
      max = v > max ? v : max;
    }
    float sum = 0f;
    float lost = 0f;
    for (int j = 0; j < n; ) {
      float leaf = 0f;
      for (int end = j + Math.min(LEAF, n - j); j < end; j++) {
        float e = Exp.normal(a[from + j * step] - max);
        if (!log) {
          out[to + j * yStep] = e;
        }
        leaf += e;
      }
      float term = leaf - lost;
      float next = sum + term;
      lost = next - sum - term;
      sum = next;
    }
    if (log) {
      float logarithm = (float) Math.log(sum);
      for (int j = 0; j < n; j++) {
        out[to + j * yStep] = a[from + j * step] - max - logarithm;
      }
    } else {
      float factor = 1f / sum;
      for (int j = 0; j < n; j++) {
        out[to + j * yStep] *= factor;
      }
    }
  }

  private static void backwardRow(Matrix dy, Matrix y, Matrix dx, int i) {
    int n = dy.columns();
    float[] d = dy.array();
    float[] p = y.array();
    float[] out = dx.array();
    int up = dy.index(i, 0);
    int saved = y.index(i, 0);
    int to = dx.index(i, 0);
    int upStep = dy.columnStep();
    int savedStep = y.columnStep();
    int toStep = dx.columnStep();
    float dot = 0f;
    float lost = 0f;
    for (int j = 0; j < n; ) {
      float leaf = 0f;
      for (int end = j + Math.min(LEAF, n - j); j < end; j++) {
        leaf = Fma.of(d[up + j * upStep], p[saved + j * savedStep], leaf);
      }
      float term = leaf - lost;
      float next = dot + term;
      lost = next - dot - term;
      dot = next;
    }
    for (int j = 0; j < n; j++) {
      float v = p[saved + j * savedStep];
      out[to + j * toStep] = (d[up + j * upStep] - dot) * v;
    }
  }

  private static void logBackwardRow(Matrix dy, Matrix y, Matrix dx, int i) {
    int n = dy.columns();
    float[] d = dy.array();
    float[] p = y.array();
    float[] out = dx.array();
    int up = dy.index(i, 0);
    int saved = y.index(i, 0);
    int to = dx.index(i, 0);
    int upStep = dy.columnStep();
    int savedStep = y.columnStep();
    int toStep = dx.columnStep();
    float sum = 0f;
    float lost = 0f;
    for (int j = 0; j < n; ) {
      float leaf = 0f;
      for (int end = j + Math.min(LEAF, n - j); j < end; j++) {
        leaf += d[up + j * upStep];
      }
      float term = leaf - lost;
      float next = sum + term;
      lost = next - sum - term;
      sum = next;
    }
    for (int j = 0; j < n; j++) {
      float e = Exp.normal(p[saved + j * savedStep]);
      out[to + j * toStep] = Fma.of(e, -sum, d[up + j * upStep]);
    }
  }

  private static void backward(Matrix dy, Matrix y, Matrix dx, int i) {
    int n = dy.columns();
    float[] d = dy.array();
    float[] p = y.array();
    float[] out = dx.array();
    int up = dy.index(i, 0);
    int saved = y.index(i, 0);
    int to = dx.index(i, 0);
    int upStep = dy.columnStep();
    int savedStep = y.columnStep();
    int toStep = dx.columnStep();
    FloatVector dot = FloatVector.zero(S);
    FloatVector lost = dot;
    for (int j = 0; j < n; ) {
      FloatVector leaf = FloatVector.zero(S);
      for (int end = j + Math.min(LEAF, n - j); j < end; j++) {
        FloatVector v = fromArray(S, p, saved + j * savedStep);
        leaf = fromArray(S, d, up + j * upStep).fma(v, leaf);
      }
      FloatVector term = leaf.sub(lost);
      FloatVector next = dot.add(term);
      lost = next.sub(dot).sub(term);
      dot = next;
    }
    for (int j = 0; j < n; j++) {
      FloatVector v = fromArray(S, p, saved + j * savedStep);
      FloatVector upstream = fromArray(S, d, up + j * upStep);
      upstream.sub(dot).mul(v).intoArray(out, to + j * toStep);
    }
  }

  private static void logBackward(Matrix dy, Matrix y, Matrix dx, int i) {
    int n = dy.columns();
    float[] d = dy.array();
    float[] p = y.array();
    float[] out = dx.array();
    int up = dy.index(i, 0);
    int saved = y.index(i, 0);
    int to = dx.index(i, 0);
    int upStep = dy.columnStep();
    int savedStep = y.columnStep();
    int toStep = dx.columnStep();
    FloatVector sum = FloatVector.zero(S);
    FloatVector lost = sum;
    for (int j = 0; j < n; ) {
      FloatVector leaf = FloatVector.zero(S);
      for (int end = j + Math.min(LEAF, n - j); j < end; j++) {
        leaf = leaf.add(fromArray(S, d, up + j * upStep));
      }
      FloatVector term = leaf.sub(lost);
      FloatVector next = sum.add(term);
      lost = next.sub(sum).sub(term);
      sum = next;
    }
    FloatVector factor = sum.neg();
    for (int j = 0; j < n; j++) {
      FloatVector z = fromArray(S, p, saved + j * savedStep);
      FloatVector t = z.fma(broadcast(S, Exp.LOG2_E), broadcast(S, Exp.ROUND_BIASED));
      FloatVector r = t.sub(Exp.ROUND_BIASED).fma(broadcast(S, -Exp.LN2), z);
      FloatVector q = r.fma(broadcast(S, Exp.Q4), broadcast(S, Exp.Q3));
      q = q.fma(r, broadcast(S, Exp.Q2));
      q = q.fma(r, broadcast(S, Exp.Q1));
      q = q.fma(r, broadcast(S, Exp.Q0));
      q = r.mul(r).fma(q, r);
      FloatVector power = t.reinterpretAsInts().lanewise(LSHL, 23).reinterpretAsFloats();
      FloatVector e = q.fma(power, power).blend(0f, z.compare(LT, Exp.LOWEST_NORMAL));
      FloatVector upstream = fromArray(S, d, up + j * upStep);
      e.fma(factor, upstream).intoArray(out, to + j * toStep);
    }
  }
}
