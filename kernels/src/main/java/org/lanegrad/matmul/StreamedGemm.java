package org.lanegrad.matmul;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.Matrix;
import org.lanegrad.elementwise.Fill;
import org.lanegrad.simd.FloatLanes;
import org.lanegrad.simd.Fma;

/**
 * C = start + α·A·B for a handful of rows: whole rows of B stream by once, in storage order, while
 * C's rows stay in the L1 cache.
 *
 * <p>With so few rows the product is bound by the reading of B, and a tile would read B in strips
 * of a few cache lines a row, each on another page.
 */
final class StreamedGemm {
  private static final VectorSpecies<Float> S = FloatLanes.SPECIES;
  private static final int L = FloatLanes.COUNT;

  /** Columns at a time: four rows of B of 4 kB each leave room for C in an L1 cache of 32 kB. */
  private static final int NC = 1024;

  /**
   * Rows of B at a time. One row of C, N = K = 1024, in GFLOP/s: 34–42 with 4, 29–36 with 8 and
   * 35–37 with 2: of more streams the prefetchers lose some. (Tiles of 1 × 16 and 4 × 6 vectors,
   * which keep C in registers, read B in pieces of a row: 29 for one row.)
   */
  private static final int STEPS = 4;

  /**
   * With more elements of B than this, four rows and more are streamed: it does not fit the L2
   * cache beside everything else. (M = 4 in GFLOP/s of 118, streamed and by tiles: N = K = 512, 70
   * and 105; 1024, 58–98 and 73–87.)
   */
  private static final int BIG = 1 << 18;

  /**
   * The same for three rows and fewer. (M = 1, streamed and by tiles: 64, 30 and 61; 256, 36 and
   * 36; 1024, 37 and 23. With 8 lanes: 64, 24 and 30; 256, 45 and 29.)
   */
  private static final int BIG_FOR_A_ROW = L == 16 ? 1 << 17 : 1 << 13;

  /**
   * Up to here streaming a big B beats tiles. (N = K = 1024, percent of the FMA peak, streamed and
   * by tiles: at 8 lanes M = 6, 48 and 56; M = 16, 48 and 73.)
   */
  private static final int FEW_ROWS = 6;

  private StreamedGemm() {}

  /** Whether this path is the faster one. */
  static boolean suits(Matrix b, Matrix c, int k) {
    int m = c.rows();
    long size = (long) c.columns() * k;
    return !b.isTransposed() && m < FEW_ROWS && size > (m < 4 ? BIG_FOR_A_ROW : BIG);
  }

  /** The arguments are those of {@link TiledGemm#run}. */
  static void run(
      float alpha,
      Matrix a,
      Matrix b,
      float[] start,
      int startOffset,
      int startRow,
      Matrix c,
      Workspace workspace) {
    int n = c.columns();
    boolean inPlace = start == c.array() && startOffset == c.offset();
    for (int i = 0; i < c.rows() && !inPlace; i++) {
      int row = c.index(i, 0);
      if (start == null) {
        Fill.forward(0f, c.array(), row, n);
      } else {
        System.arraycopy(start, startOffset + i * startRow, c.array(), row, n);
      }
    }
    Tile tile = workspace.tile();
    tile.a = a.array();
    tile.aRow = a.rowStep();
    tile.aStep = a.columnStep();
    tile.b = b.array();
    tile.bRow = b.rowStep();
    tile.c = c.array();
    tile.cRow = c.rowStep();
    for (int j = 0, count; j < n; j += count) {
      count = Math.min(NC, n - j);
      columns(tile, j, count, alpha, a, b, c);
    }
  }

  private static void columns(
      Tile tile, int j, int columns, float alpha, Matrix a, Matrix b, Matrix c) {
    int m = c.rows();
    int k = a.columns();
    int full = S.loopBound(columns);
    int fours = m / 4 * 4;
    for (int p = 0; p < k; p += STEPS) {
      int steps = Math.min(STEPS, k - p);
      tile.bOffset = b.index(p, j);
      for (int i = 0; i < m; i++) {
        tile.aOffset = a.index(i, p);
        tile.cOffset = c.index(i, j);
        if (steps < STEPS) {
          anySteps(tile, steps, full, alpha);
        } else if (i >= fours) {
          oneRow(tile, full, alpha);
        } else if (i % 4 == 0) {
          fourRows(tile, full, alpha);
        }
        if (full < columns) {
          rest(tile, steps, full, columns, alpha);
        }
      }
    }
  }

  /** One row and so many steps, fewer than four: the last ones of k. */
  private static void anySteps(Tile t, int steps, int columns, float alpha) {
    for (int j = 0; j < columns; j += L) {
      FloatVector y = fromArray(S, t.c, t.cOffset + j);
      for (int s = 0; s < steps; s++) {
        FloatVector x = broadcast(S, alpha * t.a[t.aOffset + s * t.aStep]);
        y = x.fma(fromArray(S, t.b, t.bOffset + s * t.bRow + j), y);
      }
      y.intoArray(t.c, t.cOffset + j);
    }
  }

  /**
   * One row and so many steps, the columns behind the last whole vector. One by one: a vector that
   * overlaps would add twice, and a mask was boxed in some JVMs.
   */
  private static void rest(Tile t, int steps, int from, int to, float alpha) {
    for (int s = 0; s < steps; s++) {
      float x = alpha * t.a[t.aOffset + s * t.aStep];
      int row = t.bOffset + s * t.bRow;
      for (int j = from; j < to; j++) {
        t.c[t.cOffset + j] = Fma.of(x, t.b[row + j], t.c[t.cOffset + j]);
      }
    }
  }

