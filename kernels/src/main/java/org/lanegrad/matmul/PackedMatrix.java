package org.lanegrad.matmul;

import org.lanegrad.Matrix;
import org.lanegrad.check.Check;
import org.lanegrad.simd.Simd;

/**
 * The right operand of a product, packed once in the order in which the product reads it: the
 * weights of a layer that serves.
 *
 * <p>It holds a copy: a later change of the matrix does not show. It is immutable and may be shared
 * by any number of threads. Products with it save the packing of the matrix or the scattered
 * reading of it, which counts most for small batches.
 *
 * <ul>
 *   <li>{@link #of} keeps all bits: products with it give the same bits as with the matrix itself.
 *   <li>{@link #halved} rounds each element to bfloat16 (8 significant bits, the range of a float)
 *       and needs half the memory. A batch of up to three rows, which is bound by the reading of
 *       the weights, takes about half the time. Sums are in single precision and in the same order,
 *       so the result has the bits of a product with the rounded matrix. The rounding adds 2^−8 ·
 *       |α|·Σ|a||b| to the error bound of {@link Gemm} (for elements of normal size).
 * </ul>
 *
 * <p><b>Storage</b>: panels of one tile's width, each with its rows one after the other; about as
 * large as the matrix, or half as large. Where lanes are off, the matrix row by row in floats.
 */
public final class PackedMatrix {
  private final int rows;
  private final int columns;
  private final boolean halved;
  private final Panels panels;
  private final Matrix rowMajor;

  private PackedMatrix(Matrix matrix, boolean halved) {
    Check.notNull("matrix", matrix, "a Matrix");
    rows = matrix.rows();
    columns = matrix.columns();
    this.halved = halved;
    panels = Simd.LANES ? new Panels(false) : null;
    rowMajor = Simd.LANES ? null : Matrix.zeros(rows, columns);
    if (Simd.LANES) {
      panels.pack(matrix, 0, rows, 0, columns, new Workspace());
      if (halved) {
        panels.halve();
      }
    } else {
      ScalarGemm.copy(matrix, rowMajor.array());
      for (int i = 0; halved && i < rowMajor.array().length; i++) {
        rowMajor.array()[i] = Bfloat16.rounded(rowMajor.array()[i]);
      }
    }
  }

  private PackedMatrix(int rows, int columns, boolean halved, Panels panels, Matrix rowMajor) {
    this.rows = rows;
    this.columns = columns;
    this.halved = halved;
    this.panels = panels;
    this.rowMajor = rowMajor;
  }

  /** Columns of the same elements; {@code from} is a multiple of a tile's width. */
  PackedMatrix columnRange(int from, int count) {
    Panels columnsOnly = panels == null ? null : panels.from(from);
    Matrix range = rowMajor == null ? null : rowMajor.columnRange(from, count);
    return new PackedMatrix(rows, count, halved, columnsOnly, range);
  }

  /**
   * Packs a matrix, transposed or not.
   *
   * @throws NullPointerException if the matrix is null
   * @throws IllegalArgumentException if the panels would exceed what an array can hold
   */
  public static PackedMatrix of(Matrix matrix) {
    return new PackedMatrix(matrix, false);
  }

  /**
   * Packs a matrix, transposed or not, each element rounded to the nearest bfloat16, ties to even.
   * What rounds beyond the largest one, 3.39e38, becomes infinite; NaN stays NaN.
   *
   * @throws NullPointerException if the matrix is null
   * @throws IllegalArgumentException if the panels would exceed what an array can hold
   */
  public static PackedMatrix halved(Matrix matrix) {
    return new PackedMatrix(matrix, true);
  }

  /** The number of rows of the matrix. */
  public int rows() {
    return rows;
  }

  /** The number of columns of the matrix. */
  public int columns() {
    return columns;
  }

  /** Whether its elements were rounded to bfloat16. */
  public boolean isHalved() {
    return halved;
  }

  /** The panels; null where lanes are off. */
  Panels panels() {
    return panels;
  }

  /** The matrix row by row, where lanes are off. */
  Matrix rowMajor() {
    return rowMajor;
  }

  @Override
  public String toString() {
    return rows + " × " + columns + (halved ? " (packed, bfloat16)" : " (packed)");
  }
}
