package org.lanegrad.normalization;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.Matrix;
import org.lanegrad.check.Check;
import org.lanegrad.check.MatrixChecks;
import org.lanegrad.reduction.Reductions;
import org.lanegrad.simd.FloatLanes;
import org.lanegrad.simd.RowExponentials;
import org.lanegrad.simd.Simd;

/**
 * Y_ij = e^X_ij / Σ_k e^X_ik; dX_ij = Y_ij·(dY_ij − Σ_k dY_ik·Y_ik).
 *
 * <p>The row's maximum is subtracted first, so logits of any size neither overflow nor divide zero
 * by zero. To normalize along the columns, give transposed views.
 *
 * <ul>
 *   <li><b>Accuracy</b>: with s the largest |x − max| of the row and a = 70 on 16 lanes (133 on 8,
 *       260 on 4, 2 in the scalar loop; less below 1,024 columns), forward (a + 8 + 2s) · 2^−24
 *       relative; a row sums to 1 within 4 ULP up to 100,000 columns. Backward twice that of
 *       Y·(|dY| + Σ|dY|·Y).
 *   <li><b>Special values</b>: a row with NaN or +Inf, or of nothing but −Inf, gives NaN ({@link
 *       #forwardMasked} zeros for the latter); −Inf beside numbers gives 0.
 *   <li><b>Cost</b>: forward 24 flops and 12 bytes an element, backward 4 flops and 16 bytes.
 *   <li><b>Source</b>: the exponential is that of {@code Exp}. A transposed view runs a row in each
 *       lane, at 1.8 times the time for rows of a thousand, and up to 8 times where columns lie 4
 *       KiB apart.
 * </ul>
 */
public final class Softmax {
  private Softmax() {}

  /** Y from X. */
  public static void forward(Matrix x, Matrix y) {
    MatrixChecks.like("y", y, "x", x);
    MatrixChecks.sameOrSeparate("y", y, "x", x);
    if (x.columns() == 0) {
      return; // an empty row may begin beyond the end of its array
    }
    if (Simd.LANES && x.isTransposed()) {
      StridedLanes.forward(x, y, false);
      return;
    }
    if (Simd.LANES && NarrowSoftmax.fits(x.columns())) {
      NarrowSoftmax.forward(x, y, false);
      return;
    }
    if (Simd.LANES && TwoVectorSoftmax.fits(x.columns())) {
      TwoVectorSoftmax.forward(x, y, false);
      return;
    }
    if (Simd.LANES) {
      SoftmaxLanes.forward(x, y, false);
      return;
    }
    for (int i = 0; i < x.rows(); i++) {
      int from = x.index(i, 0);
      int to = y.index(i, 0);
      int n = x.columns();
      if (x.isTransposed()) {
        Strided.softmax(x, from, y, to);
        continue;
      }
      float max = RowExponentials.max(x.array(), from, n);
      float factor = 1f / RowExponentials.sum(x.array(), from, n, max, y.array(), to);
      for (int j = to; j < to + n; j++) {
        y.array()[j] *= factor;
      }
    }
  }

  /**
   * Y from X, and zeros instead of NaN for a row that is masked whole, which is nothing but −Inf: a
   * query of attention that may see no key. {@link #backward} then gives it a gradient of 0.
   *
   * <p>Y must be separate from X. It costs a look at each row, and a second one at rows that became
   * NaN.
   */
  public static void forwardMasked(Matrix x, Matrix y) {
    MatrixChecks.like("y", y, "x", x);
    Check.separate("y", "x", y.overlaps(x));
    forward(x, y);
    for (int i = 0; i < x.rows() && x.columns() > 0; i++) {
      if (Float.isNaN(y.array()[y.index(i, 0)]) && isMasked(x, i)) {
        for (int j = 0; j < y.columns(); j++) {
          y.array()[y.index(i, j)] = 0f;
        }
      }
    }
  }

  private static boolean isMasked(Matrix x, int row) {
    int j = 0;
    while (j < x.columns() && x.array()[x.index(row, j)] == Float.NEGATIVE_INFINITY) {
      j++;
    }
    return j == x.columns();
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
      StridedLanes.backward(dy, y, dx, false);
      return;
    }
    if (Simd.LANES && NarrowSoftmax.fits(dy.columns())) {
      NarrowSoftmax.backward(dy, y, dx, false);
      return;
    }
    if (Simd.LANES && TwoVectorSoftmax.fits(dy.columns())) {
      TwoVectorSoftmax.backward(dy, y, dx, false);
      return;
    }
    for (int i = 0; i < dy.rows(); i++) {
      int up = dy.index(i, 0);
      int saved = y.index(i, 0);
      int to = dx.index(i, 0);
      int n = dy.columns();
      if (dy.isTransposed()) {
        Strided.softmaxBackward(dy, up, y, saved, dx, to);
        continue;
      }
      float dot = Reductions.dot(dy.array(), up, y.array(), saved, n);
      if (Simd.LANES) {
        Lanes.backward(dy.array(), up, y.array(), saved, dot, dx.array(), to, n);
        continue;
      }
      for (int j = 0; j < n; j++) {
        dx.array()[to + j] = y.array()[saved + j] * (dy.array()[up + j] - dot);
      }
    }
  }

  private static final class Lanes {
    private static final VectorSpecies<Float> S = FloatLanes.SPECIES;
    private static final int L = FloatLanes.COUNT;

    static void backward(
        float[] dy, int up, float[] y, int saved, float dot, float[] dx, int to, int length) {
      FloatVector d = broadcast(S, dot);
      int last = length - L;
      FloatVector lastY = fromArray(S, y, saved + last);
      FloatVector lastDy = fromArray(S, dy, up + last);
      for (int pass = 0; pass < 2; pass++) {
        int start = pass == 0 ? 0 : last;
        int count = pass == 0 ? last : L;
        for (int k = 0; k < count; k += L) {
          int j = start + k;
          FloatVector v = pass == 0 ? fromArray(S, y, saved + j) : lastY;
          (pass == 0 ? fromArray(S, dy, up + j) : lastDy).sub(d).mul(v).intoArray(dx, to + j);
        }
      }
    }
  }
}
