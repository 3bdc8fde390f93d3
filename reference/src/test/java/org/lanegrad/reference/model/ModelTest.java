package org.lanegrad.reference.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.lanegrad.reference.gate.PiecewiseLinear;
import org.lanegrad.reference.gate.Smooth;
import org.lanegrad.reference.graph.Graph;

/** The lectures' models learn what they should. */
class ModelTest {
  @Test
  void linearRegressionRecoversItsWeights() {
    Random random = new Random(1);
    double[] truth = {1.5, -2, 0.5};
    double[] x = random.doubles(3 * 1000, -1, 1).toArray();
    double[] t = new double[1000];
    for (int r = 0; r < t.length; r++) {
      t[r] = 0.7 + 0.2 * random.nextGaussian();
      for (int i = 0; i < 3; i++) {
        t[r] += truth[i] * x[3 * r + i];
      }
    }
    LinearRegression model = new LinearRegression(x, t);
    double loss = model.train(0.5, 100);
    assertThat(model.weights()).containsExactly(truth, within(0.05));
    assertThat(model.bias()).isCloseTo(0.7, within(0.05));
    assertThat(loss).as("the noise's variance").isCloseTo(0.04, within(0.005));
  }

  @Test
  void logisticRegressionSeparatesTwoClouds() {
    Random random = new Random(2);
    double[] x = new double[2 * 200];
    double[] t = new double[200];
    for (int r = 0; r < t.length; r++) {
      t[r] = r % 2;
      x[2 * r] = random.nextGaussian() + (t[r] == 1 ? 2 : -2);
      x[2 * r + 1] = random.nextGaussian();
    }
    LogisticRegression model = new LogisticRegression(x, t);
    double start = model.train(0, 1);
    assertThat(start).isCloseTo(Math.log(2), within(1e-12));
    assertThat(model.train(1, 200)).isLessThan(0.1);
    assertThat(model.probability(3, 0)).isGreaterThan(0.97);
    assertThat(model.probability(-3, 0)).isLessThan(0.03);
  }

  @Test
  void threeLinesAndANeuronOnTopKnowATriangle() {
    TrianglePerceptron triangle = new TrianglePerceptron(0, 0, 4, 0, 0, 3);
    assertThat(triangle.contains(1, 1)).isTrue();
    assertThat(triangle.contains(2.1, 1.6)).isFalse();
    for (double px = -1.05; px < 5; px += 0.1) {
      for (double py = -1.05; py < 4; py += 0.1) {
        boolean inside = px > 0 && py > 0 && 3 * px + 4 * py < 12;
        assertThat(triangle.contains(px, py)).as("(%s, %s)", px, py).isEqualTo(inside);
      }
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new TrianglePerceptron(0, 0, 0, 3, 4, 0))
        .withMessage("the corners are not counter-clockwise");
  }

  @Test
  void theWindowClassifierAgainstTheLecturesFormulas() {
    int[] words = {1, 0, -1};
    Graph graph = new WindowClassifier(words, 3, 2, 2, Smooth.TANH).graph();
    double[] w = new Random(3).doubles(12, -1, 1).toArray();
    double[] b = {0.1, -0.2};
    double[] u = {0.5, -1.5};
    graph.feed("e", 0.1, 0.2, 0.3, 0.4, 0.5, 0.6).feed("w", w).feed("b", b).feed("u", u).forward();
    graph.backward("s");
    double[] x = {0.3, 0.4, 0.1, 0.2, 0, 0};
    assertThat(graph.value("x")).containsExactly(x);
    double[] delta = new double[2];
    double score = 0;
    for (int j = 0; j < 2; j++) {
      double z = b[j];
      for (int i = 0; i < 6; i++) {
        z += x[i] * w[2 * i + j];
      }
      delta[j] = u[j] * (1 - Math.tanh(z) * Math.tanh(z)); // δ = u ∘ f′(z)
      score += u[j] * Math.tanh(z);
    }
    assertThat(graph.number("s")).isCloseTo(score, within(1e-14));
    assertThat(graph.number("p")).isCloseTo(1 / (1 + Math.exp(-score)), within(1e-14));
    assertThat(graph.gradient("b")).containsExactly(delta, within(1e-14));
    for (int i = 0; i < 6; i++) {
      for (int j = 0; j < 2; j++) {
        double expected = x[i] * delta[j]; // ∂s/∂W = x·δᵀ
        assertThat(graph.gradient("w")[2 * i + j]).isCloseTo(expected, within(1e-14));
      }
    }
    double[] de = graph.gradient("e");
    assertThat(de[2]).isCloseTo(w[0] * delta[0] + w[1] * delta[1], within(1e-14));
    assertThat(de[4]).as("a word outside the window").isZero();
  }

  @Test
  void gradientsVanishThroughSigmoidsAndNotThroughRelus() {
    double sigmoid = new DeepChain(Smooth.SIGMOID, 30).gradient(1, 0.5);
    double relu = new DeepChain(PiecewiseLinear.relu(), 30).gradient(1, 0.5);
    assertThat(sigmoid).isPositive().isLessThan(Math.pow(0.25, 30));
    assertThat(relu).isEqualTo(1);
  }
}
