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
  static final boolean WIDE = L == 16;

  /** The number of columns of the widest tile. */
  static final int COLUMNS = (WIDE ? 4 : 2) * L;

  /** Fewer rows than this are computed one by one. */
  static final int LEAST_ROWS = 4;

  /** How many rows {@link #runPacking} computes. */
  static final int PACKING_ROWS = 6;

  /** A row to start from for β = 0, as wide as the widest of all tiles; its row stride is 0. */
  static final float[] ZEROS = new float[8 * L];

  private MicroKernel() {}

  /**
   * The number of rows of the next tile, when so many rows are left: as many sixes as leave no slow
   * single row over, or few (8 is 4 + 4; 9 is 5 + 4 where there is a tile of five).
   */
  static int tileRows(int left, int columns) {
    boolean fives = !WIDE && columns > L;
    if (fives && (left == 5 || left == 9 || left == 10 || left == 13)) {
      return 5;
    }
    if (left >= 6 && left != 8 && left != 9) {
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

  /** Whether {@link #runPacking} can compute so many columns. */
  static boolean packsOnTheWay(int columns) {
    return columns > COLUMNS - L;
  }

  /** Computes a tile with B in place and leaves B's panel packed. */
  static void runPacking(Tile tile, int columns) {
    tile.lastVector = columns - L;
    if (WIDE) {
      WideTile.sixRowsPacking(tile);
    } else {
      NarrowTile.sixRowsPacking(tile);
    }
  }

  /**
   * Computes one tile.
   *
   * @param rows a number that {@link #tileRows} gave
   * @param columns a number that {@link #fits}
   */
  static void run(Tile tile, int rows, int columns) {
    tile.lastVector = columns - L;
    tile.lastOfB = tile.packedB ? COLUMNS - L : tile.lastVector;
    if (columns == L) {
      ColumnTile.run(tile, rows);
    } else if (WIDE) {
      WideTile.run(tile, rows);
    } else {
      NarrowTile.run(tile, rows);
    }
  }
}
