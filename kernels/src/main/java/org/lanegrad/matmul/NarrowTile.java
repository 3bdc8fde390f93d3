package org.lanegrad.matmul;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;

import java.lang.invoke.VarHandle;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.simd.FloatLanes;
import org.lanegrad.simd.Simd;

/**
 * Register tiles two vectors wide, for CPUs with 16 vector registers (AVX2, or 128 bits).
 *
 * <p>6 × 2 takes 12 accumulators, 2 vectors of B and a broadcast of A: 15 of the 16 registers. Both
 * operands are packed, so that all distances are constants: with a variable one C2 keeps range
 * checks and a multiplication for each k, and the loop is bound by the number of its instructions
 * (measured on a Zen 3: 51 to 74 % of the FMA peak with 4 × 2 and operands in place, 96 % with 6 ×
 * 2 and constants). Five and four rows for what is left over, and one for a last odd row.
 */
final class NarrowTile {
  private static final VectorSpecies<Float> S = FloatLanes.SPECIES;
  private static final int L = FloatLanes.COUNT;
  private static final int COLUMNS = 2 * L;
  private static final int A_ROW = Blocking.A_ROW;

  /** AArch64 has registers to spare, and a fence there is an instruction. */
  private static final boolean FENCES = Simd.jvm().isX86();

  private NarrowTile() {}

  /** Computes the tile; {@code rows} is one of 6, 5, 4, 1. */
  static void run(Tile tile, int rows) {
    switch (rows) {
      case 6 -> sixRows(tile);
      case 5 -> fiveRows(tile);
      case 4 -> fourRows(tile);
      case 1 -> oneRow(tile);
      default -> throw new AssertionError("no tile of " + rows + " rows");
    }
  }

  /**
   * Keeps C2 from loading the broadcasts of several rows ahead: a 17th live vector is spilled,
   * which halves the speed. On x86 it is no instruction.
   */
  private static void fence() {
    if (FENCES) {
      VarHandle.storeStoreFence();
    }
  }

  private static void sixRows(Tile t) {
    int k = t.k;
    float[] a = t.a;
    float[] b = t.b;
    float[] c = t.c;
    float[] start = t.start;
    int aOffset = t.aOffset;
    int bOffset = t.bOffset;
    int last = t.lastVector;
    // spotless:off
    int s0 = t.startOffset;
    FloatVector c00 = fromArray(S, start, s0); FloatVector c01 = fromArray(S, start, s0 + last);
    int s1 = t.startOffset + t.startRow;
    FloatVector c10 = fromArray(S, start, s1); FloatVector c11 = fromArray(S, start, s1 + last);
    int s2 = t.startOffset + 2 * t.startRow;
    FloatVector c20 = fromArray(S, start, s2); FloatVector c21 = fromArray(S, start, s2 + last);
    int s3 = t.startOffset + 3 * t.startRow;
    FloatVector c30 = fromArray(S, start, s3); FloatVector c31 = fromArray(S, start, s3 + last);
    int s4 = t.startOffset + 4 * t.startRow;
    FloatVector c40 = fromArray(S, start, s4); FloatVector c41 = fromArray(S, start, s4 + last);
    int s5 = t.startOffset + 5 * t.startRow;
    FloatVector c50 = fromArray(S, start, s5); FloatVector c51 = fromArray(S, start, s5 + last);
    // spotless:on
    for (int p = 0; p < k; p++) {
      int q = bOffset + p * COLUMNS;
      FloatVector b0 = fromArray(S, b, q);
      FloatVector b1 = fromArray(S, b, q + L);
      // spotless:off
      FloatVector x0 = broadcast(S, a[aOffset + p]);
      c00 = x0.fma(b0, c00); c01 = x0.fma(b1, c01); fence();
      FloatVector x1 = broadcast(S, a[aOffset + p + A_ROW]);
      c10 = x1.fma(b0, c10); c11 = x1.fma(b1, c11); fence();
      FloatVector x2 = broadcast(S, a[aOffset + p + 2 * A_ROW]);
      c20 = x2.fma(b0, c20); c21 = x2.fma(b1, c21); fence();
      FloatVector x3 = broadcast(S, a[aOffset + p + 3 * A_ROW]);
      c30 = x3.fma(b0, c30); c31 = x3.fma(b1, c31); fence();
      FloatVector x4 = broadcast(S, a[aOffset + p + 4 * A_ROW]);
      c40 = x4.fma(b0, c40); c41 = x4.fma(b1, c41); fence();
      FloatVector x5 = broadcast(S, a[aOffset + p + 5 * A_ROW]);
      c50 = x5.fma(b0, c50); c51 = x5.fma(b1, c51);
      // spotless:on
    }
    // spotless:off
    int d0 = t.cOffset;
    c00.intoArray(c, d0); c01.intoArray(c, d0 + last);
    int d1 = t.cOffset + t.cRow;
    c10.intoArray(c, d1); c11.intoArray(c, d1 + last);
    int d2 = t.cOffset + 2 * t.cRow;
    c20.intoArray(c, d2); c21.intoArray(c, d2 + last);
    int d3 = t.cOffset + 3 * t.cRow;
    c30.intoArray(c, d3); c31.intoArray(c, d3 + last);
    int d4 = t.cOffset + 4 * t.cRow;
    c40.intoArray(c, d4); c41.intoArray(c, d4 + last);
    int d5 = t.cOffset + 5 * t.cRow;
    c50.intoArray(c, d5); c51.intoArray(c, d5 + last);
    // spotless:on
  }

