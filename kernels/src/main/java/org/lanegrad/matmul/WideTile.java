package org.lanegrad.matmul;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.simd.FloatLanes;

/**
 * Register tiles four vectors wide, for CPUs with 32 vector registers (AVX-512).
 *
 * <p>6 × 4 takes 24 accumulators, 4 vectors of B and a broadcast of A: 29 of the 32 registers, and
 * C2 keeps them there. Measured with B in place, percent of the FMA peak at 64 / 128 / 256 / 512:
 * 91 / 93 / 94 / 97; 14 × 2 reaches 87 / 93 / 94 / 96, 8 × 3 87 / 89 / 91 / 96. Four rows for what
 * is left over at the bottom, and one for the last odd row.
 */
final class WideTile {
  private static final VectorSpecies<Float> S = FloatLanes.SPECIES;
  private static final int L = FloatLanes.COUNT;
  private static final int COLUMNS = 4 * L;

  private WideTile() {}

  /** Computes the tile; {@code rows} is one of 6, 4, 1. */
  static void run(Tile tile, int rows) {
    switch (rows) {
      case 6 -> {
        if (tile.packedB) {
          sixRows(tile);
        } else {
          sixRowsInPlace(tile);
        }
      }
      case 4 -> fourRows(tile);
      case 1 -> oneRow(tile);
      default -> throw new AssertionError("no tile of " + rows + " rows");
    }
  }

