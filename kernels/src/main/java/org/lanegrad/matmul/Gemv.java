package org.lanegrad.matmul;

import org.lanegrad.Matrix;
import org.lanegrad.check.Check;

/**
 * y = α·A·x + β·y, a matrix times a vector: {@link Gemm} with a result of one row.
 *
 * <p>The order of summation is the product's, so y has the bits that the same row has inside a
 * batch. A transposed A (y = Aᵀ·x of the stored matrix, the weights of a layer kept inputs ×
 * outputs) is streamed at the speed of the memory. An A that is not transposed would be fastest as
 * dot products across lanes, which is another order of summation; it takes about four times as long
 * as a transposed one.
 *
 * <ul>
 *   <li><b>Shapes</b>: A is m × k, x has k elements, y has m.
 *   <li><b>Aliasing, accuracy, special values, errors</b>: those of {@link Gemm}.
 * </ul>
 */
public final class Gemv {
  private Gemv() {}

  /** y = α·A·x + β·y for ranges of arrays. */
  public static void multiply(
      float alpha,
      Matrix a,
      float[] x,
      int xFrom,
      float beta,
      float[] y,
      int yFrom,
      Workspace workspace) {
    Check.notNull("a", a, "a Matrix");
    Check.range("x", x, xFrom, a.columns());
    Check.range("y", y, yFrom, a.rows());
    Matrix row = Matrix.of(x, xFrom, 1, a.columns(), a.columns());
    Matrix result = Matrix.of(y, yFrom, 1, a.rows(), a.rows());
    Gemm.multiply(alpha, row, a.transposed(), beta, result, workspace);
  }
}
