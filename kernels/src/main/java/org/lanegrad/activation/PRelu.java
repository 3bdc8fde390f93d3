package org.lanegrad.activation;

import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.Matrix;
import org.lanegrad.check.Check;
import org.lanegrad.check.MatrixChecks;
import org.lanegrad.elementwise.Fill;
import org.lanegrad.simd.FloatLanes;
import org.lanegrad.simd.Fma;
import org.lanegrad.simd.Simd;
import org.lanegrad.simd.Stores;

/**
 * Y_ij = X_ij where X_ij &gt; 0, else a_j·X_ij, with a learned slope a_j for each column or one for
 * all; dX_ij = dY_ij or a_j·dY_ij; da_j = Σ_i dY_ij·X_ij over the X_ij ≤ 0.
 *
 * <ul>
 *   <li><b>Shapes</b>: X, Y, dX and dY have one shape, rows as they are stored; slopes has an
 *       element for each column, or one.
 *   <li><b>Aliasing</b>: Y may be X, dX may be dY; otherwise separate.
 *   <li><b>Accuracy</b>: Y and dX are rounded once; da is within γ(rows·columns + 1)·Σ|dy||x|,
 *       added in the order of the rows in each column.
 *   <li><b>Special values</b>: NaN is passed on; at x = 0 the gradient is a_j·dY.
 *   <li><b>Cost</b>: forward 2 flops and 8 bytes an element, backward 4 flops and 12 bytes.
 *   <li><b>Determinism</b>: with a slope for each column da has the same bits on every vector
 *       width; one slope for all is added up in as many parts as there are lanes.
 *   <li><b>Source</b>: K. He et al., Delving Deep into Rectifiers (2015).
 * </ul>
 */
public final class PRelu {
  private PRelu() {}

  /** Y from X. */
  public static void forward(Matrix x, float[] slopes, Matrix y) {
    Check.notNull("x", x, "a Matrix");
    check("y", y, x, slopes);
    MatrixChecks.sameOrSeparate("y", y, "x", x);
    Check.separate("y", "slopes", y.overlaps(slopes, 0, slopes.length));
    int step = slopes.length == 1 ? 0 : 1;
    for (int i = 0; i < x.rows(); i++) {
      int from = x.index(i, 0);
      int to = y.index(i, 0);
      if (Simd.fills(x.columns())) {
        if (step == 0) {
          Lanes.forward(x.array(), from, slopes[0], y.array(), to, x.columns());
        } else {
          Lanes.forward(x.array(), from, slopes, y.array(), to, x.columns());
        }
        continue;
      }
      for (int j = 0; j < x.columns(); j++) {
        float v = x.array()[from + j];
        y.array()[to + j] = v > 0f ? v : slopes[j * step] * v;
      }
    }
  }

  /** dX and the gradient of the slopes from dY and X. */
  public static void backward(Matrix dy, Matrix x, float[] slopes, Matrix dx, float[] dslopes) {
    backward(dy, x, slopes, dx, dslopes, false);
  }

  /**
   * The same; dX is overwritten in any case.
   *
   * @param accumulate whether {@code dslopes} is added to what is there instead of overwriting it
   */
  public static void backward(
      Matrix dy, Matrix x, float[] slopes, Matrix dx, float[] dslopes, boolean accumulate) {
    Check.notNull("dy", dy, "a Matrix");
    check("x", x, dy, slopes);
    check("dx", dx, dy, slopes);
    int count = slopes.length;
    Check.range("dslopes", dslopes, 0, count);
    MatrixChecks.sameOrSeparate("dx", dx, "dy", dy);
    Check.separate("dx", "x", dx.overlaps(x));
    Check.separate("dx", "slopes", dx.overlaps(slopes, 0, count));
    Check.separate("dx", "dslopes", dx.overlaps(dslopes, 0, count));
    Check.separate("dslopes", "dy", dy.overlaps(dslopes, 0, count));
    Check.separate("dslopes", "x", x.overlaps(dslopes, 0, count));
    Check.separate("dslopes", "slopes", dslopes == slopes && count > 0);
    if (!accumulate) {
      Fill.forward(0f, dslopes, 0, count);
    }
    int step = slopes.length == 1 ? 0 : 1;
    if (Simd.fills(x.columns()) && step == 0) {
      dslopes[0] += Lanes.backward(dy, x, slopes[0], dx);
      return;
    }
    if (Simd.fills(x.columns())) {
      Lanes.backward(dy, x, slopes, dx, dslopes);
      return;
    }
    for (int i = 0; i < x.rows(); i++) {
      int from = x.index(i, 0);
      int up = dy.index(i, 0);
      int to = dx.index(i, 0);
      for (int j = 0; j < x.columns(); j++) {
        float v = x.array()[from + j];
        float g = dy.array()[up + j];
        boolean positive = v > 0f;
        dslopes[j * step] = Fma.of(g, positive ? 0f : v, dslopes[j * step]);
        dx.array()[to + j] = positive ? g : slopes[j * step] * g;
      }
    }
  }

