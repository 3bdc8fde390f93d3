package org.lanegrad.elementwise;

import org.lanegrad.check.Check;

/** What the gates y = f(a, b) ask of their arguments. */
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
}
