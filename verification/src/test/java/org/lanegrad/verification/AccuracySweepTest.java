package org.lanegrad.verification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lanegrad.activation.Sigmoid;
import org.lanegrad.reference.gate.Smooth;
import org.lanegrad.verification.accuracy.SweepResult;
import org.lanegrad.verification.accuracy.UlpSweep;
import org.lanegrad.verification.catalog.ActivationCatalog;
import org.lanegrad.verification.catalog.UnarySpec;

/** A sample of the sweep that {@code -Pexhaustive} makes over all floats. */
class AccuracySweepTest {
  /** Every 1021st block of 4,096 floats: 4 million of them, some in each binade. */
  private static final long STRIDE = 1021;

  static List<UnarySpec> activations() {
    return ActivationCatalog.all();
  }

  @ParameterizedTest
  @MethodSource("activations")
  void staysWithinItsBoundOnEachBinade(UnarySpec spec) {
    SweepResult result = new UlpSweep(spec).run(STRIDE);
    assertThat(result.floats()).isGreaterThan(4_000_000);
    assertThat(result.forwardRatio()).as("%s: %s", spec.name(), result).isLessThanOrEqualTo(1);
    assertThat(result.backwardRatio()).as("%s: %s", spec.name(), result).isLessThanOrEqualTo(1);
    assertThat(result.ulps()).as("%s: %s", spec.name(), result).isLessThanOrEqualTo(4);
  }

  @Test
  void aWrongReferenceIsSeen() {
    UnarySpec sigmoid = ActivationCatalog.named("sigmoid");
    UnarySpec wrong =
        new UnarySpec(
            "wrong",
            new Sigmoid(),
            Smooth.TANH,
            -1,
            1,
            sigmoid.forward(),
            sigmoid.backward(),
            sigmoid.kinks(),
            1,
            1);
    SweepResult result = new UlpSweep(wrong).run(100_003);
    assertThat(result.forwardRatio()).isGreaterThan(1000);
    assertThat(result.backwardRatio()).isGreaterThan(1000);
  }

  @Test
  void theStrideIsPositive() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new UlpSweep(ActivationCatalog.named("tanh")).run(0))
        .withMessage("stride is 0, expected 1 or more");
  }
}
