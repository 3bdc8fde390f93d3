package org.lanegrad.matmul;

import org.lanegrad.Epilogue;
import org.lanegrad.Matrix;

/**
 * C = start + α·A·B by register tiles, walked in blocks that stay in the caches (after K. Goto and
 * R. van de Geijn, Anatomy of High-Performance Matrix Multiplication, 2008).
 *
 * <p>A block of A (MC × KC) stays in the L2 cache while panels of B (KC × one tile width) pass by.
 * The first rows read B in place and leave it packed for the rows behind them; {@link Blocking}
 * says when. A wide tile reads A in place unless it is transposed or scaled, a narrow one packs it.
 */
final class TiledGemm {
  private static final int W = MicroKernel.COLUMNS;

  private TiledGemm() {}

  /**
   * Adds the products onto the start.
   *
   * @param prepacked B in panels, or null where {@code b} is to be read or packed
   * @param start where the sums start, element (i, j) at {@code startOffset + i·startRow + j}; null
   *     for zero
   * @param epilogue called for each block of C when it is complete, or null
   */
  static void run(
      float alpha,
      Matrix a,
      Matrix b,
      Panels prepacked,
      float[] start,
      int startOffset,
      int startRow,
      Matrix c,
      Epilogue epilogue,
      Workspace workspace) {
    int n = c.columns();
    int k = a.columns();
    boolean pack = prepacked == null && (b.isTransposed() || Blocking.packs(c.rows(), k, n));
    Tile tile = workspace.tile();
    tile.aStep = 1;
    tile.c = c.array();
    tile.cRow = c.rowStep();
    for (int j0 = 0, nc; j0 < n; j0 += nc) {
      nc = Math.min(Blocking.NC, n - j0);
      startFrom(tile, start, startOffset + j0, startRow);
      for (int p0 = 0, kc; p0 == 0 || p0 < k; p0 += Math.max(1, kc)) {
        kc = Math.min(Blocking.kc(k), k - p0);
        Panels panels = pack ? workspace.panels() : prepacked;
        boolean onTheWay = pack && !b.isTransposed() && packsOnTheWay(c.rows());
        if (onTheWay && Blocking.mc(c.rows()) >= c.rows()) {
          panels.makeOne(p0, kc, j0, nc);
        } else if (onTheWay) {
          panels.make(p0, kc, j0, nc);
        } else if (pack) {
          panels.pack(b, p0, kc, j0, nc, workspace);
        }
        Epilogue last = p0 + kc == k ? epilogue : null;
        block(alpha, a, b, panels, onTheWay, p0, kc, j0, nc, c, last, workspace);
        startFrom(tile, c.array(), c.offset() + j0, c.rowStep());
      }
    }
  }

  /** Element (0, j0) of the start; zero is a row of zeros that all rows and columns share. */
  private static void startFrom(Tile tile, float[] start, int offset, int row) {
    tile.start = start == null ? MicroKernel.ZEROS : start;
    tile.startBase = start == null ? 0 : offset;
    tile.startRow = start == null ? 0 : row;
  }

  /** One KC × NC block of B against all of A. */
  private static void block(
      float alpha,
      Matrix a,
      Matrix b,
      Panels panels,
      boolean onTheWay,
      int p0,
      int kc,
      int j0,
      int nc,
      Matrix c,
      Epilogue epilogue,
      Workspace workspace) {
    Tile tile = workspace.tile();
    tile.k = kc;
    for (int i0 = 0, mc; i0 < c.rows(); i0 += mc) {
      mc = Math.min(Blocking.mc(c.rows()), c.rows() - i0);
      boolean change = a.isTransposed() || alpha != 1f;
      boolean packA = change || Blocking.packsA(mc);
      tile.a = packA ? workspace.packedA() : a.array();
      tile.aRow = packA ? Blocking.aRow(kc) : a.rowStep();
      if (change) {
        Packing.block(a, i0, p0, mc, kc, alpha, tile.a, 0, tile.aRow, workspace);
      } else if (packA) {
        copy(a, i0, p0, mc, kc, tile.a, tile.aRow);
      }
      int aOffset = packA ? 0 : a.index(i0, p0);
      for (int j = 0, columns; j < nc; j += columns) {
        boolean byRow = panels != null && mc < MicroKernel.LEAST_ROWS && nc - j >= RowTile.COLUMNS;
        columns = byRow ? RowTile.COLUMNS : Math.min(W, nc - j);
        int start = tile.startBase + i0 * tile.startRow + (tile.start == MicroKernel.ZEROS ? 0 : j);
        int cOffset = c.index(i0, j0 + j);
        int done = 0;
        if (i0 == 0 && onTheWay) {
          done =
              firstStrip(tile, b, panels, p0, j0 + j, columns, aOffset, start, cOffset, workspace);
        }
        if (byRow) {
          panels.pointAt(tile, p0, j0 + j);
        } else if (panels != null) {
          panels.pointAtFloats(tile, p0, j0 + j, workspace);
        } else {
          panelInPlace(tile, b, p0, j0 + j, columns, workspace);
        }
        if (byRow || MicroKernel.fits(columns)) {
          panel(tile, done, mc, columns, aOffset, start, cOffset);
        } else {
          edgePanel(tile, mc, columns, aOffset, start, cOffset, workspace);
        }
      }
      if (epilogue != null) {
        epilogue.apply(c, i0, j0, mc, nc);
      }
    }
  }

