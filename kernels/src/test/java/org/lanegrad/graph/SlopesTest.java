package org.lanegrad.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lanegrad.Matrix;
import org.lanegrad.activation.Activation;
import org.lanegrad.activation.Activation.Saved;
import org.lanegrad.activation.ExponentialLinear;
import org.lanegrad.activation.Gelu;
import org.lanegrad.activation.GeluTanh;
import org.lanegrad.activation.HardSwish;
import org.lanegrad.activation.Mish;
import org.lanegrad.activation.Sigmoid;
import org.lanegrad.activation.Softplus;
import org.lanegrad.activation.Softsign;
import org.lanegrad.activation.Swish;
import org.lanegrad.activation.Tanh;
import org.lanegrad.elementwise.Erf;
import org.lanegrad.elementwise.Expm1;
import org.lanegrad.elementwise.Exponential;
import org.lanegrad.elementwise.Log1p;
import org.lanegrad.elementwise.Logarithm;
import org.lanegrad.elementwise.Reciprocal;
import org.lanegrad.elementwise.Square;
import org.lanegrad.elementwise.SquareRoot;

class SlopesTest {
  static List<Activation> smooth() {
    return List.of(
        new Sigmoid(),
        new Tanh(),
        new Softplus(),
        new Softsign(),
        Swish.silu(),
        new Swish(1.5f),
        new Mish(),
        new Gelu(),
        new GeluTanh(),
        new HardSwish(),
        ExponentialLinear.elu(1f),
        ExponentialLinear.selu(),
        ExponentialLinear.celu(2f),
        new Exponential(),
        new Expm1(),
        new Logarithm(),
        new Log1p(),
        new Erf(),
        new Square(),
        new SquareRoot(),
        new Reciprocal());
  }

  private static float[] points(Activation f) {
    boolean positive = f instanceof Logarithm || f instanceof SquareRoot || f instanceof Log1p;
    float[] x = new float[61];
    for (int i = 0; i < x.length; i++) {
      x[i] = positive ? 0.3f + 0.1f * i : -3.6f + 0.117f * i;
    }
    return x;
  }

  /** The formula in gates is the one that the fused backward pass computes. */
  @ParameterizedTest
  @MethodSource("smooth")
  void inGatesIsTheSlopeOfTheFusedBackwardPass(Activation f) {
    float[] x = points(f);
    float[] saved = x.clone();
    if (f.saved() == Saved.OUTPUT) {
      f.forward(x, 0, saved, 0, x.length);
    }
    float[] ones = new float[x.length];
    java.util.Arrays.fill(ones, 1f);
    float[] fused = new float[x.length];
    f.backward(ones, 0, saved, 0, fused, 0, x.length);
    Graph graph = new Graph();
    Node s = graph.constant("saved", Matrix.of(saved, 1, x.length));
    Node slope = Slopes.of(f, s);
    Session session = graph.session(slope).run();
    for (int i = 0; i < x.length; i++) {
      assertThat(session.value(slope).get(0, i))
          .as("%s′(%s)", f, x[i])
          .isCloseTo(fused[i], within(3e-6f + 2e-6f * Math.abs(fused[i])));
    }
  }

  /** f″ by one more reverse pass, against differences of f′ in double steps of the fused kernel. */
  @ParameterizedTest
  @MethodSource("smooth")
  void theSecondDerivativeIsTheDifferenceOfTheFirst(Activation f) {
    float[] at = points(f);
    int n = at.length;
    Graph graph = new Graph();
    Node x = graph.input("x", 1, n);
    Node first = graph.gradient(Ops.sum(Ops.activation(f, x), Over.ALL), x).get(0);
    Node second = graph.gradient(Ops.sum(first, Over.ALL), x).get(0);
    Session session = graph.session(first, List.of(second));
    float h = 0x1p-7f;
    float[] up = new float[n];
    float[] down = new float[n];
    for (int i = 0; i < n; i++) {
      up[i] = at[i] + h;
      down[i] = at[i] - h;
    }
    float[] right = session.feed(x, up).run().value(first).array().clone();
    float[] left = session.feed(x, down).run().value(first).array().clone();
    session.feed(x, at).run();
    for (int i = 0; i < n; i++) {
      boolean kink =
          f instanceof HardSwish && Math.abs(Math.abs(at[i]) - 3) < 2 * h
              || f instanceof ExponentialLinear && Math.abs(at[i]) < 2 * h
              || f instanceof Softsign && Math.abs(at[i]) < 2 * h
              || f instanceof Reciprocal && Math.abs(at[i]) < 0.3;
      float difference = (right[i] - left[i]) / (2 * h);
      float truncation = 40 * h * h * Math.max(1, Math.abs(difference));
      if (!kink) {
        assertThat(session.value(second).get(0, i))
            .as("%s″(%s)", f, at[i])
            .isCloseTo(difference, within(2e-6f / h + truncation));
      }
    }
  }
}
