package org.lanegrad.bench.machine;

import static jdk.incubator.vector.VectorOperators.ADD;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The FMA peak of one core: twelve independent chains of fused multiply-adds, more than latency ×
 * units of any core at hand, and nothing else.
 */
public final class PeakFma {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int CHAINS = 12;
  private static final int STEPS = 20_000;

  private static float sink;

  private PeakFma() {}

  /** GFLOP/s, the best of many short runs: the peak is what a quiet moment reaches. */
  public static double gflops() {
    double best = 0;
    for (int i = 0; i < 300; i++) {
      long start = System.nanoTime();
      sink += chains(STEPS, 0.5f + Math.min(sink, 0), 0.25f);
      double flops = 2.0 * CHAINS * S.length() * STEPS;
      best = Math.max(best, flops / (System.nanoTime() - start));
    }
    return best;
  }

  private static float chains(int steps, float factor, float summand) {
    FloatVector x = FloatVector.broadcast(S, factor);
    FloatVector y = FloatVector.broadcast(S, summand);
    FloatVector c0 = x;
    FloatVector c1 = x;
    FloatVector c2 = x;
    FloatVector c3 = x;
    FloatVector c4 = x;
    FloatVector c5 = x;
    FloatVector c6 = x;
    FloatVector c7 = x;
    FloatVector c8 = x;
    FloatVector c9 = x;
    FloatVector c10 = x;
    FloatVector c11 = x;
    for (int i = 0; i < steps; i++) {
      c0 = c0.fma(x, y);
      c1 = c1.fma(x, y);
      c2 = c2.fma(x, y);
      c3 = c3.fma(x, y);
      c4 = c4.fma(x, y);
      c5 = c5.fma(x, y);
      c6 = c6.fma(x, y);
      c7 = c7.fma(x, y);
      c8 = c8.fma(x, y);
      c9 = c9.fma(x, y);
      c10 = c10.fma(x, y);
      c11 = c11.fma(x, y);
    }
    FloatVector sum = c0.add(c1).add(c2).add(c3).add(c4).add(c5);
    return sum.add(c6).add(c7).add(c8).add(c9).add(c10).add(c11).reduceLanes(ADD);
  }
}