  /** Four rows of C, four steps of k: 16 broadcasts stay in registers. */
  private static void fourRows(Tile t, int columns, float alpha) {
    float[] b = t.b;
    float[] c = t.c;
    int aOffset = t.aOffset;
    int aStep = t.aStep;
    int aRow = t.aRow;
    // spotless:off
    FloatVector x00 = broadcast(S, alpha * t.a[aOffset]);
    FloatVector x01 = broadcast(S, alpha * t.a[aOffset + aStep]);
    FloatVector x02 = broadcast(S, alpha * t.a[aOffset + 2 * aStep]);
    FloatVector x03 = broadcast(S, alpha * t.a[aOffset + 3 * aStep]);
    FloatVector x10 = broadcast(S, alpha * t.a[aOffset + aRow]);
    FloatVector x11 = broadcast(S, alpha * t.a[aOffset + aRow + aStep]);
    FloatVector x12 = broadcast(S, alpha * t.a[aOffset + aRow + 2 * aStep]);
    FloatVector x13 = broadcast(S, alpha * t.a[aOffset + aRow + 3 * aStep]);
    FloatVector x20 = broadcast(S, alpha * t.a[aOffset + 2 * aRow]);
    FloatVector x21 = broadcast(S, alpha * t.a[aOffset + 2 * aRow + aStep]);
    FloatVector x22 = broadcast(S, alpha * t.a[aOffset + 2 * aRow + 2 * aStep]);
    FloatVector x23 = broadcast(S, alpha * t.a[aOffset + 2 * aRow + 3 * aStep]);
    FloatVector x30 = broadcast(S, alpha * t.a[aOffset + 3 * aRow]);
    FloatVector x31 = broadcast(S, alpha * t.a[aOffset + 3 * aRow + aStep]);
    FloatVector x32 = broadcast(S, alpha * t.a[aOffset + 3 * aRow + 2 * aStep]);
    FloatVector x33 = broadcast(S, alpha * t.a[aOffset + 3 * aRow + 3 * aStep]);
    int b0 = t.bOffset;
    int b1 = t.bOffset + t.bRow;
    int b2 = t.bOffset + 2 * t.bRow;
    int b3 = t.bOffset + 3 * t.bRow;
    int c0 = t.cOffset;
    int c1 = t.cOffset + t.cRow;
    int c2 = t.cOffset + 2 * t.cRow;
    int c3 = t.cOffset + 3 * t.cRow;
    // spotless:on
    for (int j = 0; j < columns; j += L) {
      // spotless:off
      FloatVector y0 = fromArray(S, c, c0 + j);
      FloatVector y1 = fromArray(S, c, c1 + j);
      FloatVector y2 = fromArray(S, c, c2 + j);
      FloatVector y3 = fromArray(S, c, c3 + j);
      FloatVector v0 = fromArray(S, b, b0 + j);
      y0 = x00.fma(v0, y0); y1 = x10.fma(v0, y1); y2 = x20.fma(v0, y2); y3 = x30.fma(v0, y3);
      FloatVector v1 = fromArray(S, b, b1 + j);
      y0 = x01.fma(v1, y0); y1 = x11.fma(v1, y1); y2 = x21.fma(v1, y2); y3 = x31.fma(v1, y3);
      FloatVector v2 = fromArray(S, b, b2 + j);
      y0 = x02.fma(v2, y0); y1 = x12.fma(v2, y1); y2 = x22.fma(v2, y2); y3 = x32.fma(v2, y3);
      FloatVector v3 = fromArray(S, b, b3 + j);
      y0 = x03.fma(v3, y0); y1 = x13.fma(v3, y1); y2 = x23.fma(v3, y2); y3 = x33.fma(v3, y3);
      y0.intoArray(c, c0 + j);
      y1.intoArray(c, c1 + j);
      y2.intoArray(c, c2 + j);
      y3.intoArray(c, c3 + j);
      // spotless:on
    }
  }

  /** One row of C, four steps of k: four streams of B for one pass over C. */
  private static void oneRow(Tile t, int columns, float alpha) {
    float[] b = t.b;
    float[] c = t.c;
    int aOffset = t.aOffset;
    int aStep = t.aStep;
    // spotless:off
    FloatVector x00 = broadcast(S, alpha * t.a[aOffset]);
    FloatVector x01 = broadcast(S, alpha * t.a[aOffset + aStep]);
    FloatVector x02 = broadcast(S, alpha * t.a[aOffset + 2 * aStep]);
    FloatVector x03 = broadcast(S, alpha * t.a[aOffset + 3 * aStep]);
    int b0 = t.bOffset;
    int b1 = t.bOffset + t.bRow;
    int b2 = t.bOffset + 2 * t.bRow;
    int b3 = t.bOffset + 3 * t.bRow;
    int c0 = t.cOffset;
    // spotless:on
    for (int j = 0; j < columns; j += L) {
      // spotless:off
      FloatVector y0 = fromArray(S, c, c0 + j);
      y0 = x00.fma(fromArray(S, b, b0 + j), y0);
      y0 = x01.fma(fromArray(S, b, b1 + j), y0);
      y0 = x02.fma(fromArray(S, b, b2 + j), y0);
      y0 = x03.fma(fromArray(S, b, b3 + j), y0);
      y0.intoArray(c, c0 + j);
      // spotless:on
    }
  }
}
