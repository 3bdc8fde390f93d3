package org.lanegrad.verification.gradcheck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.lanegrad.graph.Ops.crossEntropy;
import static org.lanegrad.graph.Ops.dense;
import static org.lanegrad.graph.Ops.dropout;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lanegrad.Matrix;
import org.lanegrad.activation.Activation;
import org.lanegrad.activation.Identity;
import org.lanegrad.activation.Relu;
import org.lanegrad.activation.Tanh;
import org.lanegrad.graph.Gradient;
import org.lanegrad.graph.Graph;
import org.lanegrad.graph.Node;
import org.lanegrad.graph.Op;
import org.lanegrad.graph.Operands;
import org.lanegrad.graph.Ops;
import org.lanegrad.graph.Scratch;
import org.lanegrad.graph.Shape;
import org.lanegrad.matmul.Gemm;
import org.lanegrad.model.Examples;
import org.lanegrad.model.Initial;
import org.lanegrad.model.Trainer;

/** The gradient check: what is right passes, what is wrong fails and is named. */
@Execution(ExecutionMode.CONCURRENT)
class GradCheckTest {
  private static final int M = 3;
  private static final int K = 5;
  private static final int N = 4;

  private static float[] random(int size, long seed) {
    return Initial.uniform(Matrix.zeros(1, size), 1, seed).array();
  }

  /** Y = X·W. */
  private static float[] product(float[][] in) {
    Matrix y = Matrix.zeros(M, N);
    Gemm.multiply(1f, Matrix.of(in[0], M, K), Matrix.of(in[1], K, N), 0f, y);
    return y.array();
  }

  private static float[][] productGradient(float[][] in, float[] up) {
    Matrix dy = Matrix.of(up, M, N);
    Matrix dx = Matrix.zeros(M, K);
    Matrix dw = Matrix.zeros(K, N);
    Gemm.multiply(1f, dy, Matrix.of(in[1], K, N).transposed(), 0f, dx);
    Gemm.multiply(1f, Matrix.of(in[0], M, K).transposed(), dy, 0f, dw);
    return new float[][] {dx.array(), dw.array()};
  }

  /** The layer with a dW that something is done to. */
  private static GradCheck layer(UnaryOperator<float[]> fault) {
    return GradCheck.floats(
            "layer",
            GradCheckTest::product,
            (in, up) -> {
              float[][] gradients = productGradient(in, up);
              return new float[][] {gradients[0], fault.apply(gradients[1])};
            })
        .input("x", random(M * K, 1), M, K)
        .input("w", random(K * N, 2), K, N);
  }

  @Test
  void aRightLayerPasses() {
    GradCheckReport report = layer(dw -> dw).check();
    assertThat(report.passes()).as("%s", report).isTrue();
    assertThat(report.checked()).isEqualTo(M * K + K * N);
    assertThat(report.ratio()).isBetween(0.0, 1.0);
    report.assertPasses();
  }

  @Test
  void noFalseAlarmOverManySeeds() {
    for (int seed = 0; seed < 100; seed++) {
      GradCheckReport report =
          GradCheck.floats("layer", GradCheckTest::product, GradCheckTest::productGradient)
              .input("x", random(M * K, seed), M, K)
              .input("w", random(K * N, ~seed), K, N)
              .seed(seed)
              .check();
      assertThat(report.passes()).as("%s", report).isTrue();
    }
  }

  private static float[] each(float[] values, UnaryOperator<Float> change) {
    float[] changed = new float[values.length];
    for (int i = 0; i < changed.length; i++) {
      changed[i] = change.apply(values[i]);
    }
    return changed;
  }

  private static float[] with(float[] values, int index, float value) {
    float[] changed = values.clone();
    changed[index] = value;
    return changed;
  }

  private static float[] turned(float[] dw) {
    float[] turned = new float[dw.length];
    for (int i = 0; i < K; i++) {
      for (int j = 0; j < N; j++) {
        turned[j * K + i] = dw[i * N + j];
      }
    }
    return turned;
  }

  private static void expect(String suspicion, UnaryOperator<float[]> fault) {
    GradCheckReport report = layer(fault).check();
    assertThat(report.passes()).as("%s", report).isFalse();
    assertThat(report.inputs().get(0).failures()).as("%s", report).isZero();
    assertThat(report.inputs().get(1).suspicion()).as("%s", report).contains(suspicion);
  }

