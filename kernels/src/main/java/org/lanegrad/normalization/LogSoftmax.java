package org.lanegrad.normalization;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.Matrix;
import org.lanegrad.check.MatrixChecks;
import org.lanegrad.reduction.Reductions;
import org.lanegrad.simd.Exp;
import org.lanegrad.simd.FloatLanes;
import org.lanegrad.simd.Fma;
import org.lanegrad.simd.RowExponentials;
import org.lanegrad.simd.Simd;

/**
 * Y_ij = X_ij − log Σ_k e^X_ik; dX_ij = dY_ij − e^Y_ij·Σ_k dY_ik.
 *
 * <p>Computed as (x − max) − log Σ e^(x − max). To normalize along the columns, give transposed
 * views.
 *
 * <ul>
 *   <li><b>Accuracy</b>: with s the largest |x − max| of the row and a = 70 on 16 lanes (133 on 8,
 *       260 on 4, 2 in the scalar loop; less below 1,024 columns), forward (a + 16 + 3s + 2|y|) ·
 *       2^−24 absolute. Backward (2a + 20 + 3s + 3|y|) · 2^−24 of e^Y·Σ|dY|, and 2^−23 of |dY|.
 *   <li><b>Special values</b>: a row with NaN or +Inf, or of nothing but −Inf, gives NaN; −Inf
 *       beside numbers stays −Inf, with a gradient of dY.
 *   <li><b>Cost</b>: forward 24 flops and 12 bytes an element, backward 22 flops and 16 bytes.
 *   <li><b>Source</b>: the exponential is that of {@code Exp}. A transposed view runs a row in each
 *       lane, at 1.8 times the time for rows of a thousand, and up to 8 times where columns lie 4
 *       KiB apart.
 * </ul>
 */
public final class LogSoftmax {
  private LogSoftmax() {}

  /** Y from X. */
  public static void forward(Matrix x, Matrix y) {
    MatrixChecks.like("y", y, "x", x);
    MatrixChecks.sameOrSeparate("y", y, "x", x);
    if (x.columns() == 0) {
      return; // an empty row may begin beyond the end of its array
    }
    if (Simd.LANES && x.isTransposed()) {
      StridedLanes.forward(x, y, true);
      return;
    }
    if (Simd.LANES && NarrowSoftmax.fits(x.columns())) {
      NarrowSoftmax.forward(x, y, true);
      return;
    }
    if (Simd.LANES && TwoVectorSoftmax.fits(x.columns())) {
      TwoVectorSoftmax.forward(x, y, true);
      return;
    }
    if (Simd.LANES) {
      SoftmaxLanes.forward(x, y, true);
      return;
    }
    for (int i = 0; i < x.rows(); i++) {
      int from = x.index(i, 0);
      int to = y.index(i, 0);
      int n = x.columns();
      if (x.isTransposed()) {
        Strided.logSoftmax(x, from, y, to);
        continue;
      }
      float max = RowExponentials.max(x.array(), from, n);
      float log = (float) Math.log(RowExponentials.sum(x.array(), from, n, max, null, 0));
      for (int j = 0; j < n; j++) {
        y.array()[to + j] = x.array()[from + j] - max - log;
      }
    }
  }

  /** dX from dY and Y. */
  public static void backward(Matrix dy, Matrix y, Matrix dx) {
    MatrixChecks.like("y", y, "dy", dy);
    MatrixChecks.like("dx", dx, "dy", dy);
    MatrixChecks.sameOrSeparate("dx", dx, "dy", dy);
    MatrixChecks.sameOrSeparate("dx", dx, "y", y);
    if (dy.columns() == 0) {
      return;
    }
    if (Simd.LANES && dy.isTransposed()) {
      StridedLanes.backward(dy, y, dx, true);
      return;
    }
    if (Simd.LANES && NarrowSoftmax.fits(dy.columns())) {
      NarrowSoftmax.backward(dy, y, dx, true);
      return;
    }
    if (Simd.LANES && TwoVectorSoftmax.fits(dy.columns())) {
      TwoVectorSoftmax.backward(dy, y, dx, true);
      return;
    }
    for (int i = 0; i < dy.rows(); i++) {
      int up = dy.index(i, 0);
      int saved = y.index(i, 0);
      int to = dx.index(i, 0);
      int n = dy.columns();
      if (dy.isTransposed()) {
        Strided.logSoftmaxBackward(dy, up, y, saved, dx, to);
        continue;
      }
      float sum = Reductions.sum(dy.array(), up, n);
      if (Simd.LANES) {
        Lanes.backward(dy.array(), up, y.array(), saved, sum, dx.array(), to, n);
        continue;
      }
      for (int j = 0; j < n; j++) {
        float p = Exp.normal(y.array()[saved + j]);
        dx.array()[to + j] = Fma.of(p, -sum, dy.array()[up + j]);
      }
    }
  }

  private static final class Lanes {
    private static final VectorSpecies<Float> S = FloatLanes.SPECIES;
    private static final int L = FloatLanes.COUNT;

    static void backward(
        float[] dy, int up, float[] y, int saved, float sum, float[] dx, int to, int length) {
      FloatVector factor = broadcast(S, -sum);
      int last = length - L;
      FloatVector lastY = fromArray(S, y, saved + last);
      FloatVector lastDy = fromArray(S, dy, up + last);
      for (int pass = 0; pass < 2; pass++) {
        int start = pass == 0 ? 0 : last;
        int count = pass == 0 ? last : L;
        for (int k = 0; k < count; k += L) {
          int j = start + k;
          FloatVector z = pass == 0 ? fromArray(S, y, saved + j) : lastY;
          FloatVector t = z.fma(broadcast(S, Exp.LOG2_E), broadcast(S, Exp.ROUND_BIASED));
          FloatVector n = t.sub(Exp.ROUND_BIASED);
          FloatVector r = n.fma(broadcast(S, -Exp.LN2), z);
          FloatVector q = r.fma(broadcast(S, Exp.Q4), broadcast(S, Exp.Q3));
          q = q.fma(r, broadcast(S, Exp.Q2));
          q = q.fma(r, broadcast(S, Exp.Q1));
          q = q.fma(r, broadcast(S, Exp.Q0));
          q = r.mul(r).fma(q, r);
          FloatVector power = t.reinterpretAsInts().lanewise(LSHL, 23).reinterpretAsFloats();
          FloatVector p = q.fma(power, power).blend(0f, z.compare(LT, Exp.LOWEST_NORMAL));
          FloatVector upstream = pass == 0 ? fromArray(S, dy, up + j) : lastDy;
          p.fma(factor, upstream).intoArray(dx, to + j);
        }
      }
    }
  }
}
