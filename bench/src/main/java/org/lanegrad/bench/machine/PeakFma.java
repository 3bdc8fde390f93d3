package org.lanegrad.bench.machine;

import static jdk.incubator.vector.VectorOperators.ADD;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The FMA peak of one core: twelve independent chains of fused multiply-adds, more than latency ×
 * units of any core at hand, and nothing else.
 *
 * <p>The running sum is the addend: as a factor it would have to be copied before each FMA on a CPU
 * with 16 registers, since the instruction overwrites one of its operands, and the peak would read
 * 18 % low (Zen 3).
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
      c0 = x.fma(y, c0);
      c1 = x.fma(y, c1);
      c2 = x.fma(y, c2);
      c3 = x.fma(y, c3);
      c4 = x.fma(y, c4);
      c5 = x.fma(y, c5);
      c6 = x.fma(y, c6);
      c7 = x.fma(y, c7);
      c8 = x.fma(y, c8);
      c9 = x.fma(y, c9);
      c10 = x.fma(y, c10);
      c11 = x.fma(y, c11);
    }
    FloatVector sum = c0.add(c1).add(c2).add(c3).add(c4).add(c5);
    return sum.add(c6).add(c7).add(c8).add(c9).add(c10).add(c11).reduceLanes(ADD);
  }
}