  @Test
  void whatItLooksLikeIsSaid() {
    expect("transposed", GradCheckTest::turned);
    expect("factor 2 too many", dw -> each(dw, v -> 2 * v));
    expect("factor 2 too few", dw -> each(dw, v -> v / 2));
    expect("wrong sign", dw -> each(dw, v -> -v));
    expect("zero everywhere", dw -> each(dw, v -> 0f));
    expect("a mean where a sum is meant: 3 times as small", dw -> each(dw, v -> v / M));
    expect("a sum where a mean is meant, or accumulated: 12", dw -> each(dw, v -> v * M * N));
    expect("last row were lost", dw -> zeroFrom(dw, (K - 1) * N));
    expect("tail were not written, from element 13 on", dw -> zeroFrom(dw, 13));
    expect("shifted by one", GradCheckTest::shifted);
    expect("1.010 times", dw -> each(dw, v -> 1.01f * v));
  }

  /** f = Σ x with some elements of its gradient changed: what is said of them. */
  private static String suspicionOfASum(int rows, int columns, Map<Integer, Float> changed) {
    GradCheckReport report =
        GradCheck.doubles(
                "weighted sum",
                in -> {
                  double sum = 0;
                  for (int i = 0; i < in[0].length; i++) {
                    sum += (rows == 10 ? 1 : i + 1) * in[0][i];
                  }
                  return new double[] {sum};
                },
                (in, up) -> {
                  double[] dx = new double[in[0].length];
                  Arrays.setAll(dx, i -> up[0] * (rows == 10 ? 1 : i + 1));
                  changed.forEach((i, factor) -> dx[i] *= factor);
                  return new double[][] {dx};
                })
            .input("x", GradCheckTest.doubles(rows * columns), rows, columns)
            .check();
    assertThat(report.passes()).as("%s", report).isFalse();
    return report.inputs().get(0).suspicion();
  }

  private static double[] doubles(int size) {
    double[] values = new double[size];
    Arrays.setAll(values, i -> Math.sin(i + 1));
    return values;
  }

  @Test
  void whatIsWrongInOnePlaceIsNotSaidOfTheWhole() {
    // all alike: any order of them fits, but for those that are wrong
    assertThat(suspicionOfASum(10, 10, Map.of(3, 1.5f, 7, -2f))).isEmpty();
    assertThat(suspicionOfASum(3, 5, Map.of(6, 5f))).isEmpty();
    assertThat(suspicionOfASum(3, 5, Map.of(14, 0f)))
        .isEqualTo("as if the tail were not written, from element 14 on");
    assertThat(suspicionOfASum(3, 5, Map.of(10, 0f, 11, 0f, 12, 0f, 13, 0f, 14, 0f)))
        .isEqualTo("as if the last row were lost");
  }

  @Test
  void theCountThatFitsBestIsNamed() {
    GradCheckReport report =
        GradCheck.doubles(
                "sum",
                in -> new double[] {Arrays.stream(in[0]).sum()},
                (in, up) -> {
                  double[] dx = new double[in[0].length];
                  Arrays.fill(dx, 63 * up[0]);
                  return new double[][] {dx};
                })
            .input("x", doubles(64 * 63), 64, 63)
            .elements(5000)
            .check();
    assertThat(report.inputs().get(0).suspicion()).contains("63 times as large");
  }

  private static float[] zeroFrom(float[] values, int from) {
    float[] changed = values.clone();
    Arrays.fill(changed, from, changed.length, 0f);
    return changed;
  }

  private static float[] shifted(float[] values) {
    float[] changed = values.clone();
    System.arraycopy(values, 0, changed, 1, values.length - 1);
    return changed;
  }

  @Test
  void aMaskTheWrongWayRoundIsSaid() {
    float[] x = {1, -2, 3, -4, 0.5f, -0.25f};
    GradCheckReport report =
        GradCheck.floats(
                "relu",
                in -> each(in[0], v -> Math.max(v, 0)),
                (in, up) -> {
                  float[] dx = up.clone();
                  for (int i = 0; i < dx.length; i++) {
                    dx[i] = in[0][i] > 0 ? 0 : dx[i];
                  }
                  return new float[][] {dx};
                })
            .input("x", x)
            .check();
    assertThat(report.toString()).contains("FAIL").contains("masked the wrong way round");
  }

