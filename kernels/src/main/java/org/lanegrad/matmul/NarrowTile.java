package org.lanegrad.matmul;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.simd.FloatLanes;

/**
 * Register tiles two vectors wide, for CPUs with 16 vector registers (AVX2, or 128 bits).
 *
 * <p>4 × 2 takes 8 accumulators, 2 vectors of B and a broadcast of A: 11 of the 16 registers. More
 * than 9 accumulators make C2 spill, which halves the speed.
 */
final class NarrowTile {
  private static final VectorSpecies<Float> S = FloatLanes.SPECIES;

  private NarrowTile() {}

  /** Computes the tile; {@code rows} is one of 4, 1. */
  static void run(Tile tile, int rows) {
    switch (rows) {
      case 4 -> fourRows(tile);
      case 1 -> oneRow(tile);
      default -> throw new AssertionError("no tile of " + rows + " rows");
    }
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
    // spotless:off
    int s0 = t.startOffset;
    FloatVector c00 = fromArray(S, start, s0); FloatVector c01 = fromArray(S, start, s0 + last);
    int s1 = t.startOffset + t.startRow;
    FloatVector c10 = fromArray(S, start, s1); FloatVector c11 = fromArray(S, start, s1 + last);
    int s2 = t.startOffset + 2 * t.startRow;
    FloatVector c20 = fromArray(S, start, s2); FloatVector c21 = fromArray(S, start, s2 + last);
    int s3 = t.startOffset + 3 * t.startRow;
    FloatVector c30 = fromArray(S, start, s3); FloatVector c31 = fromArray(S, start, s3 + last);
    int a0 = t.aOffset;
    int a1 = t.aOffset + t.aRow;
    int a2 = t.aOffset + 2 * t.aRow;
    int a3 = t.aOffset + 3 * t.aRow;
    // spotless:on
    for (int p = 0; p < k; p++) {
      int q = bOffset + p * bRow;
      FloatVector b0 = fromArray(S, b, q);
      FloatVector b1 = fromArray(S, b, q + last);
      // spotless:off
      FloatVector x0 = broadcast(S, a[a0 + p]);
      c00 = x0.fma(b0, c00); c01 = x0.fma(b1, c01);
      FloatVector x1 = broadcast(S, a[a1 + p]);
      c10 = x1.fma(b0, c10); c11 = x1.fma(b1, c11);
      FloatVector x2 = broadcast(S, a[a2 + p]);
      c20 = x2.fma(b0, c20); c21 = x2.fma(b1, c21);
      FloatVector x3 = broadcast(S, a[a3 + p]);
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
    int bOffset = t.bOffset;
    int bRow = t.bRow;
    int last = t.lastVector;
    // spotless:off
    int s0 = t.startOffset;
    FloatVector c00 = fromArray(S, start, s0); FloatVector c01 = fromArray(S, start, s0 + last);
    int a0 = t.aOffset;
    // spotless:on
    for (int p = 0; p < k; p++) {
      int q = bOffset + p * bRow;
      FloatVector b0 = fromArray(S, b, q);
      FloatVector b1 = fromArray(S, b, q + last);
      // spotless:off
      FloatVector x0 = broadcast(S, a[a0 + p]);
      c00 = x0.fma(b0, c00); c01 = x0.fma(b1, c01);
      // spotless:on
    }
    // spotless:off
    int d0 = t.cOffset;
    c00.intoArray(c, d0); c01.intoArray(c, d0 + last);
    // spotless:on
  }
}
