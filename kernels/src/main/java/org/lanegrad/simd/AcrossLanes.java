package org.lanegrad.simd;

import static jdk.incubator.vector.VectorOperators.GT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;

/**
 * The sum and the largest of a vector's lanes, by halves: lane i with lane i + L/2, and so on. The
 * order of {@code reduceLanes(ADD)} is not defined, and differs between machine code and
 * interpreter.
 *
 * <p>These are the only methods that take a vector from another class, and only for calls from a
 * loop over rows. Each has at most 35 bytes of bytecode, which C2 inlines there. It does not do so
 * at a call that its profile finds rare, under 0.85 % of the calls of the method around it; and a
 * profile that was made late has hardly seen what stands behind a method's last loop. There the sum
 * is spelled out, since the Vector API's own methods are always inlined (ADR 13).
 */
public final class AcrossLanes {
  private static final int L = FloatLanes.COUNT;

  private AcrossLanes() {}

  /** Σ lanes. */
  public static float sum(FloatVector lanes) {
    FloatVector s = sumOfQuarters(sumOfHalves(lanes));
    return s.lane(0) + s.lane(2) + (s.lane(1) + s.lane(3));
  }

  private static FloatVector sumOfHalves(FloatVector s) {
    return L > 8 ? s.add(s.rearrange(FloatLanes.ROTATED_8)) : s;
  }

  private static FloatVector sumOfQuarters(FloatVector s) {
    return L > 4 ? s.add(s.rearrange(FloatLanes.ROTATED_4)) : s;
  }

  /** The largest lane; where one is NaN, any of them. */
  public static float max(FloatVector lanes) {
    FloatVector s = largerOfQuarters(largerOfHalves(lanes));
    s = larger(s, FloatLanes.ROTATED_2);
    return larger(s, FloatLanes.ROTATED_1).lane(0);
  }

  private static FloatVector largerOfHalves(FloatVector s) {
    return L > 8 ? larger(s, FloatLanes.ROTATED_8) : s;
  }

  private static FloatVector largerOfQuarters(FloatVector s) {
    return L > 4 ? larger(s, FloatLanes.ROTATED_4) : s;
  }

  private static FloatVector larger(FloatVector s, VectorShuffle<Float> rotated) {
    FloatVector other = s.rearrange(rotated);
    return s.blend(other, other.compare(GT, s));
  }
}
