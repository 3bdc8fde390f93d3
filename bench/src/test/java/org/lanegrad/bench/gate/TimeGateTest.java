package org.lanegrad.bench.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.lanegrad.verification.catalog.OpCatalog;
import org.lanegrad.verification.catalog.OpSpec;

/** What the time gate says of times that are made up, so that nothing depends on this machine. */
class TimeGateTest {
  /** Sizes 4,096, 16,384 and 65,536; the backward pass may take 1.95 times the forward pass. */
  private static final OpSpec TANH = OpCatalog.named("tanh");

  private static final double[] WORK = {4_096, 16_384, 65_536};

  private interface Pass {
    double nanos(int size, SplittableRandom random);
  }

  private static double tenth(SplittableRandom random) {
    return 1 + 0.1 * random.nextDouble();
  }

  private static double[][] rounds(int iterations, SplittableRandom random, Pass pass) {
    double[][] times = new double[WORK.length][iterations];
    for (int s = 0; s < times.length; s++) {
      for (int r = 0; r < iterations; r++) {
        times[s][r] = pass.nanos(s, random);
      }
    }
    return times;
  }

  private static TimeGate gate(Pass forward, Pass backward) {
    SplittableRandom random = new SplittableRandom(1);
    return new TimeGate(
        9,
        (spec, iterations, fresh) ->
            new PassTimes(
                rounds(iterations, random, forward), rounds(iterations, random, backward)));
  }

  private static Pass linear(double nanos) {
    return (size, random) -> nanos * WORK[size] * tenth(random);
  }

  @Test
  void aBackwardPassOfTheForwardPassesOrderIsWithin() {
    TimeResult result = gate(linear(0.2), linear(0.1)).measure(TANH);
    assertThat(result.verdict()).isEqualTo(Verdict.WITHIN);
    assertThat(result.toString()).endsWith("within");
  }

  @Test
  void aQuadraticBackwardPassIsAboveAndNamed() {
    TimeResult result =
        gate(linear(0.2), (size, random) -> 1e-5 * WORK[size] * WORK[size] * tenth(random))
            .measure(TANH);
    assertThat(result.verdict()).isEqualTo(Verdict.ABOVE);
    assertThat(result.toString()).contains("ABOVE, the backward pass of tanh is not O(forward)");
  }

  @Test
  void threefoldWorkIsAboveByItsRatio() {
    TimeResult result = gate(linear(0.2), linear(0.6)).measure(TANH);
    assertThat(result.verdict()).isEqualTo(Verdict.ABOVE);
    assertThat(result.isRatioAbove()).isTrue();
  }

  @Test
  void aForwardPassThatIsSlowAtOneSizeIsReportedAsThat() {
    DoubleUnaryOperator slow = size -> size == 1 ? 12 : 1;
    TimeResult result =
        gate(
                (size, random) -> 0.2 * WORK[size] * slow.applyAsDouble(size) * tenth(random),
                linear(0.1))
            .measure(TANH);
    assertThat(result.verdict()).isEqualTo(Verdict.ABOVE);
    assertThat(result.toString())
        .contains("forward at n=16384 takes 1")
        .contains("times what its neighbours say")
        .doesNotContain("not O(forward)");
    assertThat(result.isRatioAbove()).isFalse();
  }

  @Test
  void aRatioNearItsLimitIsUndecidedAndDoesNotFail() {
    TimeResult result =
        gate(linear(0.2), (size, random) -> 0.39 * WORK[size] * (0.6 + 0.8 * random.nextDouble()))
            .measure(TANH);
    assertThat(result.verdict()).isEqualTo(Verdict.UNDECIDED);
  }

  /** A neighbour takes the core away in two of three rounds, for up to 30 times as long. */
  @Test
  void aBusyMachineIsNeverAbove() {
    Pass interrupted =
        (size, random) ->
            0.15 * WORK[size] * (random.nextInt(3) == 0 ? 1 : 1 + 30 * random.nextDouble());
    for (int run = 0; run < 20; run++) {
      assertThat(gate(interrupted, interrupted).measure(TANH).verdict())
          .isNotEqualTo(Verdict.ABOVE);
    }
  }

  /** The JIT's moods: what one JVM measures above its limit, a fresh one measures within. */
  @Test
  void whatFreshJvmsDoNotConfirmIsNotAbove() {
    SplittableRandom random = new SplittableRandom(2);
    TimeGate gate =
        new TimeGate(
            9,
            (spec, iterations, fresh) ->
                new PassTimes(
                    rounds(iterations, random, linear(0.2)),
                    rounds(iterations, random, linear(fresh ? 0.1 : 2))));
    assertThat(gate.measure(TANH).verdict()).isEqualTo(Verdict.WITHIN);
  }

  @Test
  void tooFewIterationsAreRefused() {
    assertThatThrownBy(() -> new TimeGate(1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("iterations is 1, expected 5 or more");
  }
}