  /**
   * Six rows with B packed. Constant distances take 12 of 59 instructions out of the loop, which on
   * Intel compete with half of the multipliers: 2 to 6 % faster, 128³ at 87 % of the peak for 82.
   */
  private static void sixRows(Tile t) {
    int k = t.k;
    float[] a = t.a;
    float[] b = t.b;
    float[] c = t.c;
    float[] start = t.start;
    int bOffset = t.bOffset;
    int last = t.lastVector;
    // spotless:off
    int s0 = t.startOffset;
    FloatVector c00 = fromArray(S, start, s0); FloatVector c01 = fromArray(S, start, s0 + L); FloatVector c02 = fromArray(S, start, s0 + 2 * L); FloatVector c03 = fromArray(S, start, s0 + last);
    int s1 = t.startOffset + t.startRow;
    FloatVector c10 = fromArray(S, start, s1); FloatVector c11 = fromArray(S, start, s1 + L); FloatVector c12 = fromArray(S, start, s1 + 2 * L); FloatVector c13 = fromArray(S, start, s1 + last);
    int s2 = t.startOffset + 2 * t.startRow;
    FloatVector c20 = fromArray(S, start, s2); FloatVector c21 = fromArray(S, start, s2 + L); FloatVector c22 = fromArray(S, start, s2 + 2 * L); FloatVector c23 = fromArray(S, start, s2 + last);
    int s3 = t.startOffset + 3 * t.startRow;
    FloatVector c30 = fromArray(S, start, s3); FloatVector c31 = fromArray(S, start, s3 + L); FloatVector c32 = fromArray(S, start, s3 + 2 * L); FloatVector c33 = fromArray(S, start, s3 + last);
    int s4 = t.startOffset + 4 * t.startRow;
    FloatVector c40 = fromArray(S, start, s4); FloatVector c41 = fromArray(S, start, s4 + L); FloatVector c42 = fromArray(S, start, s4 + 2 * L); FloatVector c43 = fromArray(S, start, s4 + last);
    int s5 = t.startOffset + 5 * t.startRow;
    FloatVector c50 = fromArray(S, start, s5); FloatVector c51 = fromArray(S, start, s5 + L); FloatVector c52 = fromArray(S, start, s5 + 2 * L); FloatVector c53 = fromArray(S, start, s5 + last);
    int a0 = t.aOffset;
    int a1 = t.aOffset + t.aRow;
    int a2 = t.aOffset + 2 * t.aRow;
    int a3 = t.aOffset + 3 * t.aRow;
    int a4 = t.aOffset + 4 * t.aRow;
    int a5 = t.aOffset + 5 * t.aRow;
    // spotless:on
    for (int p = 0; p < k; p++) {
      int q = bOffset + p * COLUMNS;
      FloatVector b0 = fromArray(S, b, q);
      FloatVector b1 = fromArray(S, b, q + L);
      FloatVector b2 = fromArray(S, b, q + 2 * L);
      FloatVector b3 = fromArray(S, b, q + 3 * L);
      // spotless:off
      FloatVector x0 = broadcast(S, a[a0 + p]);
      c00 = x0.fma(b0, c00); c01 = x0.fma(b1, c01); c02 = x0.fma(b2, c02); c03 = x0.fma(b3, c03);
      FloatVector x1 = broadcast(S, a[a1 + p]);
      c10 = x1.fma(b0, c10); c11 = x1.fma(b1, c11); c12 = x1.fma(b2, c12); c13 = x1.fma(b3, c13);
      FloatVector x2 = broadcast(S, a[a2 + p]);
      c20 = x2.fma(b0, c20); c21 = x2.fma(b1, c21); c22 = x2.fma(b2, c22); c23 = x2.fma(b3, c23);
      FloatVector x3 = broadcast(S, a[a3 + p]);
      c30 = x3.fma(b0, c30); c31 = x3.fma(b1, c31); c32 = x3.fma(b2, c32); c33 = x3.fma(b3, c33);
      FloatVector x4 = broadcast(S, a[a4 + p]);
      c40 = x4.fma(b0, c40); c41 = x4.fma(b1, c41); c42 = x4.fma(b2, c42); c43 = x4.fma(b3, c43);
      FloatVector x5 = broadcast(S, a[a5 + p]);
      c50 = x5.fma(b0, c50); c51 = x5.fma(b1, c51); c52 = x5.fma(b2, c52); c53 = x5.fma(b3, c53);
      // spotless:on
    }
    // spotless:off
    int d0 = t.cOffset;
    c00.intoArray(c, d0); c01.intoArray(c, d0 + L); c02.intoArray(c, d0 + 2 * L); c03.intoArray(c, d0 + last);
    int d1 = t.cOffset + t.cRow;
    c10.intoArray(c, d1); c11.intoArray(c, d1 + L); c12.intoArray(c, d1 + 2 * L); c13.intoArray(c, d1 + last);
    int d2 = t.cOffset + 2 * t.cRow;
    c20.intoArray(c, d2); c21.intoArray(c, d2 + L); c22.intoArray(c, d2 + 2 * L); c23.intoArray(c, d2 + last);
    int d3 = t.cOffset + 3 * t.cRow;
    c30.intoArray(c, d3); c31.intoArray(c, d3 + L); c32.intoArray(c, d3 + 2 * L); c33.intoArray(c, d3 + last);
    int d4 = t.cOffset + 4 * t.cRow;
    c40.intoArray(c, d4); c41.intoArray(c, d4 + L); c42.intoArray(c, d4 + 2 * L); c43.intoArray(c, d4 + last);
    int d5 = t.cOffset + 5 * t.cRow;
    c50.intoArray(c, d5); c51.intoArray(c, d5 + L); c52.intoArray(c, d5 + 2 * L); c53.intoArray(c, d5 + last);
    // spotless:on
  }

