package org.lanegrad.activation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lanegrad.Matrix;
import org.lanegrad.elementwise.Absolute;
import org.lanegrad.elementwise.Affine;
import org.lanegrad.elementwise.Erf;
import org.lanegrad.elementwise.Expm1;
import org.lanegrad.elementwise.Exponential;
import org.lanegrad.elementwise.Log1p;
import org.lanegrad.elementwise.Logarithm;
import org.lanegrad.elementwise.Reciprocal;
import org.lanegrad.elementwise.Square;
import org.lanegrad.elementwise.SquareRoot;

/** What all activations promise. */
class ActivationTest {
  static Stream<Activation> activations() {
    return Stream.of(
        new Identity(),
        new Relu(),
        new Sigmoid(),
        new Tanh(),
        new Threshold(0.5f),
        PiecewiseLinear.leakyRelu(0.01f),
        PiecewiseLinear.thresholdedRelu(1f),
        PiecewiseLinear.hardTanh(),
        PiecewiseLinear.hardSigmoid(0.2f, 0.5f),
        new HardSwish(),
        ExponentialLinear.elu(1f),
        ExponentialLinear.selu(),
        ExponentialLinear.celu(2f),
        new ExponentialLinear(1f, 1e30f, 1e-10f),
        new Softplus(),
        new Softsign(),
        Swish.silu(),
        new Swish(-1.5f),
        new Mish(),
        new Gelu(),
        new GeluTanh(),
        new Exponential(),
        new Expm1(),
        new Logarithm(),
        new Log1p(),
        new Erf(),
        new Affine(1.5f, 0.25f),
        new Square(),
        new Reciprocal(),
        new SquareRoot(),
        new Absolute());
  }

  private static final float[] SPECIAL = {
    Float.NaN,
    Float.POSITIVE_INFINITY,
    Float.NEGATIVE_INFINITY,
    0f,
    -0f,
    Float.MIN_VALUE,
    -Float.MIN_VALUE,
    1e-40f,
    Float.MIN_NORMAL,
    Float.MAX_VALUE,
    -Float.MAX_VALUE,
    88.7f,
    89f,
    -87.5f,
    -88.5f,
    -103.9f,
    -104.1f,
    -150f
  };

  @ParameterizedTest
  @MethodSource("activations")
  void anElementsBitsDoNotDependOnWhereItStands(Activation f) {
    float[] x = random(83);
    System.arraycopy(SPECIAL, 0, x, 20, SPECIAL.length);
    System.arraycopy(SPECIAL, 0, x, 83 - SPECIAL.length, SPECIAL.length);
    float[] together = new float[83];
    f.forward(x, 0, together, 0, 83);
    float[] saved = f.saved() == Activation.Saved.INPUT ? x : together;
    float[] upstream = random(83);
    float[] downstream = new float[83];
    f.backward(upstream, 0, saved, 0, downstream, 0, 83);
    for (int i = 0; i < 83; i++) {
      float[] alone = new float[40];
      f.forward(x, i, alone, i % 40, 1);
      assertThat(Float.floatToIntBits(alone[i % 40]))
          .as("%s of %s: %s, %s in an array", f, x[i], alone[i % 40], together[i])
          .isEqualTo(Float.floatToIntBits(together[i]));
      f.backward(upstream, i, saved, i, alone, i % 40, 1);
      assertThat(Float.floatToIntBits(alone[i % 40]))
          .as("%s′ at %s: %s, %s in an array", f, x[i], alone[i % 40], downstream[i])
          .isEqualTo(Float.floatToIntBits(downstream[i]));
    }
  }

  @ParameterizedTest
  @MethodSource("activations")
  void inPlaceGivesTheSameAsOutOfPlace(Activation f) {
    float[] x = random(83);
    float[] y = new float[83];
    f.forward(x, 0, y, 0, 83);
    float[] inPlace = x.clone();
    f.forward(inPlace, 0, inPlace, 0, 83);
    assertThat(inPlace).isEqualTo(y);
    float[] saved = f.saved() == Activation.Saved.INPUT ? x : y;
    float[] upstream = random(83);
    float[] downstream = new float[83];
    f.backward(upstream, 0, saved, 0, downstream, 0, 83);
    f.backward(upstream, 0, saved, 0, upstream, 0, 83);
    assertThat(upstream).isEqualTo(downstream);
  }

