package org.lanegrad.elementwise;

import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.check.Check;
import org.lanegrad.simd.FloatLanes;
import org.lanegrad.simd.Simd;
import org.lanegrad.simd.Stores;

/**
 * y = a − b; da = dy and db = −dy.
 *
 * <p><b>Cost</b>: 12 bytes an element each way.
 */
public final class Subtract {
  private Subtract() {}

  /** y = a − b. */
  public static void forward(
      float[] a, int aFrom, float[] b, int bFrom, float[] y, int yFrom, int length) {
    TwoOperands.checkForward(a, aFrom, b, bFrom, y, yFrom, length);
    if (Simd.fills(length)) {
      Lanes.forward(a, aFrom, b, bFrom, y, yFrom, length);
      return;
    }
    for (int i = 0; i < length; i++) {
      y[yFrom + i] = a[aFrom + i] - b[bFrom + i];
    }
  }

  /** da = dy, db = −dy. */
  public static void backward(
      float[] dy, int dyFrom, float[] da, int daFrom, float[] db, int dbFrom, int length) {
    Check.range("dy", dy, dyFrom, length);
    Check.range("da", da, daFrom, length);
    Check.range("db", db, dbFrom, length);
    Check.sameOrSeparate("da", da, daFrom, "dy", dy, dyFrom, length);
    Check.sameOrSeparate("db", db, dbFrom, "dy", dy, dyFrom, length);
    Check.separate("da", da, daFrom, "db", db, dbFrom, length);
    for (int i = 0, count; i < length; i += count) {
      count = Stores.block(length - i);
      System.arraycopy(dy, dyFrom + i, da, daFrom + i, count);
      Affine.forward(-1f, -0f, dy, dyFrom + i, db, dbFrom + i, count);
    }
  }

  private static final class Lanes {
    private static final VectorSpecies<Float> S = FloatLanes.SPECIES;
    private static final int L = FloatLanes.COUNT;

    static void forward(
        float[] a, int aFrom, float[] b, int bFrom, float[] y, int yFrom, int length) {
      int last = length - L;
      FloatVector lastA = fromArray(S, a, aFrom + last);
      FloatVector lastB = fromArray(S, b, bFrom + last);
      for (int pass = 0; pass < 2; pass++) {
        int start = pass == 0 ? 0 : last;
        int count = pass == 0 ? last : L;
        for (int j = 0; j < count; j += L) {
          int i = start + j;
          FloatVector a0 = pass == 0 ? fromArray(S, a, aFrom + i) : lastA;
          FloatVector b0 = pass == 0 ? fromArray(S, b, bFrom + i) : lastB;
          a0.sub(b0).intoArray(y, yFrom + i);
        }
      }
    }
  }
}
