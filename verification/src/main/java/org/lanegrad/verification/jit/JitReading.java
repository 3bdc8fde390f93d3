package org.lanegrad.verification.jit;

import java.util.Locale;
import java.util.Optional;

/**
 * What a probe measured of one case at one size.
 *
 * @param name the case
 * @param size the size, or the change of sizes that was tried
 * @param bytes what a call allocates in steady state
 * @param nanos nanoseconds an element in steady state
 * @param firstNanos nanoseconds an element in the first moments after a change; 0 where there was
 *     none
 * @param where what was allocated and where, "" if nothing was
 */
record JitReading(
    String name, String size, long bytes, double nanos, double firstNanos, String where) {
  private static final String MARK = "jit";

  /** One line of the probe's output. */
  String line() {
    return String.format(
        Locale.ROOT,
        "%s\t%s\t%s\t%d\t%.6g\t%.6g\t%s",
        MARK,
        name,
        size,
        bytes,
        nanos,
        firstNanos,
        where);
  }

  /** The reading in a line of output, if it holds one. */
  static Optional<JitReading> parse(String line) {
    String[] cells = line.split("\t", -1);
    if (cells.length != 7 || !cells[0].equals(MARK)) {
      return Optional.empty();
    }
    return Optional.of(
        new JitReading(
            cells[1],
            cells[2],
            Long.parseLong(cells[3]),
            Double.parseDouble(cells[4]),
            Double.parseDouble(cells[5]),
            cells[6]));
  }

  /** What readings of several JVMs are compared by. */
  String key() {
    return name + ", " + size;
  }
}
