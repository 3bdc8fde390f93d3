package org.lanegrad.matmul;

import org.lanegrad.Matrix;

/**
 * C = start + A·B for a transposed B and few rows of A, by way of Cᵀ = Bᵀ·Aᵀ.
 *
 * <p>Bᵀ is row-major as it stands, so the large operand is read in place and only the small ones,
 * Aᵀ and Cᵀ, are transposed. This is dX = dZ·Wᵀ of a layer whose weights are larger than the batch:
 * packing 1024 × 1024 weights takes as long as a third of the product of 64 rows with them. Each
 * element is still the same sum in the same order.
 */
final class TransposedGemm {
  /** From here on packing B is cheap beside the product. */
  private static final int FEW_ROWS = 384;

  private TransposedGemm() {}

  /** Whether this path is the faster one; α would have to multiply the other operand. */
  static boolean suits(float alpha, Matrix b, Matrix c) {
    return b.isTransposed() && alpha == 1f && c.rows() <= FEW_ROWS && 2 * c.rows() <= c.columns();
  }

  /** The arguments are those of {@link TiledGemm#run}. */
  static void run(
      Matrix a,
      Matrix b,
      float[] start,
      int startOffset,
      int startRow,
      Matrix c,
      Workspace workspace) {
    int m = c.rows();
    int n = c.columns();
    Matrix transposed = workspace.output(n, m);
    float[] result = transposed.array();
    for (int j = 0; j < n && start != null; j++) {
      for (int i = 0; i < m; i++) {
        result[j * m + i] = start[startOffset + i * startRow + j];
      }
    }
    float[] from = start == null ? null : result;
    TiledGemm.run(
        1f, b.transposed(), a.transposed(), null, from, 0, m, transposed, null, workspace);
    Packing.block(
        transposed.transposed(), 0, 0, m, n, 1f, c.array(), c.offset(), c.rowStep(), workspace);
  }
}
