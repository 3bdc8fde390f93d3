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

  /** The most rows of a tile. */
  static final int ROWS = 6;

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

  /** The number of elements of each row of B that {@link #run} reads for so many columns. */
  static int readColumns(int columns) {
    return columns <= L ? L : COLUMNS;
  }

  /**
   * Computes {@code rows × columns} elements of C.
   *
   * <p>The tiles compute whole vectors. Where C ends before the tile does, the tile works on a
   * scratch copy of its corner of C, of which the columns that exist are copied back. (Masked loads
   * and stores in the tiles would do it too, but 48 of them in one method exceed what C2 inlines:
   * once any code in the JVM has met an array's end with a mask, each one carries its slow path,
   * and the tile runs ten times slower.)
   *
   * @param rows a number that {@link #tileRows} gave
   * @param columns 1 … {@link #COLUMNS}
   */
  static void run(Tile tile, int rows, int columns) {
    int width = readColumns(columns);
    if (columns == width) {
      whole(tile, rows, width);
      return;
    }
    float[] start = tile.start;
    int startOffset = tile.startOffset;
    int startRow = tile.startRow;
    float[] c = tile.c;
    int cOffset = tile.cOffset;
    int cRow = tile.cRow;
    if (start != ZEROS) {
      Packing.rows(start, startOffset, startRow, rows, columns, tile.scratch, 0, width);
      tile.start = tile.scratch;
      tile.startOffset = 0;
      tile.startRow = width;
    }
    tile.c = tile.scratch;
    tile.cOffset = 0;
    tile.cRow = width;
    whole(tile, rows, width);
    Packing.rows(tile.scratch, 0, width, rows, columns, c, cOffset, cRow);
    tile.start = start;
    tile.startRow = startRow;
    tile.c = c;
    tile.cRow = cRow;
  }

  private static void whole(Tile tile, int rows, int width) {
    if (width == L) {
      ColumnTile.run(tile, rows);
    } else if (WIDE) {
      WideTile.run(tile, rows);
    } else {
      NarrowTile.run(tile, rows);
    }
  }
}
