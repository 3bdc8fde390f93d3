package org.lanegrad.reference.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.lanegrad.reference.diff.Evaluate;
import org.lanegrad.reference.diff.Jvp;
import org.lanegrad.reference.diff.Vjp;
import org.lanegrad.reference.gate.PiecewiseLinear;
import org.lanegrad.reference.gate.Smooth;

/** Numbers worked out by hand. */
class OpTest {
  @Test
  void reluOfFourNumbersHasADiagonalJacobian() {
    Elementwise relu = new Elementwise(PiecewiseLinear.relu(), 4);
    double[][] x = {{1, -2, 3, -1}};
    assertThat(Evaluate.of(relu, x)).containsExactly(1, 0, 3, 0);
    assertThat(relu.jacobian(0, x).getData())
        .isDeepEqualTo(new double[][] {{1, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 0}});
  }

  @Test
  void theSigmoidNeuronOfTheLectures() {
    // w = (2, −3, −3), x = (−1, −2, 1): σ(2·−1 + −3·−2 − 3) = σ(1)
    DenseLayer neuron = new DenseLayer(Smooth.SIGMOID, 1, 2, 1);
    double[][] values = {{-1, -2}, {2, -3}, {-3}};
    assertThat(Evaluate.of(neuron, values)[0]).isCloseTo(0.73, within(0.005));
    double[] one = {1};
    assertThat(Vjp.of(neuron, 0, values, one))
        .containsExactly(new double[] {0.39, -0.59}, within(0.005));
    assertThat(Vjp.of(neuron, 1, values, one))
        .containsExactly(new double[] {-0.20, -0.39}, within(0.005));
    assertThat(Vjp.of(neuron, 2, values, one)).containsExactly(new double[] {0.20}, within(0.005));
  }

  @Test
  void aProductAndItsGradients() {
    MatMul product = new MatMul(2, false, true, 3, 1, 2, 2);
    // a = (1, 2), b holds ((3, 4), (5, 6)) transposed, c = (1, −1): y = 2·(11, 17) + 3·c
    double[][] values = {{1, 2}, {3, 4, 5, 6}, {1, -1}};
    assertThat(Evaluate.of(product, values)).containsExactly(25, 31);
    assertThat(product.jacobian(0, values).getData())
        .isDeepEqualTo(new double[][] {{6, 8}, {10, 12}});
    assertThat(product.jacobian(1, values).getData())
        .isDeepEqualTo(new double[][] {{2, 4, 0, 0}, {0, 0, 2, 4}});
    assertThat(Vjp.of(product, 2, values, new double[] {1, 10})).containsExactly(3, 30);
  }

  @Test
  void crossEntropyOfEqualLogits() {
    CrossEntropy loss = new CrossEntropy(new int[] {0, 1}, 2);
    double[][] logits = {{7, 7, -1, -1}};
    assertThat(Evaluate.of(loss, logits)[0]).isCloseTo(Math.log(2), within(1e-15));
    assertThat(loss.jacobian(0, logits).getRow(0)).containsExactly(-0.25, 0.25, 0.25, -0.25);
  }

  @Test
  void dualNumbersGiveTheDirectionalDerivative() {
    Elementwise tanh = new Elementwise(Smooth.TANH, 1);
    assertThat(Jvp.of(tanh, new double[][] {{0}}, new double[][] {{3}})[0])
        .isCloseTo(3, within(1e-15));
    GradientStep step = new GradientStep(0.1, 1);
    double[][] at = {{5}, {2}};
    assertThat(Evaluate.of(step, at)[0]).isCloseTo(4.8, within(1e-15));
    assertThat(Jvp.of(step, at, new double[][] {{1}, {1}})[0]).isCloseTo(0.9, within(1e-15));
  }
}