  @Test
  void theReportNamesTheElementAndTheLineThatReproducesIt() {
    UnaryOperator<float[]> fault = dw -> with(dw, 7, dw[7] + 0.25f);
    GradCheckReport report = layer(fault).seed(5).check();
    assertThat(report.toString())
        .contains("layer: FAIL")
        .contains("w (20 elements): 20 smooth, 0 kinks, 0 undecided")
        .contains("1 beyond their bounds")
        .contains("∂/∂w[7]: gradient ")
        .contains("again: the same check with .seed(5L).only(\"w\", 7)");
    GradCheckReport again = layer(fault).seed(5L).only("w", 7).check();
    assertThat(again.passes()).isFalse();
    assertThat(again.inputs().get(0).worst()).isEqualTo(report.inputs().get(1).worst());
    assertThat(layer(fault).seed(5L).only("w", 8).check().passes()).isTrue();
    assertThatThrownBy(report::assertPasses).hasMessage(report.toString());
  }

  @Test
  void jsonAndJUnitXmlSayTheSame() throws Exception {
    GradCheckReport report = layer(dw -> with(dw, 7, dw[7] + 0.25f)).check();
    assertThat(report.toJson())
        .contains("\"passes\":false")
        .contains("\"input\":\"w\"")
        .contains("\"failures\":1")
        .contains("\"index\":7")
        .contains("\"reproduce\":\".seed(1L).only(\\\"w\\\", 7)\"")
        .doesNotContain("Infinity")
        .doesNotContain("NaN");
    var suite =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(
                new java.io.ByteArrayInputStream(
                    report.toJUnitXml().getBytes(java.nio.charset.StandardCharsets.UTF_8)))
            .getDocumentElement();
    assertThat(suite.getAttribute("tests")).isEqualTo("3");
    assertThat(suite.getAttribute("failures")).isEqualTo("1");
    assertThat(suite.getElementsByTagName("failure").item(0).getTextContent()).contains("∂/∂w[7]");
  }

  private static GradCheckReport elementwise(
      UnaryOperator<Float> f, UnaryOperator<Float> slope, float... x) {
    return GradCheck.floats(
            "elementwise",
            in -> each(in[0], f),
            (in, up) -> {
              float[] dx = each(in[0], slope);
              for (int i = 0; i < dx.length; i++) {
                dx[i] *= up[i];
              }
              return new float[][] {dx};
            })
        .input("x", x)
        .check();
  }

  /**
   * Numbers of very different size beside each other, steep functions, and kinks of either sign.
   */
  @Test
  void scalesThatLieFarApartAreNoObstacle() {
    List<GradCheckReport> reports =
        List.of(
            elementwise(v -> (float) Math.log(v), v -> 1 / v, 1e-6f, 1e-3f, 1, 1e6f),
            elementwise(v -> 1 / v, v -> -1 / (v * v), 1e-3f, 0.5f, 100),
            elementwise(v -> (float) Math.sqrt(v), v -> (float) (0.5 / Math.sqrt(v)), 1e-8f, 1e8f),
            elementwise(
                v -> (float) Math.sin(100 * v),
                v -> (float) (100 * Math.cos(100 * v)),
                0.1f,
                3,
                10),
            elementwise(v -> v * v * v * v * v, v -> 5 * v * v * v * v, 1e-3f, 1, 10, 100),
            elementwise(v -> Math.max(v, 0), v -> v > 0 ? 1f : 0f, 0, 1e-5f, -1e-5f, 1e-3f, 2, -3),
            elementwise(v -> Math.max(v, 0), v -> 0f, 0, 0, 0),
            elementwise(v -> 3f, v -> 0f, 1, 2, 3),
            elementwise(v -> v * 1e30f, v -> 1e30f, 1, 2e3f),
            elementwise(v -> v * 1e-30f, v -> 1e-30f, 1, 2e3f));
    reports.forEach(report -> assertThat(report.passes()).as("%s", report).isTrue());
    assertThat(
            elementwise(v -> (float) Math.log(v), v -> 1.03f / v, 1e-6f, 1e-3f, 1, 1e6f).passes())
        .isFalse();
  }

