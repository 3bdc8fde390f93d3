package org.lanegrad.verification.gradcheck;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lanegrad.verification.gradcheck.GradCheck.DoubleBackward;
import org.lanegrad.verification.gradcheck.GradCheck.DoubleForward;

/**
 * Beside the rule that {@code torch.autograd.gradcheck} publishes: two-sided differences of step
 * 1e-6 at each element of the Jacobian, right where |analytic − numeric| ≤ 1e-5 + 1e-3·|numeric|;
 * its fast mode compares one random projection. The verdicts agree where the rule applies; where it
 * is known to be wrong or blind, ours is right. (pytorch.org, torch.autograd.gradcheck, 2.15.)
 */
@Execution(ExecutionMode.CONCURRENT)
class PublishedRuleTest {
  private static final double STEP = 1e-6;

  private static boolean isClose(double analytic, double numeric) {
    return Math.abs(analytic - numeric) <= 1e-5 + 1e-3 * Math.abs(numeric);
  }

  /** The rule, element by element of the Jacobian. */
  private static boolean rulePasses(
      DoubleForward forward, DoubleBackward backward, double[][] inputs) {
    int outputs = forward.run(inputs).length;
    for (int o = 0; o < outputs; o++) {
      double[] unit = new double[outputs];
      unit[o] = 1;
      double[][] analytic = backward.run(inputs, unit);
      for (int k = 0; k < inputs.length; k++) {
        for (int i = 0; i < inputs[k].length; i++) {
          double at = inputs[k][i];
          inputs[k][i] = at + STEP;
          double above = forward.run(inputs)[o];
          inputs[k][i] = at - STEP;
          double below = forward.run(inputs)[o];
          inputs[k][i] = at;
          if (!isClose(analytic[k][i], (above - below) / (2 * STEP))) {
            return false;
          }
        }
      }
    }
    return true;
  }

  /**
   * A function that both can judge.
   *
   * @param name what it is
   * @param forward the function
   * @param backward its right gradient
   * @param sizes of its inputs
   */
  record Case(String name, DoubleForward forward, DoubleBackward backward, List<Integer> sizes) {
    @Override
    public String toString() {
      return name;
    }

    double[][] inputs() {
      SplittableRandom random = new SplittableRandom(7);
      return sizes.stream()
          .map(n -> random.doubles(n, 0.3, 1.5).toArray())
          .toArray(double[][]::new);
    }
  }