  /**
   * A block of rows that are stored as such: long ones, for which the library's own copy is best.
   */
  private static void copy(
      Matrix from, int row, int column, int rows, int columns, float[] to, int toRow) {
    for (int i = 0; i < rows; i++) {
      System.arraycopy(from.array(), from.index(row + i, column), to, i * toRow, columns);
    }
  }

  /**
   * Points the tile at a panel of B where it stands. The tiles read whole vectors, also past the
   * panel's last column, where the values don't matter; but in the last rows of B that may be past
   * the end of the array. Then the panel is copied after all.
   */
  private static void panelInPlace(
      Tile tile, Matrix b, int p0, int column, int columns, Workspace workspace) {
    int offset = b.index(p0, column);
    tile.packedB = false;
    long end = offset + (tile.k - 1L) * b.rowStep() + MicroKernel.reach(columns);
    if (end <= b.array().length) {
      tile.b = b.array();
      tile.bOffset = offset;
      tile.bRow = b.rowStep();
    } else {
      Panels panel = workspace.panels();
      panel.pack(b, p0, tile.k, column, columns, workspace);
      panel.pointAt(tile, p0, column);
    }
  }

  /**
   * A panel where C ends before the tiles do: they work on a scratch panel, of which the columns
   * that exist are copied back. (Masked loads and stores in the tiles would do it too, but 48 of
   * them in one method exceed what C2 inlines: once any code in the JVM has met an array's end with
   * a mask, each carries its slow path, and the tile runs ten times slower.)
   */
  private static void edgePanel(
      Tile tile,
      int mc,
      int columns,
      int aOffset,
      int startOffset,
      int cOffset,
      Workspace workspace) {
    int width = MicroKernel.width(columns);
    float[] edge = workspace.edge();
    float[] start = tile.start;
    int startRow = tile.startRow;
    float[] c = tile.c;
    int cRow = tile.cRow;
    if (start != MicroKernel.ZEROS) {
      Packing.rows(start, startOffset, startRow, mc, columns, edge, 0, width);
      tile.start = edge;
      tile.startRow = width;
    }
    tile.c = edge;
    tile.cRow = width;
    panel(tile, 0, mc, width, aOffset, 0, 0);
    Packing.rows(edge, 0, width, mc, columns, c, cOffset, cRow);
    tile.start = start;
    tile.startRow = startRow;
    tile.c = c;
    tile.cRow = cRow;
  }

  /** Whether the first rows of C can be computed from a B in place, and pack it on the way. */
  private static boolean packsOnTheWay(int m) {
    int rows = Math.min(Blocking.mc(m), m);
    return MicroKernel.tileRows(rows, W) == MicroKernel.PACKING_ROWS;
  }

  /**
   * The first rows against a panel of B in place, which they leave packed for the rows that follow:
   * that costs a few stores, where packing by itself would read all of B once more. Returns how
   * many rows are done: none for a last panel that is not as wide as a tile.
   */
  private static int firstStrip(
      Tile tile,
      Matrix b,
      Panels panels,
      int p0,
      int column,
      int columns,
      int aOffset,
      int startOffset,
      int cOffset,
      Workspace workspace) {
    if (!MicroKernel.packsOnTheWay(columns)) {
      panels.packPanel(b, column, columns, workspace);
      return 0;
    }
    tile.b = b.array();
    tile.bOffset = b.index(p0, column);
    tile.bRow = b.rowStep();
    panels.target(tile, column);
    point(tile, 0, aOffset, startOffset, cOffset);
    MicroKernel.runPacking(tile, columns);
    return MicroKernel.PACKING_ROWS;
  }

  private static void point(Tile tile, int row, int aOffset, int startOffset, int cOffset) {
    tile.aOffset = aOffset + row * tile.aRow;
    tile.startOffset = startOffset + row * tile.startRow;
    tile.cOffset = cOffset + row * tile.cRow;
  }

  /** The rows of a block of A from {@code from} on against one panel of B. */
  private static void panel(
      Tile tile, int from, int mc, int columns, int aOffset, int startOffset, int cOffset) {
    int rows;
    for (int i = from; i < mc; i += rows) {
      rows = columns > W ? 1 : MicroKernel.tileRows(mc - i, columns);
      point(tile, i, aOffset, startOffset, cOffset);
      if (columns > W) {
        RowTile.run(tile);
      } else {
        MicroKernel.run(tile, rows, columns);
      }
    }
  }
}