  /** Six rows with B in place, which they leave in a panel for the rows that follow. */
  static void sixRowsPacking(Tile t) {
    int k = t.k;
    float[] a = t.a;
    float[] b = t.b;
    float[] c = t.c;
    float[] start = t.start;
    int aOffset = t.aOffset;
    int bOffset = t.bOffset;
    int bRow = t.bRow;
    float[] panel = t.panel;
    int panelOffset = t.panelOffset;
    int last = t.lastVector;
    // spotless:off
    int s0 = t.startOffset;
    FloatVector c00 = fromArray(S, start, s0); FloatVector c01 = fromArray(S, start, s0 + last);
    int s1 = t.startOffset + t.startRow;
    FloatVector c10 = fromArray(S, start, s1); FloatVector c11 = fromArray(S, start, s1 + last);
    int s2 = t.startOffset + 2 * t.startRow;
    FloatVector c20 = fromArray(S, start, s2); FloatVector c21 = fromArray(S, start, s2 + last);
    int s3 = t.startOffset + 3 * t.startRow;
    FloatVector c30 = fromArray(S, start, s3); FloatVector c31 = fromArray(S, start, s3 + last);
    int s4 = t.startOffset + 4 * t.startRow;
    FloatVector c40 = fromArray(S, start, s4); FloatVector c41 = fromArray(S, start, s4 + last);
    int s5 = t.startOffset + 5 * t.startRow;
    FloatVector c50 = fromArray(S, start, s5); FloatVector c51 = fromArray(S, start, s5 + last);
    // spotless:on
    for (int p = 0; p < k; p++) {
      int q = bOffset + p * bRow;
      FloatVector b0 = fromArray(S, b, q);
      FloatVector b1 = fromArray(S, b, q + last);
      int r = panelOffset + p * COLUMNS;
      b0.intoArray(panel, r);
      b1.intoArray(panel, r + L);
      // spotless:off
      FloatVector x0 = broadcast(S, a[aOffset + p]);
      c00 = x0.fma(b0, c00); c01 = x0.fma(b1, c01); fence();
      FloatVector x1 = broadcast(S, a[aOffset + p + A_ROW]);
      c10 = x1.fma(b0, c10); c11 = x1.fma(b1, c11); fence();
      FloatVector x2 = broadcast(S, a[aOffset + p + 2 * A_ROW]);
      c20 = x2.fma(b0, c20); c21 = x2.fma(b1, c21); fence();
      FloatVector x3 = broadcast(S, a[aOffset + p + 3 * A_ROW]);
      c30 = x3.fma(b0, c30); c31 = x3.fma(b1, c31); fence();
      FloatVector x4 = broadcast(S, a[aOffset + p + 4 * A_ROW]);
      c40 = x4.fma(b0, c40); c41 = x4.fma(b1, c41); fence();
      FloatVector x5 = broadcast(S, a[aOffset + p + 5 * A_ROW]);
      c50 = x5.fma(b0, c50); c51 = x5.fma(b1, c51);
      // spotless:on
    }
    // spotless:off
    int d0 = t.cOffset;
    c00.intoArray(c, d0); c01.intoArray(c, d0 + last);
    int d1 = t.cOffset + t.cRow;
    c10.intoArray(c, d1); c11.intoArray(c, d1 + last);
    int d2 = t.cOffset + 2 * t.cRow;
    c20.intoArray(c, d2); c21.intoArray(c, d2 + last);
    int d3 = t.cOffset + 3 * t.cRow;
    c30.intoArray(c, d3); c31.intoArray(c, d3 + last);
    int d4 = t.cOffset + 4 * t.cRow;
    c40.intoArray(c, d4); c41.intoArray(c, d4 + last);
    int d5 = t.cOffset + 5 * t.cRow;
    c50.intoArray(c, d5); c51.intoArray(c, d5 + last);
    // spotless:on
  }