  /** One number from thousands: the gradient of one element is small beside its rounding. */
  @Test
  void aWrongElementOfASumOfThousandsIsFound() {
    for (int guilty : new int[] {-1, 1666}) {
      GradCheckReport report =
          GradCheck.floats(
                  "sum of squares",
                  in -> {
                    double sum = 0;
                    for (float v : in[0]) {
                      sum += v * v;
                    }
                    return new float[] {(float) sum};
                  },
                  (in, up) -> {
                    float[] dx = each(in[0], v -> 2 * v * up[0]);
                    if (guilty >= 0) {
                      dx[guilty] *= -1;
                    }
                    return new float[][] {dx};
                  })
              .input("x", random(5000, 3))
              .check();
      assertThat(report.passes()).as("%s", report).isEqualTo(guilty < 0);
      if (guilty >= 0) {
        assertThat(report.inputs().get(0).worst().index()).isEqualTo(guilty);
      }
    }
  }

  private static GradCheck absolute(float at, float slope) {
    return GradCheck.floats(
            "|x|",
            in -> new float[] {Math.abs(in[0][0])},
            (in, up) -> new float[][] {{up[0] * slope}})
        .input("x", new float[] {at})
        .upstream(1);
  }

  @ParameterizedTest
  @CsvSource({"0, 1, true", "0, -1, true", "0, 0.25, true", "0, 1.1, false", "0, -1.5, false"})
  void atAKinkAnyValueBetweenTheSlopesIsRight(float at, float slope, boolean passes) {
    GradCheckReport report = absolute(at, slope).check();
    assertThat(report.passes()).as("%s", report).isEqualTo(passes);
    assertThat(report.inputs().get(0).kinks()).isEqualTo(1);
    assertThat(report.toString()).contains("-1.00000000 … 1.00000000 (kink)");
  }

  @ParameterizedTest
  @ValueSource(floats = {1e-2f, 3e-3f, 1e-3f, 4e-4f, 1e-4f})
  void aKinkThatIsOnlyNearbyDoesNotSpoilTheSlope(float distance) {
    // among others of size 1, so that the first steps cross the kink
    float[] x = {distance, 1, -1, 2};
    GradCheck check =
        GradCheck.floats(
                "|x|",
                in -> each(in[0], Math::abs),
                (in, up) -> {
                  float[] dx = up.clone();
                  for (int i = 0; i < 4; i++) {
                    dx[i] *= Math.signum(in[0][i]);
                  }
                  return new float[][] {dx};
                })
            .input("x", x);
    GradCheckReport report = check.check();
    assertThat(report.passes()).as("%s", report).isTrue();
    GradCheckReport wrong =
        GradCheck.floats(
                "|x|",
                in -> each(in[0], Math::abs),
                (in, up) -> new float[][] {{-up[0], up[1], -up[2], up[3]}})
            .input("x", x)
            .check();
    assertThat(wrong.passes()).as("%s", wrong).isFalse();
  }

  @Test
  void whatIsMostlyUndecidableFails() {
    // rounded to 3 digits: steps of this precision see nothing but the rounding
    GradCheckReport report =
        GradCheck.floats(
                "coarse",
                in -> each(in[0], v -> Math.round(v * 8) / 8f),
                (in, up) -> new float[][] {up.clone()})
            .input("x", random(10, 3))
            .check();
    assertThat(report.passes()).as("%s", report).isFalse();
  }

  private static final GradCheck.FloatFunction TWICE = in -> each(in[0], v -> 2 * v);

  private static GradCheckReport faulty(
      GradCheck.FloatFunction forward, GradCheck.FloatGradient backward) {
    GradCheckReport report =
        GradCheck.floats("faulty", forward, backward).input("x", new float[] {1, 2, 3}).check();
    assertThat(report.passes()).as("%s", report).isFalse();
    return report;
  }

  private static GradCheckReport faulty(GradCheck.FloatGradient backward) {
    return faulty(TWICE, backward);
  }