  private static Case each(String name, DoubleUnaryOperator f, DoubleUnaryOperator slope) {
    return new Case(
        name,
        in -> Arrays.stream(in[0]).map(f).toArray(),
        (in, up) -> {
          double[] dx = new double[up.length];
          Arrays.setAll(dx, i -> up[i] * slope.applyAsDouble(in[0][i]));
          return new double[][] {dx};
        },
        List.of(4));
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  private static double[] logSoftmax(double[] x) {
    double log = Math.log(Arrays.stream(x).map(Math::exp).sum());
    return Arrays.stream(x).map(v -> v - log).toArray();
  }

  private static double norm(double[] x) {
    return Math.sqrt(Arrays.stream(x).map(v -> v * v).sum());
  }

  private static double[] product(double[] a, double[] b) {
    double[] c = new double[4];
    for (int i = 0; i < 12; i++) {
      c[i / 6 * 2 + i % 2] += a[i / 2] * b[i / 2 % 3 * 2 + i % 2];
    }
    return c;
  }

  static Stream<Case> functions() {
    return Stream.of(
        each("square", x -> x * x, x -> 2 * x),
        each("exp", Math::exp, Math::exp),
        each("sin", Math::sin, Math::cos),
        each("sigmoid", x -> sigmoid(x), x -> sigmoid(x) * (1 - sigmoid(x))),
        each("reciprocal", x -> 1 / x, x -> -1 / (x * x)),
        each("square root", Math::sqrt, x -> 0.5 / Math.sqrt(x)),
        new Case(
            "product of two inputs",
            in -> DoubleStream.of(in[0][0] * in[1][0], in[0][1] * in[1][1]).toArray(),
            (in, up) ->
                new double[][] {
                  {up[0] * in[1][0], up[1] * in[1][1]}, {up[0] * in[0][0], up[1] * in[0][1]}
                },
            List.of(2, 2)),
        new Case(
            "matrix product",
            in -> product(in[0], in[1]),
            (in, up) -> {
              double[] da = new double[6];
              double[] db = new double[6];
              for (int i = 0; i < 12; i++) {
                double upstream = up[i / 6 * 2 + i % 2];
                da[i / 2] += upstream * in[1][i / 2 % 3 * 2 + i % 2];
                db[i / 2 % 3 * 2 + i % 2] += upstream * in[0][i / 2];
              }
              return new double[][] {da, db};
            },
            List.of(6, 6)),
        new Case(
            "log-softmax",
            in -> logSoftmax(in[0]),
            (in, up) -> {
              double[] y = logSoftmax(in[0]);
              double sum = Arrays.stream(up).sum();
              double[] dx = new double[up.length];
              Arrays.setAll(dx, i -> up[i] - Math.exp(y[i]) * sum);
              return new double[][] {dx};
            },
            List.of(5)),
        new Case(
            "norm",
            in -> new double[] {norm(in[0])},
            (in, up) ->
                new double[][] {Arrays.stream(in[0]).map(v -> up[0] * v / norm(in[0])).toArray()},
            List.of(5)));
  }

  @ParameterizedTest
  @MethodSource("functions")
  void verdictsAgreeOnRightGradientsAndOnWrongOnes(Case one) {
    for (double factor : new double[] {1, 1.01, -1, 0}) {
      DoubleBackward backward =
          (in, up) -> {
            double[][] gradients = one.backward.run(in, up);
            gradients[0] = Arrays.stream(gradients[0]).map(v -> factor * v).toArray();
            return gradients;
          };
      GradCheck check = GradCheck.doubles(one.name, one.forward, backward);
      double[][] inputs = one.inputs();
      for (int k = 0; k < inputs.length; k++) {
        check = check.input("input " + k, inputs[k]);
      }
      GradCheckReport report = check.check();
      assertThat(report.passes()).as("%s", report).isEqualTo(factor == 1);
      assertThat(rulePasses(one.forward, backward, inputs)).isEqualTo(factor == 1);
    }
  }

  /** At 0 a two-sided difference of ReLU is 1/2, which no implementation gives. */
  @Test
  void theRuleRefusesAnySubgradientOfReluAtZeroAndOursTakesIt() {
    DoubleForward relu = in -> new double[] {Math.max(0, in[0][0])};
    for (double slope : new double[] {0, 1, 1.5}) {
      DoubleBackward backward = (in, up) -> new double[][] {{slope * up[0]}};
      assertThat(rulePasses(relu, backward, new double[][] {{0}})).isFalse();
      GradCheckReport report =
          GradCheck.doubles("ReLU", relu, backward).input("x", new double[] {0}).check();
      assertThat(report.passes()).as("%s", report).isEqualTo(slope <= 1);
      assertThat(report.inputs().get(0).kinks()).isEqualTo(1);
    }
  }

  /** In fp32 a step of 1e-6 vanishes beside a number, or leaves a digit of its slope. */
  @Test
  void theRuleRefusesARightGradientInFloatsAndOursTakesIt() {
    float[] x = {0.7f, -1.3f, 2.9f, 30};
    double[][] asDoubles = {{x[0], x[1], x[2], x[3]}};
    DoubleForward rounded =
        in -> Arrays.stream(in[0]).map(v -> (float) Math.sin((float) v)).toArray();
    DoubleBackward cosine =
        (in, up) -> {
          double[] dx = new double[4];
          Arrays.setAll(dx, i -> up[i] * Math.cos(in[0][i]));
          return new double[][] {dx};
        };
    assertThat(rulePasses(rounded, cosine, asDoubles)).isFalse();
    for (float factor : new float[] {1, 1.02f}) {
      GradCheckReport report =
          GradCheck.floats(
                  "sin",
                  in -> {
                    float[] y = new float[4];
                    for (int i = 0; i < 4; i++) {
                      y[i] = (float) Math.sin(in[0][i]);
                    }
                    return y;
                  },
                  (in, up) -> {
                    float[] dx = new float[4];
                    for (int i = 0; i < 4; i++) {
                      dx[i] = (float) (factor * up[i] * Math.cos(in[0][i]));
                    }
                    return new float[][] {dx};
                  })
              .input("x", x)
              .check();
      assertThat(report.passes()).as("%s", report).isEqualTo(factor == 1);
    }
  }

  /** One element of 10⁶ is off by a fifth; a projection on a random direction does not show it. */
  @Test
  void aProjectionIsBlindToOneWrongElementOfAMillionAndOursNamesIt() {
    int n = 1_000_000;
    int guilty = 765_432;
    double[] x = new SplittableRandom(3).doubles(n, 0.5, 1.5).toArray();
    DoubleForward cubes = in -> new double[] {Arrays.stream(in[0]).map(v -> v * v * v / 3).sum()};
    DoubleBackward wrong =
        (in, up) -> {
          double[] dx = Arrays.stream(in[0]).map(v -> up[0] * v * v).toArray();
          dx[guilty] *= 1.2;
          return new double[][] {dx};
        };
    double[] gradient = wrong.run(new double[][] {x}, new double[] {1})[0];
    int blind = 0;
    for (int seed = 0; seed < 7; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      double[] direction = new double[n];
      Arrays.setAll(direction, i -> random.nextGaussian());
      double length = norm(direction);
      double analytic = 0;
      double[] above = new double[n];
      double[] below = new double[n];
      for (int i = 0; i < n; i++) {
        double part = direction[i] / length;
        analytic += gradient[i] * part;
        above[i] = x[i] + STEP * part;
        below[i] = x[i] - STEP * part;
      }
      double numeric =
          (cubes.run(new double[][] {above})[0] - cubes.run(new double[][] {below})[0])
              / (2 * STEP);
      blind += isClose(analytic, numeric) ? 1 : 0;
    }
    assertThat(blind).isGreaterThan(3);
    GradCheckReport report = GradCheck.doubles("cubes", cubes, wrong).input("x", x).check();
    assertThat(report.passes()).as("%s", report).isFalse();
    assertThat(report.inputs().get(0).worst().index()).as("%s", report).isEqualTo(guilty);
  }
}