  private static void fiveRows(Tile t) {
    int k = t.k;
    float[] a = t.a;
    float[] b = t.b;
    float[] c = t.c;
    float[] start = t.start;
    int aOffset = t.aOffset;
    int bOffset = t.bOffset;
    int last = t.lastVector;
    // spotless:off
    int s0 = t.startOffset;
    FloatVector c00 = fromArray(S, start, s0); FloatVector c01 = fromArray(S, start, s0 + last);
    int s1 = t.startOffset + t.startRow;
    FloatVector c10 = fromArray(S, start, s1); FloatVector c11 = fromArray(S, start, s1 + last);
    int s2 = t.startOffset + 2 * t.startRow;
    FloatVector c20 = fromArray(S, start, s2); FloatVector c21 = fromArray(S, start, s2 + last);
    int s3 = t.startOffset + 3 * t.startRow;
    FloatVector c30 = fromArray(S, start, s3); FloatVector c31 = fromArray(S, start, s3 + last);
    int s4 = t.startOffset + 4 * t.startRow;
    FloatVector c40 = fromArray(S, start, s4); FloatVector c41 = fromArray(S, start, s4 + last);
    // spotless:on
    for (int p = 0; p < k; p++) {
      int q = bOffset + p * COLUMNS;
      FloatVector b0 = fromArray(S, b, q);
      FloatVector b1 = fromArray(S, b, q + L);
      // spotless:off
      FloatVector x0 = broadcast(S, a[aOffset + p]);
      c00 = x0.fma(b0, c00); c01 = x0.fma(b1, c01); fence();
      FloatVector x1 = broadcast(S, a[aOffset + p + A_ROW]);
      c10 = x1.fma(b0, c10); c11 = x1.fma(b1, c11); fence();
      FloatVector x2 = broadcast(S, a[aOffset + p + 2 * A_ROW]);
      c20 = x2.fma(b0, c20); c21 = x2.fma(b1, c21); fence();
      FloatVector x3 = broadcast(S, a[aOffset + p + 3 * A_ROW]);
      c30 = x3.fma(b0, c30); c31 = x3.fma(b1, c31); fence();
      FloatVector x4 = broadcast(S, a[aOffset + p + 4 * A_ROW]);
      c40 = x4.fma(b0, c40); c41 = x4.fma(b1, c41);
      // spotless:on
    }
    // spotless:off
    int d0 = t.cOffset;
    c00.intoArray(c, d0); c01.intoArray(c, d0 + last);
    int d1 = t.cOffset + t.cRow;
    c10.intoArray(c, d1); c11.intoArray(c, d1 + last);
    int d2 = t.cOffset + 2 * t.cRow;
    c20.intoArray(c, d2); c21.intoArray(c, d2 + last);
    int d3 = t.cOffset + 3 * t.cRow;
    c30.intoArray(c, d3); c31.intoArray(c, d3 + last);
    int d4 = t.cOffset + 4 * t.cRow;
    c40.intoArray(c, d4); c41.intoArray(c, d4 + last);
    // spotless:on
  }

