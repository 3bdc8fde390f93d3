package org.lanegrad.elementwise;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.check.Check;
import org.lanegrad.simd.FloatLanes;
import org.lanegrad.simd.Simd;

/**
 * y = a + b; da = dy and db = dy: the gradient distributor.
 *
 * <p><b>Cost</b>: 12 bytes an element each way.
 */
public final class Add {
  private Add() {}

  /** y = a + b. */
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
      y[yFrom + i] = a[aFrom + i] + b[bFrom + i];
    }
  }

  /** da = dy, db = dy. */
  public static void backward(
      float[] dy, int dyFrom, float[] da, int daFrom, float[] db, int dbFrom, int length) {
    Check.range("dy", dy, dyFrom, length);
    Check.range("da", da, daFrom, length);
    Check.range("db", db, dbFrom, length);
    Check.sameOrSeparate("da", da, daFrom, "dy", dy, dyFrom, length);
    Check.sameOrSeparate("db", db, dbFrom, "dy", dy, dyFrom, length);
    Check.separate("da", da, daFrom, "db", db, dbFrom, length);
    if (Simd.LANES) {
      Lanes.backward(dy, dyFrom, da, daFrom, db, dbFrom, length);
      return;
    }
    for (int i = 0; i < length; i++) {
      da[daFrom + i] = dy[dyFrom + i];
      db[dbFrom + i] = dy[dyFrom + i];
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
        a0.add(b0).intoArray(y, yFrom + i);
      }
      if (i < length) {
        VectorMask<Float> tail = S.indexInRange(i, length);
        FloatVector a0 = FloatVector.fromArray(S, a, aFrom + i, tail);
        FloatVector b0 = FloatVector.fromArray(S, b, bFrom + i, tail);
        a0.add(b0).intoArray(y, yFrom + i, tail);
      }
    }

    static void backward(
        float[] dy, int dyFrom, float[] da, int daFrom, float[] db, int dbFrom, int length) {
      int i = 0;
      for (int end = S.loopBound(length); i < end; i += L) {
        FloatVector dy0 = FloatVector.fromArray(S, dy, dyFrom + i);
        dy0.intoArray(da, daFrom + i);
        dy0.intoArray(db, dbFrom + i);
      }
      if (i < length) {
        VectorMask<Float> tail = S.indexInRange(i, length);
        FloatVector dy0 = FloatVector.fromArray(S, dy, dyFrom + i, tail);
        dy0.intoArray(da, daFrom + i, tail);
        dy0.intoArray(db, dbFrom + i, tail);
      }
    }
  }
}