  /** Six rows with B in place: one loop of both would be beyond what C2 keeps in registers. */
  private static void sixRowsInPlace(Tile t) {
    int k = t.k;
    float[] a = t.a;
    float[] b = t.b;
    float[] c = t.c;
    float[] start = t.start;
    int bOffset = t.bOffset;
    int bRow = t.bRow;
    int last = t.lastVector;
    // spotless:off
    int s0 = t.startOffset;
    FloatVector c00 = fromArray(S, start, s0); FloatVector c01 = fromArray(S, start, s0 + L); FloatVector c02 = fromArray(S, start, s0 + 2 * L); FloatVector c03 = fromArray(S, start, s0 + last);
    int s1 = t.startOffset + t.startRow;
    FloatVector c10 = fromArray(S, start, s1); FloatVector c11 = fromArray(S, start, s1 + L); FloatVector c12 = fromArray(S, start, s1 + 2 * L); FloatVector c13 = fromArray(S, start, s1 + last);
    int s2 = t.startOffset + 2 * t.startRow;
    FloatVector c20 = fromArray(S, start, s2); FloatVector c21 = fromArray(S, start, s2 + L); FloatVector c22 = fromArray(S, start, s2 + 2 * L); FloatVector c23 = fromArray(S, start, s2 + last);
    int s3 = t.startOffset + 3 * t.startRow;
    FloatVector c30 = fromArray(S, start, s3); FloatVector c31 = fromArray(S, start, s3 + L); FloatVector c32 = fromArray(S, start, s3 + 2 * L); FloatVector c33 = fromArray(S, start, s3 + last);
    int s4 = t.startOffset + 4 * t.startRow;
    FloatVector c40 = fromArray(S, start, s4); FloatVector c41 = fromArray(S, start, s4 + L); FloatVector c42 = fromArray(S, start, s4 + 2 * L); FloatVector c43 = fromArray(S, start, s4 + last);
    int s5 = t.startOffset + 5 * t.startRow;
    FloatVector c50 = fromArray(S, start, s5); FloatVector c51 = fromArray(S, start, s5 + L); FloatVector c52 = fromArray(S, start, s5 + 2 * L); FloatVector c53 = fromArray(S, start, s5 + last);
    int a0 = t.aOffset;
    int a1 = t.aOffset + t.aRow;
    int a2 = t.aOffset + 2 * t.aRow;
    int a3 = t.aOffset + 3 * t.aRow;
    int a4 = t.aOffset + 4 * t.aRow;
    int a5 = t.aOffset + 5 * t.aRow;
    // spotless:on
    for (int p = 0; p < k; p++) {
      int q = bOffset + p * bRow;
      FloatVector b0 = fromArray(S, b, q);
      FloatVector b1 = fromArray(S, b, q + L);
      FloatVector b2 = fromArray(S, b, q + 2 * L);
      FloatVector b3 = fromArray(S, b, q + last);
      // spotless:off
      FloatVector x0 = broadcast(S, a[a0 + p]);
      c00 = x0.fma(b0, c00); c01 = x0.fma(b1, c01); c02 = x0.fma(b2, c02); c03 = x0.fma(b3, c03);
      FloatVector x1 = broadcast(S, a[a1 + p]);
      c10 = x1.fma(b0, c10); c11 = x1.fma(b1, c11); c12 = x1.fma(b2, c12); c13 = x1.fma(b3, c13);
      FloatVector x2 = broadcast(S, a[a2 + p]);
      c20 = x2.fma(b0, c20); c21 = x2.fma(b1, c21); c22 = x2.fma(b2, c22); c23 = x2.fma(b3, c23);
      FloatVector x3 = broadcast(S, a[a3 + p]);
      c30 = x3.fma(b0, c30); c31 = x3.fma(b1, c31); c32 = x3.fma(b2, c32); c33 = x3.fma(b3, c33);
      FloatVector x4 = broadcast(S, a[a4 + p]);
      c40 = x4.fma(b0, c40); c41 = x4.fma(b1, c41); c42 = x4.fma(b2, c42); c43 = x4.fma(b3, c43);
      FloatVector x5 = broadcast(S, a[a5 + p]);
      c50 = x5.fma(b0, c50); c51 = x5.fma(b1, c51); c52 = x5.fma(b2, c52); c53 = x5.fma(b3, c53);
      // spotless:on
    }
    // spotless:off
    int d0 = t.cOffset;
    c00.intoArray(c, d0); c01.intoArray(c, d0 + L); c02.intoArray(c, d0 + 2 * L); c03.intoArray(c, d0 + last);
    int d1 = t.cOffset + t.cRow;
    c10.intoArray(c, d1); c11.intoArray(c, d1 + L); c12.intoArray(c, d1 + 2 * L); c13.intoArray(c, d1 + last);
    int d2 = t.cOffset + 2 * t.cRow;
    c20.intoArray(c, d2); c21.intoArray(c, d2 + L); c22.intoArray(c, d2 + 2 * L); c23.intoArray(c, d2 + last);
    int d3 = t.cOffset + 3 * t.cRow;
    c30.intoArray(c, d3); c31.intoArray(c, d3 + L); c32.intoArray(c, d3 + 2 * L); c33.intoArray(c, d3 + last);
    int d4 = t.cOffset + 4 * t.cRow;
    c40.intoArray(c, d4); c41.intoArray(c, d4 + L); c42.intoArray(c, d4 + 2 * L); c43.intoArray(c, d4 + last);
    int d5 = t.cOffset + 5 * t.cRow;
    c50.intoArray(c, d5); c51.intoArray(c, d5 + L); c52.intoArray(c, d5 + 2 * L); c53.intoArray(c, d5 + last);
    // spotless:on
  }