  private static void fourRows(Tile t) {
    int k = t.k;
    float[] a = t.a;
    float[] b = t.b;
    float[] c = t.c;
    float[] start = t.start;
    int aOffset = t.aOffset;
    int bOffset = t.bOffset;
    int last = t.lastVector;
    // spotless:off
    int s0 = t.startOffset;
    FloatVector c00 = fromArray(S, start, s0); FloatVector c01 = fromArray(S, start, s0 + last);
    int s1 = t.startOffset + t.startRow;
    FloatVector c10 = fromArray(S, start, s1); FloatVector c11 = fromArray(S, start, s1 + last);
    int s2 = t.startOffset + 2 * t.startRow;
    FloatVector c20 = fromArray(S, start, s2); FloatVector c21 = fromArray(S, start, s2 + last);
    int s3 = t.startOffset + 3 * t.startRow;
    FloatVector c30 = fromArray(S, start, s3); FloatVector c31 = fromArray(S, start, s3 + last);
    // spotless:on
    for (int p = 0; p < k; p++) {
      int q = bOffset + p * COLUMNS;
      FloatVector b0 = fromArray(S, b, q);
      FloatVector b1 = fromArray(S, b, q + L);
      // spotless:off
      FloatVector x0 = broadcast(S, a[aOffset + p]);
      c00 = x0.fma(b0, c00); c01 = x0.fma(b1, c01); fence();
      FloatVector x1 = broadcast(S, a[aOffset + p + A_ROW]);
      c10 = x1.fma(b0, c10); c11 = x1.fma(b1, c11); fence();
      FloatVector x2 = broadcast(S, a[aOffset + p + 2 * A_ROW]);
      c20 = x2.fma(b0, c20); c21 = x2.fma(b1, c21); fence();
      FloatVector x3 = broadcast(S, a[aOffset + p + 3 * A_ROW]);
      c30 = x3.fma(b0, c30); c31 = x3.fma(b1, c31);
      // spotless:on
    }
    // spotless:off
    int d0 = t.cOffset;
    c00.intoArray(c, d0); c01.intoArray(c, d0 + last);
    int d1 = t.cOffset + t.cRow;
    c10.intoArray(c, d1); c11.intoArray(c, d1 + last);
    int d2 = t.cOffset + 2 * t.cRow;
    c20.intoArray(c, d2); c21.intoArray(c, d2 + last);
    int d3 = t.cOffset + 3 * t.cRow;
    c30.intoArray(c, d3); c31.intoArray(c, d3 + last);
    // spotless:on
  }

  private static void oneRow(Tile t) {
    int k = t.k;
    float[] a = t.a;
    float[] b = t.b;
    float[] c = t.c;
    float[] start = t.start;
    int aOffset = t.aOffset;
    int bOffset = t.bOffset;
    int last = t.lastVector;
    // spotless:off
    int s0 = t.startOffset;
    FloatVector c00 = fromArray(S, start, s0); FloatVector c01 = fromArray(S, start, s0 + last);
    // spotless:on
    for (int p = 0; p < k; p++) {
      int q = bOffset + p * COLUMNS;
      FloatVector b0 = fromArray(S, b, q);
      FloatVector b1 = fromArray(S, b, q + L);
      // spotless:off
      FloatVector x0 = broadcast(S, a[aOffset + p]);
      c00 = x0.fma(b0, c00); c01 = x0.fma(b1, c01);
      // spotless:on
    }
    // spotless:off
    int d0 = t.cOffset;
    c00.intoArray(c, d0); c01.intoArray(c, d0 + last);
    // spotless:on
  }
}
