package org.lanegrad.verification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.util.List;
import org.apache.commons.math3.util.Decimal64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lanegrad.Lanegrad;
import org.lanegrad.activation.Sigmoid;
import org.lanegrad.reference.gate.Smooth;
import org.lanegrad.verification.accuracy.SweepResult;
import org.lanegrad.verification.accuracy.UlpSweep;
import org.lanegrad.verification.catalog.ActivationCatalog;
import org.lanegrad.verification.catalog.UnarySpec;

/** A sample of the sweep that {@code -Pexhaustive} makes over all floats. */
@Execution(ExecutionMode.CONCURRENT)
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

  /** The catalog's bound, 4 ULP or 2^−30, says nothing of ULPs where the result is small. */
  @ParameterizedTest
  @ValueSource(strings = {"gelu", "gelu, tanh"})
  void geluStaysWithinFourUlpsDownToItsTail(String name) {
    Smooth reference = name.equals("gelu") ? Smooth.GELU : Smooth.GELU_TANH;
    assumeFalse(
        reference == Smooth.GELU_TANH && Lanegrad.lanes() == 4,
        "the exponential of 4 lanes has a bound of its own");
    UnarySpec spec = ActivationCatalog.named(name);
    int n = 400_000;
    float[] x = new float[n];
    for (int i = 0; i < n; i++) {
      x[i] = -3.7f * (i + 1) / (n + 1);
    }
    float[] y = new float[n];
    spec.kernel().forward(x, 0, y, 0, n);
    for (int i = 0; i < n; i++) {
      double expected = reference.value(new Decimal64(x[i])).doubleValue();
      double ulps = Math.abs(y[i] - expected) / Math.ulp((float) expected);
      if (ulps > 4) {
        assertThat(ulps).as("%s(%s), expected %s, actual %s", name, x[i], expected, y[i]).isZero();
      }
    }
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
