package org.lanegrad.normalization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lanegrad.Matrix;

class SoftmaxTest {
  private static float[] softmax(float... x) {
    Matrix y = Matrix.zeros(1, x.length);
    Softmax.forward(Matrix.of(x, 1, x.length), y);
    return y.array();
  }

  private static float[] logSoftmax(float... x) {
    Matrix y = Matrix.zeros(1, x.length);
    LogSoftmax.forward(Matrix.of(x, 1, x.length), y);
    return y.array();
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 1_000, 5_000, 100_000})
  void aRowSumsTo1Within4Ulp(int classes) {
    SplittableRandom random = new SplittableRandom(classes);
    for (double range : new double[] {0, 0.5, 8, 60}) {
      float[] x = new float[classes];
      for (int j = 0; j < classes; j++) {
        x[j] = (float) (range * random.nextDouble(-1, 1));
      }
      double sum = 0;
      for (float p : softmax(x)) {
        sum += p;
      }
      assertThat(Math.abs(sum - 1)).as("range %s", range).isLessThanOrEqualTo(4 * Math.ulp(1f));
    }
  }

  @Test
  void logitsOfAnySizeNeitherOverflowNorDivideZeroByZero() {
    assertThat(softmax(1e4f, -1e4f, 0f)).containsExactly(1f, 0f, 0f);
    assertThat(softmax(-1e4f, -1e4f)).containsExactly(0.5f, 0.5f);
    assertThat(logSoftmax(1e4f, -1e4f)).containsExactly(0f, -2e4f);
    assertThat(softmax(Float.MAX_VALUE, -Float.MAX_VALUE)).containsExactly(1f, 0f);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 10, 20, 67, 1_000})
  void aRowThatIsMaskedWholeIsZerosIfThatIsAskedFor(int n) {
    float no = Float.NEGATIVE_INFINITY;
    float[] x = new float[4 * n];
    Arrays.fill(x, 0, n, no);
    Arrays.fill(x, 2 * n, 3 * n, no);
    x[3 * n] = Float.NaN;
    Matrix stored = Matrix.zeros(4, n);
    Softmax.forwardMasked(Matrix.of(x, 4, n), stored);
    Matrix columns = Matrix.zeros(n, 4).transposed();
    float[] turned = new float[4 * n];
    for (int i = 0; i < turned.length; i++) {
      turned[i % n * 4 + i / n] = x[i];
    }
    Softmax.forwardMasked(Matrix.of(turned, n, 4).transposed(), columns);
    for (Matrix y : new Matrix[] {stored, columns}) {
      for (int j = 0; j < n; j++) {
        assertThat(y.get(0, j)).isZero();
        assertThat(y.get(1, j)).isCloseTo(1f / n, Offset.offset(1e-6f));
        assertThat(y.get(2, j)).isZero();
        assertThat(y.get(3, j)).isNaN();
      }
    }
    Matrix dx = Matrix.zeros(4, n);
    Softmax.backward(
        Matrix.of(x.clone(), 4, n).rowRange(1, 1), stored.rowRange(0, 1), dx.rowRange(0, 1));
    assertThat(dx.array()).containsOnly(0f);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Softmax.forwardMasked(stored, stored))
        .withMessage("y overlaps x, expected separate elements");
  }

  @Test
  void minusInfinityIsNoProbabilityAtAll() {
    float none = Float.NEGATIVE_INFINITY;
    assertThat(softmax(0f, none, 0f)).containsExactly(0.5f, 0f, 0.5f);
    assertThat(logSoftmax(3f, none)).containsExactly(0f, none);
    assertThat(softmax(none, none)).containsOnly(Float.NaN);
  }

  @Test
  void nanAndInfinityMakeTheirRowNanAndNoOther() {
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
      float[] x = {1, bad, 2, 0, 0, 0};
      Matrix y = Matrix.zeros(2, 3);
      Softmax.forward(Matrix.of(x, 2, 3), y);
      assertThat(Arrays.copyOf(y.array(), 3)).containsOnly(Float.NaN);
      assertThat(Arrays.copyOfRange(y.array(), 3, 6)).containsOnly(1 / 3f);
      assertThat(logSoftmax(1, bad, 2)).containsOnly(Float.NaN);
    }
  }

  @ParameterizedTest
  @CsvSource({"19, 7", "70, 37", "1, 40", "5, 1", "1100, 3", "0, 4", "4, 0"})
  void aTransposedViewIsNormalizedAlongItsColumns(int m, int n) {
    Matrix x = random(m, n, 3);
    Matrix dy = random(m, n, 4);
    for (boolean log : new boolean[] {false, true}) {
      Matrix byStrides = Matrix.zeros(m, n);
      Matrix stored = Matrix.zeros(n, m);
      Matrix dxByStrides = Matrix.zeros(m, n);
      Matrix dxStored = Matrix.zeros(n, m);
      run(log, x.transposed(), byStrides.transposed(), dy.transposed(), dxByStrides.transposed());
      run(log, copy(x.transposed()), stored, copy(dy.transposed()), dxStored);
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < m; j++) {
          assertThat(byStrides.get(j, i)).isCloseTo(stored.get(i, j), within());
          assertThat(dxByStrides.get(j, i)).isCloseTo(dxStored.get(i, j), within());
        }
      }
    }
  }

  @Test
  void aTransposedViewMayBeNormalizedInPlace() {
    for (boolean log : new boolean[] {false, true}) {
      Matrix x = random(40, 21, 6);
      Matrix dy = random(40, 21, 7);
      Matrix y = Matrix.zeros(40, 21);
      Matrix dx = Matrix.zeros(40, 21);
      run(log, x.transposed(), y.transposed(), dy.transposed(), dx.transposed());
      run(log, x.transposed(), x.transposed(), dy.transposed(), dy.transposed());
      assertThat(x.array()).isEqualTo(y.array());
      assertThat(dy.array()).isEqualTo(dx.array());
    }
  }

  @Test
  void byStridesNanAndInfinityMakeTheirRowNanAndNoOther() {
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
      Matrix x = Matrix.of(new float[] {1, 0, bad, 0, 2, 0}, 3, 2);
      Matrix y = Matrix.zeros(3, 2);
      Softmax.forward(x.transposed(), y.transposed());
      assertThat(y.array())
          .containsExactly(Float.NaN, 1 / 3f, Float.NaN, 1 / 3f, Float.NaN, 1 / 3f);
    }
    float masked = Float.NEGATIVE_INFINITY;
    Matrix x = Matrix.of(new float[] {masked, 0, masked, masked, masked, 1e4f}, 3, 2);
    Matrix y = Matrix.zeros(3, 2);
    Softmax.forward(x.transposed(), y.transposed());
    assertThat(y.array()).containsExactly(Float.NaN, 0, Float.NaN, 0, Float.NaN, 1);
    LogSoftmax.forward(x.transposed(), y.transposed());
    assertThat(y.array()).containsExactly(Float.NaN, -1e4f, Float.NaN, masked, Float.NaN, 0);
  }

  private static Offset<Float> within() {
    return Offset.offset(2e-6f);
  }

  private static void run(boolean log, Matrix x, Matrix y, Matrix dy, Matrix dx) {
    if (log) {
      LogSoftmax.forward(x, y);
      LogSoftmax.backward(dy, y, dx);
    } else {
      Softmax.forward(x, y);
      Softmax.backward(dy, y, dx);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 17, 37, 64, 1003, 2050})
  void aRowsBitsDoNotDependOnItsBatch(int n) {
    int rows = 5;
    Matrix x = random(rows, n, 5);
    x.array()[n + 1] = Float.NaN;
    for (boolean log : new boolean[] {false, true}) {
      Matrix together = Matrix.zeros(rows, n);
      Matrix inPlace = Matrix.of(x.array().clone(), rows, n);
      forward(log, x, together);
      forward(log, inPlace, inPlace);
      assertThat(inPlace.array()).as("in place").containsExactly(together.array());
      for (int i = 0; i < rows; i++) {
        Matrix alone = Matrix.zeros(1, n);
        Matrix aloneInPlace = Matrix.of(Arrays.copyOfRange(x.array(), i * n, i * n + n), 1, n);
        forward(log, x.rowRange(i, 1), alone);
        forward(log, aloneInPlace, aloneInPlace);
        float[] expected = Arrays.copyOfRange(together.array(), i * n, i * n + n);
        assertThat(Float.isNaN(expected[0])).as("row %d is NaN", i).isEqualTo(i == 1);
        assertThat(alone.array()).as("row %d", i).containsExactly(expected);
        assertThat(aloneInPlace.array()).as("row %d in place", i).containsExactly(expected);
      }
    }
  }

  private static void forward(boolean log, Matrix x, Matrix y) {
    if (log) {
      LogSoftmax.forward(x, y);
    } else {
      Softmax.forward(x, y);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {17, 37, 64, 1003})
  void theLargestLogitMayStandAnywhere(int n) {
    for (int at : new int[] {0, n / 2, n - 2, n - 1}) {
      Matrix x = Matrix.zeros(3, n);
      Matrix y = Matrix.zeros(3, n);
      for (int i = 0; i < 3; i++) {
        x.array()[x.index(i, at)] = 1e4f;
      }
      Softmax.forward(x, y);
      for (int k = 0; k < 3 * n; k++) {
        assertThat(y.array()[k]).as("%d of row %d", k % n, k / n).isEqualTo(k % n == at ? 1f : 0f);
      }
      LogSoftmax.forward(x, y);
      for (int k = 0; k < 3 * n; k++) {
        float expected = k % n == at ? 0f : -1e4f;
        assertThat(y.array()[k]).as("log, %d of row %d", k % n, k / n).isEqualTo(expected);
      }
    }
  }

  @Test
  void rowsThatLieApartLeaveTheGapsAlone() {
    int n = 37;
    int stride = 50;
    float[] in = random(1, 3 * stride, 8).array();
    Matrix dense = Matrix.zeros(3, n);
    for (boolean log : new boolean[] {false, true}) {
      float[] out = new float[3 * stride];
      Arrays.fill(out, 7f);
      forward(log, Matrix.of(in, 2, 3, n, stride), Matrix.of(out, 5, 3, n, stride));
      for (int i = 0; i < 3; i++) {
        forward(log, Matrix.of(in, 2 + i * stride, 1, n, n), dense.rowRange(i, 1));
      }
      for (int i = 0; i < out.length; i++) {
        int row = Math.floorDiv(i - 5, stride);
        int column = Math.floorMod(i - 5, stride);
        boolean inside = row >= 0 && column < n;
        float expected = inside ? dense.array()[row * n + column] : 7f;
        assertThat(out[i]).as("log %s, element %d", log, i).isEqualTo(expected);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {20, 1003})
  void backwardInPlaceGivesTheSame(int n) {
    Matrix y = Matrix.zeros(3, n);
    Matrix dx = Matrix.zeros(3, n);
    for (boolean log : new boolean[] {false, true}) {
      Matrix dy = random(3, n, 7);
      run(log, random(3, n, 6), y, dy, dx);
      run(log, random(3, n, 6), y, dy, dy);
      assertThat(dy.array()).containsExactly(dx.array());
    }
  }

  @Test
  void wrongArgumentsAreNamed() {
    Matrix x = Matrix.zeros(2, 3);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Softmax.forward(x, Matrix.zeros(2, 4)))
        .withMessage("y.columns is 4, expected 3, as x.columns");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Softmax.forward(x, Matrix.zeros(3, 2).transposed()))
        .withMessage("y is transposed, expected it to be stored by rows, as x");
    float[] shared = new float[10];
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> LogSoftmax.forward(Matrix.of(shared, 0, 2, 3, 3), Matrix.of(shared, 1, 2, 3, 3)))
        .withMessage("y overlaps x, expected separate elements");
    float[] columns = new float[40];
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                Softmax.forward(
                    Matrix.of(columns, 0, 4, 8, 8).transposed(),
                    Matrix.of(columns, 0, 4, 8, 10).transposed()))
        .withMessage("y overlaps x, expected separate elements");
  }

  @Test
  void rowsWithoutColumnsAreFine() {
    Matrix none = Matrix.of(new float[4], 0, 3, 0, 4);
    for (boolean log : new boolean[] {false, true}) {
      run(log, none, none, none, none);
    }
    assertThat(none.array()).containsOnly(0f);
  }

  private static Matrix copy(Matrix from) {
    Matrix to = Matrix.zeros(from.rows(), from.columns());
    for (int i = 0; i < from.rows(); i++) {
      for (int j = 0; j < from.columns(); j++) {
        to.array()[to.index(i, j)] = from.get(i, j);
      }
    }
    return to;
  }

  private static Matrix random(int rows, int columns, long seed) {
    Matrix m = Matrix.zeros(rows, columns);
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < m.array().length; i++) {
      m.array()[i] = (float) random.nextDouble(-2, 2);
    }
    return m;
  }
}
