package org.lanegrad.elementwise;

import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.simd.FloatLanes;
import org.lanegrad.simd.Simd;

/**
 * y = a·b; da = dy·b and db = dy·a: the swap multiplier.
 *
 * <p><b>Cost</b>: forward 12 bytes an element, backward 20 in one pass.
 */
public final class Multiply {
  private Multiply() {}

  /** y = a·b. */
  public static void forward(
      float[] a, int aFrom, float[] b, int bFrom, float[] y, int yFrom, int length) {
    TwoOperands.checkForward(a, aFrom, b, bFrom, y, yFrom, length);
    if (Simd.fills(length)) {
      Lanes.forward(a, aFrom, b, bFrom, y, yFrom, length);
      return;
    }
    for (int i = 0; i < length; i++) {
      y[yFrom + i] = a[aFrom + i] * b[bFrom + i];
    }
  }

  /** da = dy·b, db = dy·a. */
  public static void backward(
      float[] dy,
      int dyFrom,
      float[] a,
      int aFrom,
      float[] b,
      int bFrom,
      float[] da,
      int daFrom,
      float[] db,
      int dbFrom,
      int length) {
    TwoOperands.checkBackward(dy, dyFrom, a, aFrom, b, bFrom, da, daFrom, db, dbFrom, length);
    if (Simd.fills(length)) {
      TwoOperands.backward(
          Lanes::backward, dy, dyFrom, a, aFrom, b, bFrom, da, daFrom, db, dbFrom, length);
      return;
    }
    for (int i = 0; i < length; i++) {
      float up = dy[dyFrom + i];
      float swapped = up * b[bFrom + i];
      db[dbFrom + i] = up * a[aFrom + i];
      da[daFrom + i] = swapped;
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
          a0.mul(b0).intoArray(y, yFrom + i);
        }
      }
    }

    static void backward(
        float[] dy,
        int dyFrom,
        float[] a,
        int aFrom,
        float[] b,
        int bFrom,
        float[] da,
        int daFrom,
        float[] db,
        int dbFrom,
        int length) {
      int last = length - L;
      FloatVector lastDy = fromArray(S, dy, dyFrom + last);
      FloatVector lastA = fromArray(S, a, aFrom + last);
      FloatVector lastB = fromArray(S, b, bFrom + last);
      for (int pass = 0; pass < 2; pass++) {
        int start = pass == 0 ? 0 : last;
        int count = pass == 0 ? last : L;
        for (int j = 0; j < count; j += L) {
          int i = start + j;
          FloatVector dy0 = pass == 0 ? fromArray(S, dy, dyFrom + i) : lastDy;
          FloatVector a0 = pass == 0 ? fromArray(S, a, aFrom + i) : lastA;
          FloatVector b0 = pass == 0 ? fromArray(S, b, bFrom + i) : lastB;
          dy0.mul(b0).intoArray(da, daFrom + i);
          dy0.mul(a0).intoArray(db, dbFrom + i);
        }
      }
    }
  }
}
