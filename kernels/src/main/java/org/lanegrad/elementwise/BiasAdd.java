package org.lanegrad.elementwise;

import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.Matrix;
import org.lanegrad.check.Check;
import org.lanegrad.simd.FloatLanes;
import org.lanegrad.simd.Simd;

/**
 * Y_ij = X_ij + b_j, b broadcast over the rows; dX = dY, db_j = Σ_i dY_ij: what is broadcast
 * forward is summed backward.
 *
 * <p>Y may be X itself. db's terms are added in the order of the rows, so its bits don't depend on
 * the vector width; its error is within γ(rows)·(|db| + Σ|dy|). <b>Cost</b>: forward 8 bytes an
 * element, backward 4.
 */
public final class BiasAdd {
  private BiasAdd() {}

  /** Y = X + b, row by row. */
  public static void forward(Matrix x, float[] b, Matrix y) {
    Check.notNull("x", x, "a Matrix");
    Check.notNull("y", y, "a Matrix");
    Check.equal("y.rows", y.rows(), "x.rows", x.rows());
    Check.equal("y.columns", y.columns(), "x.columns", x.columns());
    Check.stored("x", x.isTransposed());
    Check.stored("y", y.isTransposed());
    Check.range("b", b, 0, x.columns());
    Check.separate("y", "b", y.overlaps(b, 0, x.columns()));
    boolean same = y.offset() == x.offset() && y.rowStep() == x.rowStep();
    Check.separate("y", "x", !same && y.overlaps(x));
    for (int i = 0; i < x.rows(); i++) {
      add(x.array(), x.index(i, 0), b, y.array(), y.index(i, 0), x.columns());
    }
  }

  /** db from dY. */
  public static void backward(Matrix dy, float[] db) {
    backward(dy, db, false);
  }

  /**
   * The same.
   *
   * @param accumulate whether db is added to what is there instead of overwriting it
   */
  public static void backward(Matrix dy, float[] db, boolean accumulate) {
    Check.notNull("dy", dy, "a Matrix");
    Check.stored("dy", dy.isTransposed());
    Check.range("db", db, 0, dy.columns());
    Check.separate("db", "dy", dy.overlaps(db, 0, dy.columns()));
    if (!accumulate) {
      Fill.forward(0f, db, 0, dy.columns());
    }
    if (Simd.fills(dy.columns())) {
      Lanes.sum(dy, db);
      return;
    }
    for (int i = 0; i < dy.rows(); i++) {
      add(dy.array(), dy.index(i, 0), db, db, 0, dy.columns());
    }
  }

  private static void add(float[] x, int xFrom, float[] b, float[] y, int yFrom, int length) {
    if (Simd.fills(length)) {
      Lanes.add(x, xFrom, b, y, yFrom, length);
      return;
    }
    for (int j = 0; j < length; j++) {
      y[yFrom + j] = x[xFrom + j] + b[j];
    }
  }

  private static final class Lanes {
    private static final VectorSpecies<Float> S = FloatLanes.SPECIES;
    private static final int L = FloatLanes.COUNT;

    static void add(float[] x, int xFrom, float[] b, float[] y, int yFrom, int length) {
      int last = length - L;
      FloatVector lastX = fromArray(S, x, xFrom + last);
      FloatVector lastB = fromArray(S, b, last);
      for (int pass = 0; pass < 2; pass++) {
        int start = pass == 0 ? 0 : last;
        int count = pass == 0 ? last : L;
        for (int k = 0; k < count; k += L) {
          int j = start + k;
          (pass == 0 ? fromArray(S, x, xFrom + j) : lastX)
              .add((pass == 0 ? fromArray(S, b, j) : lastB))
              .intoArray(y, yFrom + j);
        }
      }
    }

    /** The last columns add up in a register: overlapping stores hold up the next row's loads. */
    static void sum(Matrix dy, float[] db) {
      float[] d = dy.array();
      int last = dy.columns() - L;
      FloatVector lastSum = fromArray(S, db, last);
      for (int i = 0; i < dy.rows(); i++) {
        int up = dy.index(i, 0);
        for (int j = 0; j < last; j += L) {
          fromArray(S, db, j).add(fromArray(S, d, up + j)).intoArray(db, j);
        }
        lastSum = lastSum.add(fromArray(S, d, up + last));
      }
      lastSum.intoArray(db, last);
    }
  }
}
