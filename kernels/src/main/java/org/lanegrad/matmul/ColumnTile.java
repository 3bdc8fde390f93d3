package org.lanegrad.matmul;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.simd.FloatLanes;

/**
 * Register tiles one vector wide, for the last columns and for narrow matrices (a head of ten
 * classes), where a wider tile would mostly multiply columns that are not there.
 */
final class ColumnTile {
  private static final VectorSpecies<Float> S = FloatLanes.SPECIES;

  private ColumnTile() {}

  /** Computes the tile; {@code rows} is one of 6, 4, 1. */
  static void run(Tile tile, int rows) {
    switch (rows) {
      case 6 -> sixRows(tile);
      case 4 -> fourRows(tile);
      case 1 -> oneRow(tile);
      default -> throw new AssertionError("no tile of " + rows + " rows");
    }
  }

  private static void sixRows(Tile t) {
    int k = t.k;
    float[] a = t.a;
    float[] b = t.b;
    float[] c = t.c;
    float[] start = t.start;
    int bOffset = t.bOffset;
    int bRow = t.bRow;
    // spotless:off
    FloatVector c0 = fromArray(S, start, t.startOffset);
    FloatVector c1 = fromArray(S, start, t.startOffset + t.startRow);
    FloatVector c2 = fromArray(S, start, t.startOffset + 2 * t.startRow);
    FloatVector c3 = fromArray(S, start, t.startOffset + 3 * t.startRow);
    FloatVector c4 = fromArray(S, start, t.startOffset + 4 * t.startRow);
    FloatVector c5 = fromArray(S, start, t.startOffset + 5 * t.startRow);
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
      // spotless:off
      FloatVector x0 = broadcast(S, a[a0 + p]);
      c0 = x0.fma(b0, c0);
      FloatVector x1 = broadcast(S, a[a1 + p]);
      c1 = x1.fma(b0, c1);
      FloatVector x2 = broadcast(S, a[a2 + p]);
      c2 = x2.fma(b0, c2);
      FloatVector x3 = broadcast(S, a[a3 + p]);
      c3 = x3.fma(b0, c3);
      FloatVector x4 = broadcast(S, a[a4 + p]);
      c4 = x4.fma(b0, c4);
      FloatVector x5 = broadcast(S, a[a5 + p]);
      c5 = x5.fma(b0, c5);
      // spotless:on
    }
    // spotless:off
    c0.intoArray(c, t.cOffset);
    c1.intoArray(c, t.cOffset + t.cRow);
    c2.intoArray(c, t.cOffset + 2 * t.cRow);
    c3.intoArray(c, t.cOffset + 3 * t.cRow);
    c4.intoArray(c, t.cOffset + 4 * t.cRow);
    c5.intoArray(c, t.cOffset + 5 * t.cRow);
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
    // spotless:off
    FloatVector c0 = fromArray(S, start, t.startOffset);
    FloatVector c1 = fromArray(S, start, t.startOffset + t.startRow);
    FloatVector c2 = fromArray(S, start, t.startOffset + 2 * t.startRow);
    FloatVector c3 = fromArray(S, start, t.startOffset + 3 * t.startRow);
    int a0 = t.aOffset;
    int a1 = t.aOffset + t.aRow;
    int a2 = t.aOffset + 2 * t.aRow;
    int a3 = t.aOffset + 3 * t.aRow;
    // spotless:on
    for (int p = 0; p < k; p++) {
      int q = bOffset + p * bRow;
      FloatVector b0 = fromArray(S, b, q);
      // spotless:off
      FloatVector x0 = broadcast(S, a[a0 + p]);
      c0 = x0.fma(b0, c0);
      FloatVector x1 = broadcast(S, a[a1 + p]);
      c1 = x1.fma(b0, c1);
      FloatVector x2 = broadcast(S, a[a2 + p]);
      c2 = x2.fma(b0, c2);
      FloatVector x3 = broadcast(S, a[a3 + p]);
      c3 = x3.fma(b0, c3);
      // spotless:on
    }
    // spotless:off
    c0.intoArray(c, t.cOffset);
    c1.intoArray(c, t.cOffset + t.cRow);
    c2.intoArray(c, t.cOffset + 2 * t.cRow);
    c3.intoArray(c, t.cOffset + 3 * t.cRow);
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
    // spotless:off
    FloatVector c0 = fromArray(S, start, t.startOffset);
    int a0 = t.aOffset;
    // spotless:on
    for (int p = 0; p < k; p++) {
      int q = bOffset + p * bRow;
      FloatVector b0 = fromArray(S, b, q);
      // spotless:off
      FloatVector x0 = broadcast(S, a[a0 + p]);
      c0 = x0.fma(b0, c0);
      // spotless:on
    }
    // spotless:off
    c0.intoArray(c, t.cOffset);
    // spotless:on
  }
}
