package org.lanegrad.verification.gradcheck;

import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.lanegrad.verification.gradcheck.Probe.Reading;

/** What a wrong gradient looks like: the faults that backward passes usually have. */
final class Suspicion {
  /** How closely a pattern has to fit. */
  private static final double CLOSE = 0.02;

  private final double[] gradient;
  private final int rows;
  private final int columns;

  /** Counts that a mean or a sum could have divided by or forgotten. */
  private final Collection<Integer> counts;

  /** What was measured, by index. */
  private final Map<Integer, Reading> readings;

  private final Map<Integer, Reading> wrong = new TreeMap<>();

  Suspicion(
      double[] gradient,
      int rows,
      int columns,
      Collection<Integer> counts,
      Map<Integer, Reading> readings) {
    this.gradient = gradient;
    this.rows = rows;
    this.columns = columns;
    this.counts = counts;
    this.readings = readings;
    readings.forEach(
        (index, reading) -> {
          if (!reading.passes()) {
            wrong.put(index, reading);
          }
        });
  }

  /** A few words; empty if nothing fits. */
  String text() {
    if (wrong.isEmpty()) {
      return "";
    }
    String ratio = ratio();
    if (!ratio.isEmpty()) {
      return ratio;
    }
    if (wrong.values().stream().allMatch(r -> r.analytic() == 0)) {
      return zero();
    }
    if (wrong.size() > 1 && rows > 1 && columns > 1 && fits(this::transposed)) {
      return "transposed";
    }
    if (wrong.size() > 1 && fits(i -> i + 1 < gradient.length ? gradient[i + 1] : Double.NaN)
        || wrong.size() > 1 && fits(i -> i > 0 ? gradient[i - 1] : Double.NaN)) {
      return "shifted by one element";
    }
    return isInverted()
        ? "masked the wrong way round: 0 where a gradient flows, and one elsewhere"
        : "";
  }

  private double transposed(int index) {
    return gradient[index % columns * rows + index / columns];
  }

  private interface Elsewhere {
    double at(int index);
  }

  /** Whether the measured slopes are the gradients of other elements, by a rule, all of them. */
  private boolean fits(Elsewhere rule) {
    int fitting = 0;
    for (Map.Entry<Integer, Reading> entry : readings.entrySet()) {
      double other = rule.at(entry.getKey());
      if (!Double.isNaN(other)) {
        Reading r = entry.getValue();
        double error = Math.abs(other - r.numeric());
        if (error > 2 * r.allowed() + CLOSE * Math.abs(r.numeric())) {
          return false;
        }
        fitting++;
      }
    }
    return fitting > 1;
  }

  /** One factor for all that are wrong. */
  private String ratio() {
    double factor = Double.NaN;
    int usable = 0;
    for (Reading r : wrong.values()) {
      if (Math.abs(r.numeric()) <= 20 * r.allowed()) {
        continue; // too small to tell
      }
      double own = r.analytic() / r.numeric();
      factor = usable == 0 ? own : factor;
      if (!(Math.abs(own - factor) <= CLOSE * Math.abs(factor)) || factor == 0) {
        return "";
      }
      usable++;
    }
    // one element among right ones has some factor, whatever is wrong with it
    if (usable == 0 || usable == 1 && readings.size() > 1) {
      return "";
    }
    if (is(factor, -1)) {
      return "to have the wrong sign";
    }
    int nearest = nearest(Math.max(factor, 1 / factor));
    if (nearest > 2 && is(factor, nearest)) {
      return "to be a sum where a mean is meant, or accumulated: " + nearest + " times as large";
    }
    if (nearest > 2 && is(factor, 1.0 / nearest)) {
      return "to be a mean where a sum is meant: " + nearest + " times as small";
    }
    if (is(factor, 2) || is(factor, 0.5)) {
      return String.format(
          Locale.ROOT, "to have a factor 2 %s", factor > 1 ? "too many" : "too few");
    }
    return String.format(Locale.ROOT, "to be %.4g times what it should be", factor);
  }

  /** Of the counts the one that a factor is closest to; 0 if there are none. */
  private int nearest(double factor) {
    return counts.stream()
        .min((a, b) -> Double.compare(Math.abs(a - factor), Math.abs(b - factor)))
        .orElse(0);
  }

  private static boolean is(double factor, double value) {
    return Math.abs(factor - value) <= CLOSE * Math.abs(value);
  }

  private String zero() {
    int first = wrong.keySet().iterator().next();
    boolean isTail =
        first > 0
            && readings.entrySet().stream()
                .allMatch(e -> e.getKey() < first || isZeroOrWrong(e.getKey()));
    if (!isTail) {
      return wrong.size() == readings.size() ? "to be zero everywhere" : "to be zero in places";
    }
    boolean isWholeRow = first == (rows - 1) * columns && readings.size() == gradient.length;
    if (rows > 1 && isWholeRow) {
      return "as if the last row were lost";
    }
    return String.format(Locale.ROOT, "as if the tail were not written, from element %d on", first);
  }

  private boolean isZeroOrWrong(int index) {
    return wrong.containsKey(index) || readings.get(index).numeric() == 0;
  }

  private boolean isInverted() {
    int lost = 0;
    int gained = 0;
    for (Reading r : readings.values()) {
      boolean flows = Math.abs(r.numeric()) > 2 * r.allowed();
      boolean claimed = Math.abs(r.analytic()) > 2 * r.allowed();
      lost += flows && !claimed ? 1 : 0;
      gained += !flows && claimed ? 1 : 0;
      if (flows == claimed && flows) {
        return false;
      }
    }
    return lost > 0 && gained > 0;
  }
}