  private static void check(String name, Matrix matrix, Matrix like, float[] slopes) {
    Check.notNull(name, matrix, "a Matrix");
    // names are put together only for a message: a step must not allocate
    if (matrix.rows() != like.rows() || matrix.columns() != like.columns()) {
      Check.equal(name + ".rows", matrix.rows(), "the input's rows", like.rows());
      Check.equal(name + ".columns", matrix.columns(), "the input's columns", like.columns());
    }
    Check.stored(name, matrix.isTransposed());
    Check.stored("the input", like.isTransposed());
    Check.notNull("slopes", slopes, "a float[]");
    if (slopes.length != 1) {
      Check.equal("slopes.length", slopes.length, "the columns (or 1)", like.columns());
    }
  }

  private static final class Lanes {
    private static final VectorSpecies<Float> S = FloatLanes.SPECIES;
    private static final int L = FloatLanes.COUNT;

    static void forward(float[] x, int xFrom, float[] slopes, float[] y, int yFrom, int length) {
      int last = length - L;
      FloatVector lastX = fromArray(S, x, xFrom + last);
      for (int pass = 0; pass < 2; pass++) {
        int start = pass == 0 ? 0 : last;
        int count = pass == 0 ? last : L;
        for (int k = 0; k < count; k += L) {
          int j = start + k;
          FloatVector v = pass == 0 ? fromArray(S, x, xFrom + j) : lastX;
          FloatVector leaking = v.mul(fromArray(S, slopes, j));
          leaking.blend(v, v.compare(GT, 0f)).intoArray(y, yFrom + j);
        }
      }
    }

    /** A loop of its own: with a choice in the loop, one order of warm-up in twelve was slow. */
    static void forward(float[] x, int xFrom, float slope, float[] y, int yFrom, int length) {
      int last = length - L;
      FloatVector lastX = fromArray(S, x, xFrom + last);
      for (int pass = 0; pass < 2; pass++) {
        int start = pass == 0 ? 0 : last;
        int count = pass == 0 ? last : L;
        for (int k = 0; k < count; k += L) {
          int j = start + k;
          FloatVector v = pass == 0 ? fromArray(S, x, xFrom + j) : lastX;
          v.mul(slope).blend(v, v.compare(GT, 0f)).intoArray(y, yFrom + j);
        }
      }
    }

    /**
     * With a slope for each column. The last columns add up in a register: stores that overlap hold
     * up the loads of the next row, 79 ns a row on Intel.
     */
    static void backward(Matrix dy, Matrix x, float[] slopes, Matrix dx, float[] dslopes) {
      int n = x.columns();
      int last = n - L;
      boolean isApart = dx.array() != dy.array(); // in place its own loads fetch the lines
      FloatVector lastSum = fromArray(S, dslopes, last);
      for (int row = 0; row < x.rows(); row++) {
        int from = x.index(row, 0);
        int up = dy.index(row, 0);
        int to = dx.index(row, 0);
        if (isApart) {
          Stores.fetch(dx.array(), to, n);
        }
        FloatVector lastDy = fromArray(S, dy.array(), up + last);
        FloatVector lastX = fromArray(S, x.array(), from + last);
        for (int pass = 0; pass < 2; pass++) {
          int start = pass == 0 ? 0 : last;
          int count = pass == 0 ? last : L;
          for (int k = 0; k < count; k += L) {
            int j = start + k;
            FloatVector v = pass == 0 ? fromArray(S, x.array(), from + j) : lastX;
            FloatVector g = pass == 0 ? fromArray(S, dy.array(), up + j) : lastDy;
            VectorMask<Float> positive = v.compare(GT, 0f);
            g.mul(fromArray(S, slopes, j)).blend(g, positive).intoArray(dx.array(), to + j);
            FloatVector sum = pass == 0 ? fromArray(S, dslopes, j) : lastSum;
            sum = g.fma(v.blend(0f, positive), sum);
            if (pass == 0) {
              sum.intoArray(dslopes, j);
            } else {
              lastSum = sum;
            }
          }
        }
      }
      lastSum.intoArray(dslopes, last);
    }

    /** With one slope for all columns; returns the sum for its gradient. */
    static float backward(Matrix dy, Matrix x, float slope, Matrix dx) {
      FloatVector sum = FloatVector.zero(S);
      int n = x.columns();
      int last = n - L;
      VectorMask<Float> counted =
          fromArray(S, FloatLanes.NUMBERS, 0).compare(LT, (float) (-n & L - 1));
      for (int row = 0; row < x.rows(); row++) {
        int from = x.index(row, 0);
        int up = dy.index(row, 0);
        int to = dx.index(row, 0);
        FloatVector lastDy = fromArray(S, dy.array(), up + last);
        for (int pass = 0; pass < 2; pass++) {
          int start = pass == 0 ? 0 : last;
          int count = pass == 0 ? last : L;
          for (int k = 0; k < count; k += L) {
            int j = start + k;
            FloatVector v = fromArray(S, x.array(), from + j);
            FloatVector g = pass == 0 ? fromArray(S, dy.array(), up + j) : lastDy;
            VectorMask<Float> positive = v.compare(GT, 0f);
            g.mul(slope).blend(g, positive).intoArray(dx.array(), to + j);
            FloatVector negative = v.blend(0f, positive);
            FloatVector term = pass == 0 ? g : g.blend(0f, counted);
            sum = term.fma(pass == 0 ? negative : negative.blend(0f, counted), sum);
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
