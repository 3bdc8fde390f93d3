package org.lanegrad.bench.gate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class IntervalTest {
  @Test
  void aConstantHasNoWidth() {
    double[] values = {2, 2, 2, 2, 2};
    Interval interval = Interval.bootstrap(5, choice -> Interval.median(values, choice));
    assertThat(interval).isEqualTo(new Interval(2, 2, 2));
  }

  @Test
  void theIntervalHoldsTheMedianAndNarrowsWithTheSample() {
    assertThat(width(400)).isLessThan(width(20));
  }

  private static double width(int n) {
    SplittableRandom random = new SplittableRandom(1);
    double[] values = random.doubles(n).toArray();
    Interval interval = Interval.bootstrap(n, choice -> Interval.median(values, choice));
    assertThat(interval.value()).isBetween(interval.low(), interval.high());
    return interval.high() - interval.low();
  }
}
