package org.lanegrad.bench.gate;

import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import org.apache.commons.math3.stat.descriptive.rank.Percentile;

/**
 * A statistic with its bootstrapped 95 % confidence interval.
 *
 * @param value the statistic of the sample
 * @param low the 2.5th percentile of the statistic over resamples
 * @param high the 97.5th percentile
 */
public record Interval(double value, double low, double high) {
  private static final int RESAMPLES = 1000;

  /**
   * Resamples rounds with replacement (B. Efron, 1979).
   *
   * @param rounds how many rounds were measured
   * @param statistic the statistic of a choice of rounds, given by their indices
   */
  static Interval bootstrap(int rounds, ToDoubleFunction<int[]> statistic) {
    int[] all = new int[rounds];
    for (int i = 0; i < rounds; i++) {
      all[i] = i;
    }
    SplittableRandom random = new SplittableRandom(1979);
    double[] resampled = new double[RESAMPLES];
    int[] choice = new int[rounds];
    for (int r = 0; r < RESAMPLES; r++) {
      for (int i = 0; i < rounds; i++) {
        choice[i] = random.nextInt(rounds);
      }
      resampled[r] = statistic.applyAsDouble(choice);
    }
    Percentile percentile = new Percentile();
    percentile.setData(resampled);
    return new Interval(
        statistic.applyAsDouble(all), percentile.evaluate(2.5), percentile.evaluate(97.5));
  }

  /** The median of the chosen values. */
  static double median(double[] values, int[] choice) {
    double[] chosen = new double[choice.length];
    for (int i = 0; i < choice.length; i++) {
      chosen[i] = values[choice[i]];
    }
    return new Percentile().evaluate(chosen, 50);
  }
}
