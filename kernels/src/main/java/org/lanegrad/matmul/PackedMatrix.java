package org.lanegrad.matmul;

import org.lanegrad.Matrix;
import org.lanegrad.check.Check;
import org.lanegrad.simd.Simd;

/**
 * The right operand of a product, packed once in the order in which the product reads it: the
 * weights of a layer that serves.
 *
 * <p>It holds a copy: a later change of the matrix does not show. It is immutable and may be shared
 * by any number of threads. Products with it give the same bits as with the matrix itself, and save
 * its packing or the scattered reading of it, which counts most for small batches.
 *
 * <p><b>Storage</b>: panels of one tile's width, each with its rows one after the other; about as
 * large as the matrix. Where lanes are off, the matrix row by row.
 */
public final class PackedMatrix {
  private float[] panels = new float[0];
  private Matrix rowMajor;
  private int rows;
  private int columns;
  private int firstRow;
  private int firstColumn;

  PackedMatrix() {}

  /**
   * Packs a matrix, transposed or not.
   *
   * @throws NullPointerException if the matrix is null
   * @throws IllegalArgumentException if the panels would exceed what an array can hold
   */
  public static PackedMatrix of(Matrix matrix) {
    Check.notNull("matrix", matrix, "a Matrix");
    PackedMatrix packed = new PackedMatrix();
    if (Simd.LANES) {
      packed.pack(matrix, 0, matrix.rows(), 0, matrix.columns(), new Workspace());
    } else {
      packed.rows = matrix.rows();
      packed.columns = matrix.columns();
      packed.rowMajor = Matrix.zeros(matrix.rows(), matrix.columns());
      ScalarGemm.copy(matrix, packed.rowMajor.array());
    }
    return packed;
  }

  /** The number of rows of the matrix. */
  public int rows() {
    return rows;
  }

  /** The number of columns of the matrix. */
  public int columns() {
    return columns;
  }

  /** Takes a block of a matrix; the room grows as needed and is kept. */
  void pack(Matrix b, int row, int rowCount, int column, int columnCount, Workspace workspace) {
    int width = MicroKernel.COLUMNS;
    int padded = Check.product("panels", (columnCount + width - 1) / width, width);
    int length = Check.product("rows · columns of the panels", rowCount, padded);
    if (panels.length < length) {
      panels = new float[length];
    }
    rows = rowCount;
    columns = columnCount;
    firstRow = row;
    firstColumn = column;
    for (int j = 0; j < columnCount; j += width) {
      int count = Math.min(width, columnCount - j);
      Packing.block(
          b, row, column + j, rowCount, count, 1f, panels, j * rowCount, width, workspace);
    }
  }

  /**
   * Points a tile at row {@code row} of the panel that starts at column {@code column} of the
   * matrix.
   */
  void pointAt(Tile tile, int row, int column) {
    tile.b = panels;
    tile.bOffset = (column - firstColumn) * rows + (row - firstRow) * MicroKernel.COLUMNS;
    tile.bRow = MicroKernel.COLUMNS;
  }

  /** The matrix row by row, where lanes are off. */
  Matrix rowMajor() {
    return rowMajor;
  }

  @Override
  public String toString() {
    return rows + " × " + columns + " (packed)";
  }
}
