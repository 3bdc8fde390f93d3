package org.lanegrad.elementwise;

import org.lanegrad.check.Check;
import org.lanegrad.simd.Stores;

/** What the gates y = f(a, b) have in common: their checks, and how they store two gradients. */
final class TwoOperands {
  private TwoOperands() {}

  /** Throws unless y is a or b itself, or apart from them. */
  static void checkForward(
      float[] a, int aFrom, float[] b, int bFrom, float[] y, int yFrom, int length) {
    Check.range("a", a, aFrom, length);
    Check.range("b", b, bFrom, length);
    Check.range("y", y, yFrom, length);
    Check.sameOrSeparate("y", y, yFrom, "a", a, aFrom, length);
    Check.sameOrSeparate("y", y, yFrom, "b", b, bFrom, length);
  }

  /**
   * Throws unless da and db are apart, and each is one of the operands itself or apart from all.
   */
  static void checkBackward(
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
  }

  /** The vector loop of a backward pass. */
  interface Backward {
    void run(
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
        int length);
  }

  /** Runs the loop, block by block where that pays, see {@link Stores}. */
  static void backward(
      Backward loop,
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
    if (!Stores.fetched(length)) {
      loop.run(dy, dyFrom, a, aFrom, b, bFrom, da, daFrom, db, dbFrom, length);
      return;
    }
    // in place the loop's own loads fetch the lines
    boolean fetchesDa = da != dy && da != a && da != b;
    boolean fetchesDb = db != dy && db != a && db != b;
    for (int i = 0, count; i < length; i += count) {
      count = Stores.block(length - i);
      if (fetchesDa) {
        Stores.fetch(da, daFrom + i, count);
      }
      if (fetchesDb) {
        Stores.fetch(db, dbFrom + i, count);
      }
      loop.run(dy, dyFrom + i, a, aFrom + i, b, bFrom + i, da, daFrom + i, db, dbFrom + i, count);
    }
  }
}