  /** Six rows with B in place, which they leave in a panel for the rows that follow. */
  static void sixRowsPacking(Tile t) {
    int k = t.k;
    float[] a = t.a;
    float[] b = t.b;
    float[] c = t.c;
    float[] start = t.start;
    int bOffset = t.bOffset;
    int bRow = t.bRow;
    int last = t.lastVector;
    float[] panel = t.panel;
    int panelOffset = t.panelOffset;
    // spotless:off
    int s0 = t.startOffset;
    FloatVector c00 = fromArray(S, start, s0); FloatVector c01 = fromArray(S, start, s0 + L); FloatVector c02 = fromArray(S, start, s0 + 2 * L); FloatVector c03 = fromArray(S, start, s0 + last);
    int s1 = t.startOffset + t.startRow;
    FloatVector c10 = fromArray(S, start, s1); FloatVector c11 = fromArray(S, start, s1 + L); FloatVector c12 = fromArray(S, start, s1 + 2 * L); FloatVector c13 = fromArray(S, start, s1 + last);
    int s2 = t.startOffset + 2 * t.startRow;
    FloatVector c20 = fromArray(S, start, s2); FloatVector c21 = fromArray(S, start, s2 + L); FloatVector c22 = fromArray(S, start, s2 + 2 * L); FloatVector c23 = fromArray(S, start, s2 + last);
    int s3 = t.startOffset + 3 * t.startRow;
    FloatVector c30 = fromArray(S, start, s3); FloatVector c31 = fromArray(S, start, s3 + L); FloatVector c32 = fromArray(S, start, s3 + 2 * L); FloatVector c33 = fromArray(S, start, s3 + last);
    int s4 = t.startOffset + 4 * t.startRow;
    FloatVector c40 = fromArray(S, start, s4); FloatVector c41 = fromArray(S, start, s4 + L); FloatVector c42 = fromArray(S, start, s4 + 2 * L); FloatVector c43 = fromArray(S, start, s4 + last);
    int s5 = t.startOffset + 5 * t.startRow;
    FloatVector c50 = fromArray(S, start, s5); FloatVector c51 = fromArray(S, start, s5 + L); FloatVector c52 = fromArray(S, start, s5 + 2 * L); FloatVector c53 = fromArray(S, start, s5 + last);
    int a0 = t.aOffset;
    int a1 = t.aOffset + t.aRow;
    int a2 = t.aOffset + 2 * t.aRow;
    int a3 = t.aOffset + 3 * t.aRow;
    int a4 = t.aOffset + 4 * t.aRow;
    int a5 = t.aOffset + 5 * t.aRow;
    // spotless:on
    for (int p = 0; p < k; p++) {
      int q = bOffset + p * bRow;
      FloatVector b0 = fromArray(S, b, q);
      FloatVector b1 = fromArray(S, b, q + L);
      FloatVector b2 = fromArray(S, b, q + 2 * L);
      FloatVector b3 = fromArray(S, b, q + last);
      int r = panelOffset + p * COLUMNS;
      b0.intoArray(panel, r);
      b1.intoArray(panel, r + L);
      b2.intoArray(panel, r + 2 * L);
      b3.intoArray(panel, r + 3 * L);
      // spotless:off
      FloatVector x0 = broadcast(S, a[a0 + p]);
      c00 = x0.fma(b0, c00); c01 = x0.fma(b1, c01); c02 = x0.fma(b2, c02); c03 = x0.fma(b3, c03);
      FloatVector x1 = broadcast(S, a[a1 + p]);
      c10 = x1.fma(b0, c10); c11 = x1.fma(b1, c11); c12 = x1.fma(b2, c12); c13 = x1.fma(b3, c13);
      FloatVector x2 = broadcast(S, a[a2 + p]);
      c20 = x2.fma(b0, c20); c21 = x2.fma(b1, c21); c22 = x2.fma(b2, c22); c23 = x2.fma(b3, c23);
      FloatVector x3 = broadcast(S, a[a3 + p]);
      c30 = x3.fma(b0, c30); c31 = x3.fma(b1, c31); c32 = x3.fma(b2, c32); c33 = x3.fma(b3, c33);
      FloatVector x4 = broadcast(S, a[a4 + p]);
      c40 = x4.fma(b0, c40); c41 = x4.fma(b1, c41); c42 = x4.fma(b2, c42); c43 = x4.fma(b3, c43);
      FloatVector x5 = broadcast(S, a[a5 + p]);
      c50 = x5.fma(b0, c50); c51 = x5.fma(b1, c51); c52 = x5.fma(b2, c52); c53 = x5.fma(b3, c53);
      // spotless:on
    }
    // spotless:off
    int d0 = t.cOffset;
    c00.intoArray(c, d0); c01.intoArray(c, d0 + L); c02.intoArray(c, d0 + 2 * L); c03.intoArray(c, d0 + last);
    int d1 = t.cOffset + t.cRow;
    c10.intoArray(c, d1); c11.intoArray(c, d1 + L); c12.intoArray(c, d1 + 2 * L); c13.intoArray(c, d1 + last);
    int d2 = t.cOffset + 2 * t.cRow;
    c20.intoArray(c, d2); c21.intoArray(c, d2 + L); c22.intoArray(c, d2 + 2 * L); c23.intoArray(c, d2 + last);
    int d3 = t.cOffset + 3 * t.cRow;
    c30.intoArray(c, d3); c31.intoArray(c, d3 + L); c32.intoArray(c, d3 + 2 * L); c33.intoArray(c, d3 + last);
    int d4 = t.cOffset + 4 * t.cRow;
    c40.intoArray(c, d4); c41.intoArray(c, d4 + L); c42.intoArray(c, d4 + 2 * L); c43.intoArray(c, d4 + last);
    int d5 = t.cOffset + 5 * t.cRow;
    c50.intoArray(c, d5); c51.intoArray(c, d5 + L); c52.intoArray(c, d5 + 2 * L); c53.intoArray(c, d5 + last);
    // spotless:on
  }