  @Test
  void aBrokenContractIsNamed() {
    assertThat(faulty((in, up) -> new float[][] {{2, Float.NaN, 2}}).faults())
        .containsExactly("the gradient of x[1] is NaN");
    assertThat(faulty((in, up) -> new float[][] {{2, 2, Float.POSITIVE_INFINITY}}).faults())
        .containsExactly("the gradient of x[2] is Infinity");
    assertThat(faulty((in, up) -> new float[][] {null}).faults())
        .containsExactly("the gradient of x is null");
    assertThat(faulty((in, up) -> null).faults())
        .containsExactly("backward returned no gradients: null");
    assertThat(faulty((in, up) -> new float[][] {{2, 2}}).faults())
        .containsExactly("the gradient of x has 2 elements, expected 3");
    assertThat(faulty((in, up) -> new float[][] {}).faults())
        .containsExactly("backward returned 0 gradients, expected one for each of [x]");
    assertThat(
            faulty(
                    (in, up) -> {
                      in[0][1] = 5;
                      return new float[][] {each(up, v -> 2 * v)};
                    })
                .faults())
        .containsExactly("backward wrote to its input x, element 1");
    assertThat(
            faulty(
                    (in, up) -> {
                      up[2] *= 2;
                      return new float[][] {{2 * up[0], 2 * up[1], up[2]}};
                    })
                .faults())
        .containsExactly("backward wrote to the upstream gradient, element 2");
    assertThat(faulty(in -> new float[] {}, (in, up) -> new float[][] {new float[3]}).faults())
        .containsExactly("forward has no outputs: nothing can be checked");
    assertThat(
            faulty(in -> new float[] {0 / 0f}, (in, up) -> new float[][] {new float[3]}).faults())
        .containsExactly("output[0] is NaN: it has no slope");
    float[] calls = {0};
    assertThat(
            faulty(
                    in -> new float[] {in[0][0] + calls[0]++},
                    (in, up) -> new float[][] {{up[0], 0, 0}})
                .faults())
        .containsExactly("forward, called twice, gives two results");
  }

  @Test
  void aGradientThatAccumulatesIsNamed() {
    float[] kept = new float[3];
    GradCheckReport report =
        faulty(
            (in, up) -> {
              for (int i = 0; i < 3; i++) {
                kept[i] += 2 * up[i];
              }
              return new float[][] {kept};
            });
    assertThat(report.faults().get(0))
        .startsWith("backward, called twice, gives another gradient of x[0]")
        .endsWith("it looks accumulated instead of overwritten");
  }

  @Test
  void aGradientOfTheCallBeforeIsNamed() {
    float[][] latest = {{0, 0, 0}};
    boolean[] isFirst = {true};
    // takes what the first of several forward passes left
    GradCheckReport report =
        GradCheck.floats(
                "x²",
                in -> {
                  if (isFirst[0]) {
                    latest[0] = in[0].clone();
                  }
                  isFirst[0] = false;
                  return each(in[0], v -> v * v);
                },
                (in, up) -> {
                  isFirst[0] = true;
                  float[] dx = up.clone();
                  for (int i = 0; i < 3; i++) {
                    dx[i] *= 2 * latest[0][i];
                  }
                  return new float[][] {dx};
                })
            .input("x", new float[] {1, 2, 3})
            .check();
    assertThat(report.passes()).isFalse();
    assertThat(report.faults().get(0)).contains("after calls with other inputs");
  }

  @Test
  void aForwardPassThatReusesItsBufferIsCheckedAllTheSame() {
    float[] buffer = new float[3];
    GradCheck.FloatFunction forward =
        in -> {
          for (int i = 0; i < 3; i++) {
            buffer[i] = in[0][i] * in[0][i];
          }
          return buffer;
        };
    GradCheckReport right =
        GradCheck.floats(
                "x²",
                forward,
                (in, up) ->
                    new float[][] {
                      {2 * in[0][0] * up[0], 2 * in[0][1] * up[1], 2 * in[0][2] * up[2]}
                    })
            .input("x", new float[] {1, 2, 3})
            .check();
    assertThat(right.passes()).as("%s", right).isTrue();
    assertThat(right.notes().get(0)).contains("returns the same array each time");
    assertThat(faulty(forward, (in, up) -> new float[][] {new float[3]}).inputs().get(0).failures())
        .isEqualTo(3);
  }

