package org.lanegrad.reference.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lanegrad.reference.diff.CentralDifference;
import org.lanegrad.reference.diff.Evaluate;
import org.lanegrad.reference.op.Elementwise;

class GateTest {
  static List<Gates.Worked> worked() {
    return Gates.worked();
  }

  static List<Gate> all() {
    return Gates.all();
  }

  @ParameterizedTest
  @MethodSource("worked")
  void givesTheNumbersWorkedOutByHand(Gates.Worked worked) {
    assertThat(worked.gate().at(worked.x())).isCloseTo(worked.z(), within(1e-14));
    for (int i = 0; i < worked.gate().arity(); i++) {
      assertThat(worked.gate().slopeAt(i, worked.x())).isCloseTo(worked.slopes()[i], within(1e-14));
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void theSlopeAtAKinkLiesBetweenTheOneSidedDifferences(Gate gate) {
    Elementwise op = new Elementwise(gate, 1);
    for (double[] kink : gate.kinks()) {
      double[][] inputs = new double[kink.length][];
      for (int v = 0; v < kink.length; v++) {
        inputs[v] = new double[] {kink[v]};
      }
      for (int v = 0; v < kink.length; v++) {
        CentralDifference d =
            CentralDifference.of(at -> Evaluate.of(op, at), inputs, new double[] {1}, v, 0, 1e-6);
        double slope = gate.slopeAt(v, kink);
        assertThat(slope)
            .as("%s at %s, input %d", gate, List.of(kink), v)
            .isBetween(Math.min(d.left(), d.right()) - 1e-5, Math.max(d.left(), d.right()) + 1e-5);
      }
    }
  }

  @Test
  void kinksAreDeclared() {
    assertThat(Gates.all().stream().filter(gate -> gate.kinks().length > 0)).hasSizeGreaterThan(10);
  }

  @Test
  void infinityGivesLimitsAndNoNaN() {
    double inf = Double.POSITIVE_INFINITY;
    for (UnaryGate gate :
        List.of(Smooth.GELU, Smooth.GELU_TANH, Smooth.MISH, new Swish(1), new HardSwish())) {
      assertThat(gate.at(-inf)).as("%s(−∞)", gate).isZero();
      assertThat(gate.at(inf)).as("%s(∞)", gate).isEqualTo(inf);
      assertThat(gate.at(Double.NaN)).as("%s(NaN)", gate).isNaN();
    }
    assertThat(PiecewiseLinear.relu().at(-inf)).isZero();
    assertThat(PiecewiseLinear.clip(-1, 1).at(Double.NaN)).isNaN();
    assertThat(Smooth.SOFTPLUS.at(inf)).isEqualTo(inf);
  }

  @Test
  void expm1BeyondTheLargestDoubleIsInfinite() {
    assertThat(Elementary.EXPM1.at(709.783203125)).isEqualTo(Double.POSITIVE_INFINITY);
    assertThat(Elementary.EXPM1.at(709.5)).isCloseTo(Math.expm1(709.5), withinPercentage(1e-10));
    assertThat(Elementary.EXPM1.at(Math.nextUp(1.0))).isCloseTo(Math.expm1(1), within(1e-15));
  }

  @Test
  void geluKeepsItsRelativeAccuracyInTheNegativeTail() {
    // Φ(−10) = 7.61985302416053e−24
    assertThat(Smooth.GELU.at(-10)).isCloseTo(-7.61985302416053e-23, within(1e-35));
  }
}