  private static void fourRows(Tile t) {
    int k = t.k;
    float[] a = t.a;
    float[] b = t.b;
    float[] c = t.c;
    float[] start = t.start;
    int bOffset = t.bOffset;
    int bRow = t.bRow;
    int last = t.lastVector;
    int bLast = t.lastOfB;
    // spotless:off
    int s0 = t.startOffset;
    FloatVector c00 = fromArray(S, start, s0); FloatVector c01 = fromArray(S, start, s0 + L); FloatVector c02 = fromArray(S, start, s0 + 2 * L); FloatVector c03 = fromArray(S, start, s0 + last);
    int s1 = t.startOffset + t.startRow;
    FloatVector c10 = fromArray(S, start, s1); FloatVector c11 = fromArray(S, start, s1 + L); FloatVector c12 = fromArray(S, start, s1 + 2 * L); FloatVector c13 = fromArray(S, start, s1 + last);
    int s2 = t.startOffset + 2 * t.startRow;
    FloatVector c20 = fromArray(S, start, s2); FloatVector c21 = fromArray(S, start, s2 + L); FloatVector c22 = fromArray(S, start, s2 + 2 * L); FloatVector c23 = fromArray(S, start, s2 + last);
    int s3 = t.startOffset + 3 * t.startRow;
    FloatVector c30 = fromArray(S, start, s3); FloatVector c31 = fromArray(S, start, s3 + L); FloatVector c32 = fromArray(S, start, s3 + 2 * L); FloatVector c33 = fromArray(S, start, s3 + last);
    int a0 = t.aOffset;
    int a1 = t.aOffset + t.aRow;
    int a2 = t.aOffset + 2 * t.aRow;
    int a3 = t.aOffset + 3 * t.aRow;
    // spotless:on
    for (int p = 0; p < k; p++) {
      int q = bOffset + p * bRow;
      FloatVector b0 = fromArray(S, b, q);
      FloatVector b1 = fromArray(S, b, q + L);
      FloatVector b2 = fromArray(S, b, q + 2 * L);
      FloatVector b3 = fromArray(S, b, q + bLast);
      // spotless:off
      FloatVector x0 = broadcast(S, a[a0 + p]);
      c00 = x0.fma(b0, c00); c01 = x0.fma(b1, c01); c02 = x0.fma(b2, c02); c03 = x0.fma(b3, c03);
      FloatVector x1 = broadcast(S, a[a1 + p]);
      c10 = x1.fma(b0, c10); c11 = x1.fma(b1, c11); c12 = x1.fma(b2, c12); c13 = x1.fma(b3, c13);
      FloatVector x2 = broadcast(S, a[a2 + p]);
      c20 = x2.fma(b0, c20); c21 = x2.fma(b1, c21); c22 = x2.fma(b2, c22); c23 = x2.fma(b3, c23);
      FloatVector x3 = broadcast(S, a[a3 + p]);
      c30 = x3.fma(b0, c30); c31 = x3.fma(b1, c31); c32 = x3.fma(b2, c32); c33 = x3.fma(b3, c33);
      // spotless:on
    }
    // spotless:off
    int d0 = t.cOffset;
    c00.intoArray(c, d0); c01.intoArray(c, d0 + L); c02.intoArray(c, d0 + 2 * L); c03.intoArray(c, d0 + last);
    int d1 = t.cOffset + t.cRow;
    c10.intoArray(c, d1); c11.intoArray(c, d1 + L); c12.intoArray(c, d1 + 2 * L); c13.intoArray(c, d1 + last);
    int d2 = t.cOffset + 2 * t.cRow;
    c20.intoArray(c, d2); c21.intoArray(c, d2 + L); c22.intoArray(c, d2 + 2 * L); c23.intoArray(c, d2 + last);
    int d3 = t.cOffset + 3 * t.cRow;
    c30.intoArray(c, d3); c31.intoArray(c, d3 + L); c32.intoArray(c, d3 + 2 * L); c33.intoArray(c, d3 + last);
    // spotless:on
  }

