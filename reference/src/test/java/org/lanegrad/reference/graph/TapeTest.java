package org.lanegrad.reference.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class TapeTest {
  @Test
  void gradientsHaveGradients() {
    Tape tape = new Tape();
    Recorded x = tape.variable(2);
    Recorded cube = x.multiply(x).multiply(x);
    Recorded first = tape.gradient(cube, List.of(x)).get(0);
    Recorded second = tape.gradient(first, List.of(x)).get(0);
    Recorded third = tape.gradient(second, List.of(x)).get(0);
    assertThat(first.getReal()).isEqualTo(12); // 3x²
    assertThat(second.getReal()).isEqualTo(12); // 6x
    assertThat(third.getReal()).isEqualTo(6);
  }

  @Test
  void nothingFlowsToAConstantOrToANumberThatCameLater() {
    Tape tape = new Tape();
    Recorded x = tape.variable(2);
    Recorded constant = tape.constant(3);
    Recorded y = x.multiply(constant);
    Recorded later = tape.variable(1);
    List<Recorded> gradient = tape.gradient(y, List.of(x, constant, later));
    assertThat(gradient).extracting(Recorded::getReal).containsExactly(3.0, 0.0, 0.0);
  }

  @Test
  void theHyperbolicFunctionsAreMadeOfExponentials() {
    Tape tape = new Tape();
    Recorded x = tape.variable(0.5);
    assertThat(x.sinh().getReal()).isCloseTo(Math.sinh(0.5), within(1e-15));
    assertThat(tape.gradient(x.sinh(), List.of(x)).get(0).getReal())
        .isCloseTo(Math.cosh(0.5), within(1e-15));
    assertThat(tape.gradient(x.cosh(), List.of(x)).get(0).getReal())
        .isCloseTo(Math.sinh(0.5), within(1e-15));
  }

  @Test
  void whatHasNoGateSaysSo() {
    Recorded x = new Tape().variable(1);
    assertThatThrownBy(x::sin)
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessage("no gate is recorded for sin");
    assertThatThrownBy(x::round).hasMessage("no gate is recorded for round");
  }

  @Test
  void workIsCountedByKind() {
    Tape tape = new Tape();
    Recorded x = tape.variable(2);
    Recorded y = x.multiply(x).add(x.exp()).subtract(x.reciprocal()).negate();
    assertThat(y.getReal()).isCloseTo(-(4 + Math.exp(2) - 0.5), within(1e-14));
    assertThat(tape.work()).isEqualTo(new Work(2, 3, 1));
    assertThat(tape.work().total()).isEqualTo(6);
  }
}