  @Test
  void anExceptionGoesThroughAndLeavesTheCallersArraysAsTheyWere() {
    float[] x = {1, 2, 3};
    GradCheck check =
        GradCheck.floats(
                "throws",
                in -> {
                  if (in[0][1] != 2) {
                    throw new IllegalStateException("only at 2");
                  }
                  return in[0].clone();
                },
                (in, up) -> new float[][] {up.clone()})
            .input("x", x);
    assertThatThrownBy(check::check).hasMessage("only at 2");
    assertThat(x).containsExactly(1, 2, 3);
  }

  @Test
  void aStepIsSeenBesideALargeNumber() {
    float[] x = {1e6f, -3e20f, 1e-20f, 5f};
    GradCheckReport report =
        GradCheck.floats(
                "3x",
                in -> each(in[0], v -> 3 * v),
                (in, up) -> new float[][] {each(up, v -> 3 * v)})
            .input("large", new float[] {1e6f, -3e6f})
            .check();
    assertThat(report.passes()).as("%s", report).isTrue();
    assertThat(report.inputs().get(0).smooth()).isEqualTo(2);
    assertThat(
            GradCheck.floats(
                    "3x",
                    in -> each(in[0], v -> 3 * v),
                    (in, up) -> new float[][] {each(up, v -> 2.9f * v)})
                .input("large", x)
                .check()
                .passes())
        .isFalse();
  }

  @Test
  void severalOutputsAndDoublesAndAFixedStep() {
    GradCheck.floatsOfMany(
            "sine and cosine",
            in ->
                new float[][] {
                  each(in[0], v -> (float) Math.sin(v)), each(in[0], v -> (float) Math.cos(v))
                },
            (in, up) -> {
              float[] dx = new float[in[0].length];
              for (int i = 0; i < dx.length; i++) {
                dx[i] = (float) (up[0][i] * Math.cos(in[0][i]) - up[1][i] * Math.sin(in[0][i]));
              }
              return new float[][] {dx};
            })
        .input("x", random(9, 1))
        .check()
        .assertPasses();
    for (double factor : new double[] {1, 1.0001}) {
      GradCheckReport report =
          GradCheck.doubles(
                  "x³",
                  in -> new double[] {Math.pow(in[0][0], 3)},
                  (in, up) -> new double[][] {{factor * 3 * in[0][0] * in[0][0] * up[0]}})
              .input("x", new double[] {1.7})
              .step(1e-4)
              .check();
      assertThat(report.passes()).as("%s", report).isEqualTo(factor == 1);
    }
  }

  @Test
  void aWholeNetworkIsOneCallAndDropoutIsNoObstacle() {
    for (Activation f : List.of(new Tanh(), new Relu())) {
      Graph graph = new Graph();
      Node x = graph.input("x", 6);
      Node labels = graph.ints("labels", 1);
      Node draws = graph.ints("draws", 1);
      Node w1 = graph.parameter("w1", Initial.he(6, 9, 1));
      Node b1 = graph.parameter("b1", Initial.uniform(Matrix.zeros(1, 9), 0.1, 2));
      Node w2 = graph.parameter("w2", Initial.he(9, 4, 3));
      Node b2 = graph.parameter("b2", Initial.uniform(Matrix.zeros(1, 4), 0.1, 4));
      Node hidden = dropout(dense(x, w1, b1, f), 0.3f, draws);
      Node loss = crossEntropy(dense(hidden, w2, b2, new Identity()), labels).named("loss");
      int[] classes = new int[30];
      Arrays.setAll(classes, i -> i % 4);
      Examples examples =
          Examples.of(x, Initial.uniform(Matrix.zeros(30, 6), 1, 5)).and(labels, classes);
      float[] before = w1.value().array().clone();
      GradCheckReport report = GradCheck.of(loss, examples).check();
      assertThat(report.passes()).as("%s", report).isTrue();
      assertThat(report.inputs()).hasSize(4);
      assertThat(w1.value().array()).containsExactly(before);
      Trainer trainer = Trainer.of(loss).examples(examples).draws(draws).build();
      GradCheck.of(trainer).check().assertPasses();
      trainer.train(3);
    }
  }

