package org.lanegrad.reference.diff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.lanegrad.reference.gate.Elementary;
import org.lanegrad.reference.op.Elementwise;

/** e^x at 1, whose derivatives are all e. */
class DifferencesTest {
  private static CentralDifference at(double h) {
    Elementwise exp = new Elementwise(Elementary.EXP, 1);
    double[][] x = {{1}};
    return CentralDifference.of(point -> Evaluate.of(exp, point), x, new double[] {1}, 0, 0, h);
  }

  @Test
  void theTwoSidedErrorFallsWithTheSquareOfTheStep() {
    for (double h = 1e-1; h > 1e-4; h /= 10) {
      double ratio = (at(h).value() - Math.E) / (at(h / 10).value() - Math.E);
      assertThat(ratio).as("h = %s", h).isCloseTo(100, within(3.0));
      assertThat(at(h).value() - Math.E).isCloseTo(h * h * Math.E / 6, within(0.02 * h * h));
    }
  }

  @Test
  void theOneSidedErrorFallsWithTheStep() {
    for (double h = 1e-2; h > 2e-6; h /= 10) {
      double ratio = (at(h).right() - Math.E) / (at(h / 10).right() - Math.E);
      assertThat(ratio).as("h = %s", h).isCloseTo(10, within(0.1));
      assertThat(at(h).right() - Math.E).isCloseTo(h * Math.E / 2, within(0.01 * h));
      assertThat(at(h).left() - Math.E).isCloseTo(-h * Math.E / 2, within(0.01 * h));
    }
  }

  @Test
  void aSmallStepMeetsTheRoundOffFloor() {
    // rounding of e^x over the step: 4e−16 / h, while h² shrinks below it
    double best = Math.abs(at(1e-5).value() - Math.E);
    double tooSmall = Math.abs(at(1e-12).value() - Math.E);
    assertThat(best).isLessThan(1e-9);
    assertThat(tooSmall).isBetween(1e-6, 1e-2);
    assertThat(at(1e-17).value()).as("x + h = x").isNaN();
  }
}
