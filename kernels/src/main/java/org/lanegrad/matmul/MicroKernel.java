package org.lanegrad.matmul;

import org.lanegrad.simd.FloatLanes;

/**
 * C[i, j] = start[i, j] + Σ_p A[i, p]·B[p, j] for one register tile.
 *
 * <p>It knows nothing of transposition, α, β, blocking or threads: packing, offsets and strides
 * make every case look like a row-major A, a row-major B, a row-major C and somewhere to start
 * from.
 */
final class MicroKernel {
  private static final int L = FloatLanes.COUNT;

  /** Whether the CPU has the registers for {@link WideTile}. */
  private static final boolean WIDE = L == 16;

  /** The number of columns of the widest tile, at most 64, so that a long holds a bit for each. */
  static final int COLUMNS = (WIDE ? 4 : 2) * L;

  private MicroKernel() {}

  /**
   * The number of rows of the next tile, when so many rows are left: as many sixes as possible, but
   * 8 as 4 + 4 and 9 as 4 + 4 + 1 instead of with two or three slow single rows.
   */
  static int tileRows(int left) {
    if (WIDE && left >= 6 && left != 8 && left != 9) {
      return 6;
    }
    return left >= 4 ? 4 : 1;
  }

  /** The number of elements of each row of B that {@link #run} reads for so many columns. */
  static int readColumns(int columns) {
    return columns <= L ? L : COLUMNS;
  }

  /**
   * Computes {@code rows × columns} elements of C.
   *
   * @param rows a number that {@link #tileRows} gave
   * @param columns 1 … {@link #COLUMNS}; further lanes are computed and not stored
   */
  static void run(Tile tile, int rows, int columns) {
    tile.columnBits = -1L >>> (64 - columns);
    if (columns <= L) {
      ColumnTile.run(tile, rows);
    } else if (WIDE) {
      WideTile.run(tile, rows);
    } else {
      NarrowTile.run(tile, rows);
    }
  }
}