  /** As fresh networks have it: biases of 0, and an example of nothing but zeros. */
  @Test
  void hiddenUnitsThatAllStandOnTheirKinksAreNoFalseAlarm() {
    Graph graph = new Graph();
    Node x = graph.input("x", 2);
    Node labels = graph.ints("labels", 1);
    Node w1 = graph.parameter("w1", Initial.he(2, 128, 1));
    Node b1 = graph.parameter("b1", Matrix.zeros(1, 128));
    Node w2 = graph.parameter("w2", Initial.glorot(128, 2, 2));
    Node b2 = graph.parameter("b2", Matrix.zeros(1, 2));
    Node loss = crossEntropy(dense(dense(x, w1, b1, new Relu()), w2, b2, new Identity()), labels);
    Matrix rows = Matrix.of(new float[] {-1, -1, 0, 0, 1, 1}, 3, 2);
    Examples examples = Examples.of(x, rows).and(labels, new int[] {0, 1, 0});
    for (int elements : new int[] {40, 1000}) {
      GradCheckReport report = GradCheck.of(loss, examples).elements(elements).check();
      assertThat(report.passes()).as("%s", report).isTrue();
    }
    // the same by hand, at the kinks themselves
    float[] u = random(300, 1);
    GradCheckReport kinks =
        GradCheck.floats(
                "relu at 0",
                in -> {
                  float sum = 0;
                  for (int i = 0; i < 300; i++) {
                    sum += u[i] * Math.max(in[0][i], 0);
                  }
                  return new float[] {sum};
                },
                (in, up) -> new float[][] {new float[300]})
            .input("x", new float[300])
            .elements(100)
            .undecided(1)
            .check();
    assertThat(kinks.passes()).as("%s", kinks).isTrue();
  }

  @Test
  void oneWrongElementOfAMillionIsFoundAndNamed() {
    int inputs = 1000;
    int batch = 4;
    float[] x = random(batch * inputs, 1);
    GradCheck.FloatFunction forward =
        in -> {
          int outputs = in[0].length / inputs;
          Matrix y = Matrix.zeros(batch, outputs);
          Gemm.multiply(1f, Matrix.of(x, batch, inputs), Matrix.of(in[0], inputs, outputs), 0f, y);
          return y.array();
        };
    for (boolean isWrong : new boolean[] {false, true}) {
      int outputs = isWrong ? 1000 : 200;
      int guilty = 654_321;
      GradCheck check =
          GradCheck.floats(
                  "large layer",
                  forward,
                  (in, up) -> {
                    Matrix dw = Matrix.zeros(inputs, outputs);
                    Matrix dy = Matrix.of(up, batch, outputs);
                    Gemm.multiply(1f, Matrix.of(x, batch, inputs).transposed(), dy, 0f, dw);
                    if (isWrong) {
                      dw.array()[guilty] = -dw.array()[guilty];
                    }
                    return new float[][] {dw.array()};
                  })
              .input("w", random(inputs * outputs, 2), inputs, outputs);
      long start = System.nanoTime();
      GradCheckReport report = check.check();
      assertThat(report.passes()).as("%s", report).isEqualTo(!isWrong);
      assertThat((System.nanoTime() - start) / 1e9).isLessThan(20);
      if (isWrong) {
        assertThat(report.inputs().get(0).worst().index()).as("%s", report).isEqualTo(guilty);
        assertThat(report.inputs().get(0).worst().count()).isEqualTo(1);
      }
    }
  }

  @Test
  void anOpWithSeveralOutputsIsOneCall() {
    Matrix a = Initial.uniform(Matrix.zeros(3, 4), 1, 1);
    Matrix b = Initial.uniform(Matrix.zeros(3, 4), 1, 2);
    GradCheckReport right = GradCheck.of(new SumAndProduct(1), a, b).check();
    assertThat(right.passes()).as("%s", right).isTrue();
    assertThat(right.checked()).isEqualTo(24);
    GradCheckReport wrong = GradCheck.of(new SumAndProduct(-1), a, b).check();
    assertThat(wrong.passes()).as("%s", wrong).isFalse();
    assertThat(wrong.toString()).contains("sum and product: FAIL").contains("input 1");
  }

  /** (a + b, a·b) with a factor in the gradient of b. */
  private record SumAndProduct(float factor) implements Op {
    @Override
    public String name() {
      return "sum and product";
    }

    @Override
    public List<Shape> shapes(List<Shape> inputs) {
      return List.of(inputs.get(0), inputs.get(0));
    }