  @ParameterizedTest
  @MethodSource("activations")
  void aNanGoesThroughBothWays(Activation f) {
    float[] x = random(37);
    x[3] = Float.NaN;
    x[36] = Float.NaN;
    float[] y = new float[37];
    f.forward(x, 0, y, 0, 37);
    assertThat(y[3]).isNaN();
    assertThat(y[36]).isNaN();
    float[] upstream = new float[37];
    Arrays.fill(upstream, 1f);
    upstream[5] = Float.NaN;
    x[5] = 2f;
    f.forward(x, 0, y, 0, 37);
    float[] saved = f.saved() == Activation.Saved.INPUT ? x : y;
    float[] downstream = new float[37];
    f.backward(upstream, 0, saved, 0, downstream, 0, 37);
    assertThat(downstream[5]).isNaN();
  }

  @ParameterizedTest
  @MethodSource("activations")
  void badArgumentsAreNamedAndNothingIsWritten(Activation f) {
    float[] x = random(10);
    float[] before = x.clone();
    assertThatThrownBy(() -> f.forward(null, 0, x, 0, 1))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("x is null, expected a float[]");
    assertThatThrownBy(() -> f.forward(x, 0, new float[3], 1, 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("y has length 3, expected room for 3 elements from index 1 on");
    assertThatThrownBy(() -> f.forward(x, 0, x, 0, -1))
        .hasMessage("length is -1, expected 0 or more");
    assertThatThrownBy(() -> f.forward(x, 0, x, 0, Integer.MAX_VALUE))
        .hasMessageContaining("x has length 10");
    assertThatThrownBy(() -> f.forward(x, 0, x, 2, 5))
        .hasMessage(
            "y at 2 overlaps x at 0 (length 5) in part, expected the same range or separate ones");
    assertThatThrownBy(() -> f.backward(x, 0, x, 0, x, 1, 5))
        .hasMessageContaining("downstream at 1 overlaps upstream at 0");
    assertThat(x).isEqualTo(before);
  }

  @ParameterizedTest
  @MethodSource("activations")
  void lengthZeroWritesNothing(Activation f) {
    float[] y = {5};
    f.forward(new float[0], 0, y, 1, 0);
    f.backward(new float[0], 0, new float[0], 0, y, 0, 0);
    assertThat(y).containsExactly(5);
  }

  @Test
  void reluPacksOneBitForEachElementThatPasses() {
    float[] x = new float[70];
    Arrays.fill(x, -1f);
    x[0] = 1f;
    x[63] = Float.NaN;
    x[64] = Float.MIN_VALUE;
    x[65] = -0f;
    x[69] = 3f;
    long[] bits = {0, -1, -1, 42};
    new Relu().forward(x, 0, new float[70], 0, bits, 1, 70);
    assertThat(bits).containsExactly(0, 1L | 1L << 63, 1L | 1L << 5, 42);
  }

  @Test
  void reluBackwardFromBitsIsThatFromTheOutput() {
    Relu relu = new Relu();
    for (int n : new int[] {1, 15, 16, 63, 64, 65, 200}) {
      float[] x = random(n);
      float[] y = new float[n];
      long[] bits = new long[4];
      relu.forward(x, 0, y, 0, bits, 0, n);
      float[] upstream = random(n);
      float[] fromBits = new float[n];
      float[] fromOutput = new float[n];
      relu.backward(upstream, 0, bits, 0, fromBits, 0, n);
      relu.backward(upstream, 0, y, 0, fromOutput, 0, n);
      assertThat(fromBits).isEqualTo(fromOutput);
    }
  }

  @Test
  void anOutputThatDoesNotTellTheSidesApartIsRefused() {
    PiecewiseLinear f = PiecewiseLinear.thresholdedRelu(-1f);
    float[] x = {-5f, -0.5f, 2f};
    float[] y = new float[3];
    float[] dx = new float[3];
    long[] bits = new long[1];
    float[] ones = {1, 1, 1};
    f.forward(x, 0, y, 0, bits, 0, 3);
    f.backward(ones, 0, bits, 0, dx, 0, 3);
    assertThat(y).containsExactly(0, -0.5f, 2);
    assertThat(dx).containsExactly(0, 1, 1);
    assertThatThrownBy(() -> f.backward(ones, 0, y, 0, dx, 0, 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("floor is 0.0, above low -1.0");
  }

  @Test
  void reluRefusesTooFewBits() {
    assertThatThrownBy(
            () -> new Relu().forward(new float[65], 0, new float[65], 0, new long[1], 0, 65))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("bits has length 1, expected room for 2 elements from index 0 on");
  }

  @Test
  void workedOutByHand() {
    float[] x = {1, -2, 3, -1};
    float[] y = new float[4];
    new Relu().forward(x, 0, y, 0, 4);
    assertThat(y).containsExactly(1, 0, 3, 0);
    new Relu().backward(new float[] {5, 6, 7, 8}, 0, y, 0, y, 0, 4);
    assertThat(y).containsExactly(5, 0, 7, 0);
    float[] one = {1f};
    new Sigmoid().forward(one, 0, one, 0, 1);
    assertThat(one[0]).isEqualTo(0.7310586f);
    new Sigmoid().backward(new float[] {1f}, 0, one, 0, one, 0, 1);
    assertThat(one[0]).isCloseTo(0.19661193f, org.assertj.core.api.Assertions.within(2e-8f));
  }

  private static float[] random(int n) {
    SplittableRandom random = new SplittableRandom(n);
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextDouble(-6, 6);
    }
    return values;
  }

  @ParameterizedTest
  @MethodSource("activations")
  void matricesWithGapsGiveTheBitsOfTheirRows(Activation activation) {
    SplittableRandom random = new SplittableRandom(8);
    int columns = 21;
    Matrix x = matrixWithGaps(random, columns);
    Matrix dy = matrixWithGaps(random, columns);
    Matrix y = Matrix.of(new float[200], 3, 5, columns, 30);
    Matrix dx = Matrix.of(new float[200], 7, 5, columns, 28);
    activation.forward(x, y);
    Matrix saved = activation.saved() == Activation.Saved.INPUT ? x : y;
    activation.backward(dy, saved, dx);
    float[] row = new float[columns];
    for (int i = 0; i < 5; i++) {
      activation.forward(x.array(), x.index(i, 0), row, 0, columns);
      assertThat(Arrays.copyOfRange(y.array(), y.index(i, 0), y.index(i, columns))).isEqualTo(row);
      activation.backward(
          dy.array(), dy.index(i, 0), saved.array(), saved.index(i, 0), row, 0, columns);
      assertThat(Arrays.copyOfRange(dx.array(), dx.index(i, 0), dx.index(i, columns)))
          .isEqualTo(row);
      assertThat(y.array()[y.index(i, columns)]).isZero();
      assertThat(dx.array()[dx.index(i, columns)]).isZero();
    }
    Matrix inPlace = Matrix.of(x.array().clone(), x.offset(), 5, columns, x.rowStep());
    activation.forward(inPlace, inPlace);
    assertThat(inPlace.get(4, 20)).isEqualTo(y.get(4, 20));
  }

  private static Matrix matrixWithGaps(SplittableRandom random, int columns) {
    float[] array = new float[200];
    for (int i = 0; i < array.length; i++) {
      array[i] = (float) random.nextDouble(0.1, 2);
    }
    return Matrix.of(array, 2, 5, columns, 33);
  }

  @Test
  void matricesThatDoNotFitAreRefusedByName() {
    Matrix x = Matrix.zeros(4, 6);
    Activation relu = new Relu();
    assertThatThrownBy(() -> relu.forward(x, Matrix.zeros(4, 5)))
        .hasMessage("y.columns is 5, expected 6, as x.columns");
    assertThatThrownBy(() -> relu.forward(x, null)).hasMessage("y is null, expected a Matrix");
    assertThatThrownBy(() -> relu.forward(x.transposed(), Matrix.zeros(6, 4)))
        .hasMessageContaining("x");
    assertThatThrownBy(() -> relu.forward(x.rowRange(0, 3), x.rowRange(1, 3)))
        .hasMessageContaining("y overlaps x");
    assertThatThrownBy(() -> relu.backward(x, Matrix.zeros(4, 6), Matrix.zeros(3, 6)))
        .hasMessage("downstream.rows is 3, expected 4, as upstream.rows");
  }
}
