package org.lanegrad.matmul;

import org.lanegrad.Epilogue;
import org.lanegrad.Matrix;
import org.lanegrad.check.Check;
import org.lanegrad.simd.Simd;

/**
 * C = α·A·B + β·C, single precision.
 *
 * <p>The operands are {@link Matrix} views, so {@code multiply(1, x.transposed(), dz, 0, dw, …)} is
 * how one says Xᵀ·dZ: the four transposition cases are one method. The downstream gradients of C =
 * A·B are two more calls of it, dA = dC·Bᵀ and dB = Aᵀ·dC.
 *
 * <ul>
 *   <li><b>Shapes</b>: A is m × k, B is k × n, C is m × n; any of them may be 0. k = 0 leaves β·C.
 *   <li><b>Aliasing</b>: C must not share an element with A or B.
 *   <li><b>Accuracy</b>: each element is within γ(k + 2) · (|α|·Σ|a||b| + |β·c|) of the exact
 *       value, γ(n) = n·u / (1 − n·u), u = 2^−24, unless something underflows or overflows.
 *   <li><b>Special values</b>: as the formula says; no factor is skipped for being zero, so 0 · NaN
 *       is NaN. With β = 0, C is never read: a NaN in it does not matter. α = 0 is no exception
 *       either.
 *   <li><b>Cost</b>: 2·m·n·k flops. A and B are packed into the workspace where that pays; a steady
 *       state allocates nothing.
 *   <li><b>Determinism</b>: an element is the sum β·c + Σ (α·a)·b, added in the order of k with one
 *       fused multiply-add each, on every path and width (Σ a·(α·b) where C is a transposed view).
 *       So its bits depend neither on the other rows and columns nor on how A and B are stored.
 *   <li><b>Source</b>: K. Goto, R. van de Geijn, Anatomy of High-Performance Matrix Multiplication
 *       (2008); N. Higham, Accuracy and Stability of Numerical Algorithms, ch. 3, for the bound.
 * </ul>
 */
public final class Gemm {
  private Gemm() {}

  /** As the method below, with a workspace of its own: for a product now and then. */
  public static void multiply(float alpha, Matrix a, Matrix b, float beta, Matrix c) {
    multiply(alpha, a, b, beta, c, new Workspace());
  }

  /**
   * C = α·A·B + β·C.
   *
   * @throws NullPointerException if an argument is null
   * @throws IllegalArgumentException if the shapes do not fit or C overlaps A or B; C is then
   *     untouched
   */
  public static void multiply(
      float alpha, Matrix a, Matrix b, float beta, Matrix c, Workspace workspace) {
    check(a, b, c, workspace);
    if (c.isTransposed()) {
      start(alpha, b.transposed(), a.transposed(), beta, c.transposed(), workspace);
    } else {
      start(alpha, a, b, beta, c, workspace);
    }
  }

  /**
   * C = α·A·B + β·C with a B that was packed once; the same bits as with the matrix itself.
   *
   * <p>C must not be a transposed view.
   */
  public static void multiply(
      float alpha, Matrix a, PackedMatrix b, float beta, Matrix c, Workspace workspace) {
    checkPacked(a, b, c, workspace);
    scale(beta, c);
    float[] start = beta == 0f ? null : c.array();
    packed(alpha, a, b, start, c.offset(), c.rowStep(), c, null, workspace);
  }

  /**
   * C = bias + A·B, then {@code epilogue} block by block: the sums start from the bias, element by
   * element of the columns, and the epilogue finds them in the cache. This is a dense layer's
   * product.
   *
   * @param bias as many elements as B has columns, from {@code biasFrom} on; not part of C
   * @param epilogue may change C; null for none
   */
  public static void multiplyOntoBias(
      Matrix a,
      Matrix b,
      float[] bias,
      int biasFrom,
      Matrix c,
      Epilogue epilogue,
      Workspace workspace) {
    check(a, b, c, workspace);
    checkBias(bias, biasFrom, c);
    run(1f, a, b, bias, biasFrom, 0, c, epilogue, workspace);
  }

