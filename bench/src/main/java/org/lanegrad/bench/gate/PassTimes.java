package org.lanegrad.bench.gate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The times of both passes of an op, by size and round.
 *
 * @param forward nanoseconds a forward pass, {@code [size][round]}
 * @param backward nanoseconds a backward pass, likewise; a round of both is measured in turns
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record PassTimes(double[][] forward, double[][] backward) {
  int sizes() {
    return forward.length;
  }

  int rounds() {
    return forward[0].length;
  }

  /** Both measurements together. */
  PassTimes with(PassTimes more) {
    return new PassTimes(joined(forward, more.forward), joined(backward, more.backward));
  }

  private static double[][] joined(double[][] a, double[][] b) {
    List<double[]> all = new ArrayList<>();
    for (int s = 0; s < a.length; s++) {
      double[] rounds = Arrays.copyOf(a[s], a[s].length + b[s].length);
      System.arraycopy(b[s], 0, rounds, a[s].length, b[s].length);
      all.add(rounds);
    }
    return all.toArray(new double[0][]);
  }
}
