package org.lanegrad.verification.accuracy;

/**
 * The worst of a sweep.
 *
 * @param floats how many were looked at
 * @param ulps the largest error of a value, in units in the last place, wherever the exact value is
 *     a normal number and its bound is not an absolute one
 * @param ulpsAt where that is
 * @param tail the largest error where the bound is absolute
 * @param tiny the largest error of a value below the normal numbers, in units of 2^−149
 * @param slopeError the largest error of the derivative, in units of 2^−24 and, where it is more
 *     than 1, of the derivative
 * @param slopeErrorAt where that is
 * @param turns how often a value falls where the function rises, or the other way round
 * @param forwardRatio the largest error of a normal value over what is allowed; above 1 is a
 *     failure
 * @param backwardRatio the same of the derivative
 */
public record SweepResult(
    long floats,
    double ulps,
    float ulpsAt,
    double tail,
    double tiny,
    double slopeError,
    float slopeErrorAt,
    long turns,
    double forwardRatio,
    double backwardRatio) {
  static final SweepResult NONE = new SweepResult(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

  /** Both, the worse of each. */
  SweepResult worse(SweepResult other) {
    boolean mine = ulps >= other.ulps;
    boolean mySlope = slopeError >= other.slopeError;
    return new SweepResult(
        floats + other.floats,
        mine ? ulps : other.ulps,
        mine ? ulpsAt : other.ulpsAt,
        Math.max(tail, other.tail),
        Math.max(tiny, other.tiny),
        mySlope ? slopeError : other.slopeError,
        mySlope ? slopeErrorAt : other.slopeErrorAt,
        turns + other.turns,
        Math.max(forwardRatio, other.forwardRatio),
        Math.max(backwardRatio, other.backwardRatio));
  }
}
