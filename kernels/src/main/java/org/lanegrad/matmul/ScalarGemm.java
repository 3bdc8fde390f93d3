package org.lanegrad.matmul;

import org.lanegrad.Matrix;
import org.lanegrad.simd.Fma;

/** C = start + α·A·B as the formula is written, for a JVM without lanes; the same sums in order. */
final class ScalarGemm {
  private ScalarGemm() {}

  /** The arguments are those of {@link TiledGemm#run}. */
  static void run(
      float alpha,
      Matrix a,
      Matrix stored,
      float[] start,
      int startOffset,
      int startRow,
      Matrix c,
      Workspace workspace) {
    Matrix b = stored.isTransposed() ? rowMajor(stored, workspace) : stored;
    int n = c.columns();
    for (int i = 0; i < c.rows(); i++) {
      int row = c.index(i, 0);
      for (int j = 0; j < n; j++) {
        c.array()[row + j] = start == null ? 0f : start[startOffset + i * startRow + j];
      }
      for (int p = 0; p < a.columns(); p++) {
        addRow(alpha * a.array()[a.index(i, p)], b, p, c.array(), row, n);
      }
    }
  }

  private static void addRow(float x, Matrix b, int p, float[] c, int row, int n) {
    float[] array = b.array();
    int from = b.index(p, 0);
    for (int j = 0; j < n; j++) {
      c[row + j] = Fma.of(x, array[from + j], c[row + j]);
    }
  }

  /** A copy whose rows lie together: read across, each element would cost a cache line. */
  private static Matrix rowMajor(Matrix b, Workspace workspace) {
    Matrix copy = workspace.output(b.rows(), b.columns());
    copy(b, copy.array());
    return copy;
  }

  /** The elements of a matrix row by row. */
  static void copy(Matrix b, float[] to) {
    for (int j = 0; j < b.columns(); j++) {
      for (int p = 0; p < b.rows(); p++) {
        to[p * b.columns() + j] = b.array()[b.index(p, j)];
      }
    }
  }
}
