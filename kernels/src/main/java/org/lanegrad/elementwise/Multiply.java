package org.lanegrad.elementwise;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.check.Check;
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
    Check.range("a", a, aFrom, length);
    Check.range("b", b, bFrom, length);
    Check.range("y", y, yFrom, length);
    Check.sameOrSeparate("y", y, yFrom, "a", a, aFrom, length);
    Check.sameOrSeparate("y", y, yFrom, "b", b, bFrom, length);
    if (Simd.LANES) {
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
    Check.range("dy", dy, dyFrom, length);
    Check.range("a", a, aFrom, length);
    Check.range("b", b, bFrom, length);
    Check.range("da", da, daFrom, length);
    Check.range("db", db, dbFrom, length);
    Check.sameOrSeparate("da", da, daFrom, "dy", dy, dyFrom, length);
    Check.sameOrSeparate("da", da, daFrom, "a", a, aFrom, length);
    Check.sameOrSeparate("da", da, daFrom, "b", b, bFrom, length);
    Check.sameOrSeparate("db", db, dbFrom, "dy", dy, dyFrom, length);
    Check.sameOrSeparate("db", db, dbFrom, "a", a, aFrom, length);
    Check.sameOrSeparate("db", db, dbFrom, "b", b, bFrom, length);
    Check.separate("da", da, daFrom, "db", db, dbFrom, length);
    if (Simd.LANES) {
      Lanes.backward(dy, dyFrom, a, aFrom, b, bFrom, da, daFrom, db, dbFrom, length);
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
      int i = 0;
      for (int end = S.loopBound(length); i < end; i += L) {
        FloatVector a0 = FloatVector.fromArray(S, a, aFrom + i);
        FloatVector b0 = FloatVector.fromArray(S, b, bFrom + i);
        a0.mul(b0).intoArray(y, yFrom + i);
      }
      if (i < length) {
        VectorMask<Float> tail = S.indexInRange(i, length);
        FloatVector a0 = FloatVector.fromArray(S, a, aFrom + i, tail);
        FloatVector b0 = FloatVector.fromArray(S, b, bFrom + i, tail);
        a0.mul(b0).intoArray(y, yFrom + i, tail);
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
      int i = 0;
      for (int end = S.loopBound(length); i < end; i += L) {
        FloatVector dy0 = FloatVector.fromArray(S, dy, dyFrom + i);
        FloatVector a0 = FloatVector.fromArray(S, a, aFrom + i);
        FloatVector b0 = FloatVector.fromArray(S, b, bFrom + i);
        dy0.mul(b0).intoArray(da, daFrom + i);
        dy0.mul(a0).intoArray(db, dbFrom + i);
      }
      if (i < length) {
        VectorMask<Float> tail = S.indexInRange(i, length);
        FloatVector dy0 = FloatVector.fromArray(S, dy, dyFrom + i, tail);
        FloatVector a0 = FloatVector.fromArray(S, a, aFrom + i, tail);
        FloatVector b0 = FloatVector.fromArray(S, b, bFrom + i, tail);
        dy0.mul(b0).intoArray(da, daFrom + i, tail);
        dy0.mul(a0).intoArray(db, dbFrom + i, tail);
      }
    }
  }
}