  /** The same with a B that was packed once. */
  public static void multiplyOntoBias(
      Matrix a,
      PackedMatrix b,
      float[] bias,
      int biasFrom,
      Matrix c,
      Epilogue epilogue,
      Workspace workspace) {
    checkPacked(a, b, c, workspace);
    checkBias(bias, biasFrom, c);
    packed(1f, a, b, bias, biasFrom, 0, c, epilogue, workspace);
  }

  static void check(Matrix a, Matrix b, Matrix c, Workspace workspace) {
    Check.notNull("b", b, "a Matrix");
    check(a, b.rows(), b.columns(), c, workspace);
    Check.separate("c", "b", c.overlaps(b));
  }

  static void checkPacked(Matrix a, PackedMatrix b, Matrix c, Workspace workspace) {
    Check.notNull("b", b, "a PackedMatrix");
    check(a, b.rows(), b.columns(), c, workspace);
    Check.stored("c", c.isTransposed());
  }

  private static void check(Matrix a, int bRows, int bColumns, Matrix c, Workspace workspace) {
    Check.notNull("a", a, "a Matrix");
    Check.notNull("c", c, "a Matrix");
    Check.notNull("workspace", workspace, "a Workspace");
    Check.equal("b.rows", bRows, "a.columns", a.columns());
    Check.equal("c.rows", c.rows(), "a.rows", a.rows());
    Check.equal("c.columns", c.columns(), "b.columns", bColumns);
    Check.separate("c", "a", c.overlaps(a));
  }

  static void checkBias(float[] bias, int biasFrom, Matrix c) {
    Check.range("bias", bias, biasFrom, c.columns());
    Check.separate("c", "bias", c.overlaps(bias, biasFrom, c.columns()));
    Check.stored("c", c.isTransposed());
  }

  /** Makes β·C what the sums start from: nothing for 0, C itself otherwise. */
  private static void start(
      float alpha, Matrix a, Matrix b, float beta, Matrix c, Workspace workspace) {
    scale(beta, c);
    float[] start = beta == 0f ? null : c.array();
    run(alpha, a, b, start, c.offset(), c.rowStep(), c, null, workspace);
  }

  private static void scale(float beta, Matrix c) {
    if (beta == 0f || beta == 1f) {
      return;
    }
    for (int i = 0; i < c.rows(); i++) {
      int row = c.index(i, 0);
      for (int j = row; j < row + c.columns(); j++) {
        c.array()[j] *= beta;
      }
    }
  }

  private static void packed(
      float alpha,
      Matrix a,
      PackedMatrix b,
      float[] start,
      int startOffset,
      int startRow,
      Matrix c,
      Epilogue epilogue,
      Workspace workspace) {
    if (!Simd.LANES) {
      run(alpha, a, b.rowMajor(), start, startOffset, startRow, c, epilogue, workspace);
    } else if ((long) c.rows() * c.columns() > 0) {
      TiledGemm.run(
          alpha, a, null, b.panels(), start, startOffset, startRow, c, epilogue, workspace);
    }
  }

  private static void run(
      float alpha,
      Matrix a,
      Matrix b,
      float[] start,
      int startOffset,
      int startRow,
      Matrix c,
      Epilogue epilogue,
      Workspace workspace) {
    if (c.rows() == 0 || c.columns() == 0) {
      return;
    }
    if (Simd.LANES && !StreamedGemm.suits(b, c, a.columns())) {
      if (TransposedGemm.suits(alpha, b, c)) {
        TransposedGemm.run(a, b, start, startOffset, startRow, c, workspace);
      } else {
        TiledGemm.run(alpha, a, b, null, start, startOffset, startRow, c, epilogue, workspace);
        return;
      }
    } else if (Simd.LANES) {
      StreamedGemm.run(alpha, a, b, start, startOffset, startRow, c, workspace);
    } else {
      ScalarGemm.run(alpha, a, b, start, startOffset, startRow, c, workspace);
    }
    if (epilogue != null) {
      epilogue.apply(c, 0, 0, c.rows(), c.columns());
    }
  }
}
