package org.lanegrad.verification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.lanegrad.verification.gradcheck.Differentiable;
import org.lanegrad.verification.gradcheck.GradCheck;
import org.lanegrad.verification.gradcheck.GradCheckReport;
import org.lanegrad.verification.gradcheck.Kinks;

class GradCheckTest {
  private static final String[] NAMES = {"x", "y"};

  /** f(x, y) = x²·y, with a gradient that may be wrong by a factor. */
  private static Differentiable squareTimes(double factor) {
    return new Differentiable() {
      @Override
      public double[] forward(double[][] in) {
        return new double[] {in[0][0] * in[0][0] * in[1][0]};
      }

      @Override
      public double[][] backward(double[][] in, double[] up) {
        return new double[][] {
          {up[0] * 2 * in[0][0] * in[1][0]}, {factor * up[0] * in[0][0] * in[0][0]}
        };
      }
    };
  }

  private static Differentiable absolute(double atKink) {
    return new Differentiable() {
      @Override
      public double[] forward(double[][] in) {
        return new double[] {Math.abs(in[0][0])};
      }

      @Override
      public double[][] backward(double[][] in, double[] up) {
        double slope = in[0][0] == 0 ? atKink : Math.signum(in[0][0]);
        return new double[][] {{up[0] * slope}};
      }
    };
  }

  @Test
  void aRightGradientPasses() {
    double[][] inputs = {{3}, {-2}};
    GradCheckReport report =
        new GradCheck()
            .check("x²y", squareTimes(1), NAMES, inputs, new double[] {1.5}, Kinks.NONE, 1);
    assertThat(report.passes()).as("%s", report).isTrue();
    assertThat(report.checked()).isEqualTo(2);
    assertThat(inputs).isEqualTo(new double[][] {{3}, {-2}});
  }

  @Test
  void aWrongGradientFailsAndIsNamed() {
    GradCheckReport report =
        new GradCheck()
            .check(
                "x²y",
                squareTimes(1.001),
                NAMES,
                new double[][] {{3}, {-2}},
                new double[] {1},
                Kinks.NONE,
                1);
    assertThat(report.passes()).isFalse();
    assertThat(report.toString()).contains("x²y: FAIL").contains("∂/∂y[0]").contains("9.009");
  }

  @Test
  void aNanGradientFails() {
    GradCheckReport report =
        new GradCheck()
            .check(
                "x²y",
                squareTimes(Double.NaN),
                NAMES,
                new double[][] {{3}, {-2}},
                new double[] {1},
                Kinks.NONE,
                1);
    assertThat(report.passes()).isFalse();
  }

  @Test
  void atAKinkAnySubgradientIsRightAndNothingElse() {
    assertThat(kink(0.25).passes()).isTrue();
    assertThat(kink(-1).passes()).isTrue();
    assertThat(kink(1.1).passes()).isFalse();
  }

  @Test
  void aStepThatIsNoPositiveNumberIsRefused() {
    assertThatThrownBy(() -> new GradCheck().withStep(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("step is 0.0, expected a positive number");
    assertThatThrownBy(() -> new GradCheck().withStep(Double.NaN))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static GradCheckReport kink(double slope) {
    return new GradCheck()
        .withStep(1e-3)
        .check(
            "|x|",
            absolute(slope),
            NAMES,
            new double[][] {{0}},
            new double[] {1},
            Kinks.SUBGRADIENT,
            1);
  }
}