    @Override
    public void run(Operands in, Operands out, Scratch scratch) {
      Matrix a = in.matrix(0);
      Matrix b = in.matrix(1);
      for (int i = 0; i < a.rows(); i++) {
        for (int j = 0; j < a.columns(); j++) {
          out.matrix(0).set(i, j, a.get(i, j) + b.get(i, j));
          if (out.isWanted(1)) {
            out.matrix(1).set(i, j, a.get(i, j) * b.get(i, j));
          }
        }
      }
    }

    @Override
    public void gradient(Gradient g) {
      for (int k = 0; k < 2; k++) {
        Node up = g.upstream(k);
        boolean isSum = k == 0;
        if (up != null) {
          g.add(0, () -> isSum ? up : Ops.multiply(up, g.input(1)));
          g.add(1, () -> Ops.scale(factor, isSum ? up : Ops.multiply(up, g.input(0))));
        }
      }
    }
  }

  @Test
  void secondDerivativesOfANetworkAreOneCall() {
    Graph graph = new Graph();
    Node x = graph.input("x", 3);
    Node y = graph.input("y", 2);
    Node w = graph.parameter("w", Initial.glorot(3, 2, 1));
    Node b = graph.parameter("b", Initial.uniform(Matrix.zeros(1, 2), 0.1, 4));
    Node loss = Ops.meanSquaredError(dense(x, w, b, new Tanh()), y).named("loss");
    Examples examples =
        Examples.of(x, Initial.uniform(Matrix.zeros(10, 3), 1, 5))
            .and(y, Initial.uniform(Matrix.zeros(10, 2), 1, 6));
    GradCheckReport report = GradCheck.secondOrder(loss, examples).check();
    assertThat(report.passes()).as("%s", report).isTrue();
    assertThat(report.name()).isEqualTo("⟨∇loss, v⟩");
    assertThat(report.checked()).isEqualTo(8);
  }

  @ParameterizedTest
  @CsvSource({"1, true", "1.001, false"})
  void forwardModeHasToAgreeWithReverseMode(double factor, boolean agrees) {
    GradCheckReport report =
        GradCheck.doubles(
                "x²",
                in -> new double[] {in[0][0] * in[0][0], in[0][1]},
                (in, up) -> new double[][] {{2 * in[0][0] * up[0], up[1]}})
            .input("x", new double[] {3, 4})
            .jvp((in, v) -> new double[] {factor * 2 * in[0][0] * v[0][0], v[0][1]})
            .check();
    assertThat(report.passes()).as("%s", report).isEqualTo(agrees);
    assertThat(report.faults().toString().contains("forward and reverse mode disagree"))
        .isEqualTo(!agrees);
  }

  @Test
  void wrongArgumentsAreRefused() {
    GradCheck check = GradCheck.floats("f", TWICE, (in, up) -> new float[][] {up});
    assertThatThrownBy(check::check).hasMessage("there is no input, expected one at least");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> check.input("x", new float[0]))
        .withMessage("x has 0 elements, expected 1 × 0, and one at least");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> check.input("x", new float[5], 2, 3))
        .withMessage("x has 5 elements, expected 2 × 3, and one at least");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> check.input("x", new float[] {1, Float.NaN}))
        .withMessageStartingWith("x[1] is NaN");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> check.step(0))
        .withMessage("step is 0.0, expected a positive number");
    check.input("x", new float[] {1});
    assertThatIllegalArgumentException()
        .isThrownBy(() -> check.input("x", new float[] {1}))
        .withMessage("there are two inputs x");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> check.only("y", 0))
        .withMessageContaining("y[0] is no element of the inputs [x]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> check.upstream(1, 2).check())
        .withMessage("the upstream gradient has 2 elements, and the outputs 1");
  }

  @Test
  void theSameSeedGivesTheSameReport() {
    SplittableRandom random = new SplittableRandom(1);
    long seed = random.nextLong();
    assertThat(layer(dw -> dw).seed(seed).check().toString())
        .isEqualTo(layer(dw -> dw).seed(seed).check().toString());
    assertThat(layer(dw -> dw).seed(seed).check().ratio())
        .isCloseTo(layer(dw -> dw).seed(seed).check().ratio(), within(0.0));
  }
}
