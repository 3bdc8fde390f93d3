package org.lanegrad.bench.gate;

/** What a measurement says of a limit. */
public enum Verdict {
  /** Its interval lies within the limit. */
  WITHIN,
  /** The limit lies in its interval: this measurement can't tell. */
  UNDECIDED,
  /** Its interval lies above the limit. */
  ABOVE;

  /** Of one figure. */
  static Verdict of(Interval interval, double limit) {
    if (interval.high() <= limit) {
      return WITHIN;
    }
    return interval.low() > limit ? ABOVE : UNDECIDED;
  }

  /** The worse of two. */
  Verdict and(Verdict other) {
    return compareTo(other) >= 0 ? this : other;
  }
}
