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

  /** The number of columns of the widest tile. */
  static final int COLUMNS = (WIDE ? 4 : 2) * L;

  /** A row to start from for β = 0; its row stride is 0. */
  static final float[] ZEROS = new float[COLUMNS];

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

  /**
   * Whether a tile can compute so many columns in place, its last vector overlapping if need be.
   */
  static boolean fits(int columns) {
    return columns > COLUMNS - L || columns == L;
  }

  /** How many elements of each row of B are read for so many columns. */
  static int reach(int columns) {
    return fits(columns) ? columns : width(columns);
  }

  /** The width of the tile that computes so many columns. */
  static int width(int columns) {
    return columns <= L ? L : COLUMNS;
  }

  /**
   * Computes one tile.
   *
   * @param rows a number that {@link #tileRows} gave
   * @param columns a number that {@link #fits}
   */
  static void run(Tile tile, int rows, int columns) {
    tile.lastVector = columns - L;
    if (columns == L) {
      ColumnTile.run(tile, rows);
    } else if (WIDE) {
      WideTile.run(tile, rows);
    } else {
      NarrowTile.run(tile, rows);
    }
  }
}