  private static void oneRow(Tile t) {
    int k = t.k;
    float[] a = t.a;
    float[] b = t.b;
    float[] c = t.c;
    float[] start = t.start;
    int bOffset = t.bOffset;
    int bRow = t.bRow;
    int last = t.lastVector;
    int bLast = t.lastOfB;
    // spotless:off
    int s0 = t.startOffset;
    FloatVector c00 = fromArray(S, start, s0); FloatVector c01 = fromArray(S, start, s0 + L); FloatVector c02 = fromArray(S, start, s0 + 2 * L); FloatVector c03 = fromArray(S, start, s0 + last);
    int a0 = t.aOffset;
    // spotless:on
    for (int p = 0; p < k; p++) {
      int q = bOffset + p * bRow;
      FloatVector b0 = fromArray(S, b, q);
      FloatVector b1 = fromArray(S, b, q + L);
      FloatVector b2 = fromArray(S, b, q + 2 * L);
      FloatVector b3 = fromArray(S, b, q + bLast);
      // spotless:off
      FloatVector x0 = broadcast(S, a[a0 + p]);
      c00 = x0.fma(b0, c00); c01 = x0.fma(b1, c01); c02 = x0.fma(b2, c02); c03 = x0.fma(b3, c03);
      // spotless:on
    }
    // spotless:off
    int d0 = t.cOffset;
    c00.intoArray(c, d0); c01.intoArray(c, d0 + L); c02.intoArray(c, d0 + 2 * L); c03.intoArray(c, d0 + last);
    // spotless:on
  }
}
