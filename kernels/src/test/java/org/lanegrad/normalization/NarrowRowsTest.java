package org.lanegrad.normalization;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lanegrad.Matrix;

/**
 * Rows shorter than a vector, wherever they lie: the same bits, and nothing beside them is written.
 */
class NarrowRowsTest {
  private static final int ROWS = 9;
  private static final float[] GAMMA = numbers(17, 3);

  /** An op over rows: the saved values, the upstream gradient, what comes out. */
  record Op(String name, Passes passes) {
    @Override
    public String toString() {
      return name;
    }
  }

  interface Passes {
    void run(Matrix x, Matrix y, Matrix dy, Matrix dx);
  }

  private static final List<Op> OPS =
      List.of(
          new Op(
              "softmax",
              (x, y, dy, dx) -> {
                Softmax.forward(x, y);
                Softmax.backward(dy, y, dx);
              }),
          new Op(
              "log-softmax",
              (x, y, dy, dx) -> {
                LogSoftmax.forward(x, y);
                LogSoftmax.backward(dy, y, dx);
              }),
          new Op(
              "layer norm",
              (x, y, dy, dx) -> {
                float[] gamma = Arrays.copyOf(GAMMA, x.columns());
                float[] statistics = new float[2 * ROWS];
                Matrix saved = copy(x);
                new LayerNorm(1e-5f).forward(x, gamma, gamma, y, statistics);
                new LayerNorm(1e-5f).backward(dy, saved, gamma, statistics, dx, null, null);
              }),
          new Op(
              "rms norm",
              (x, y, dy, dx) -> {
                float[] gamma = Arrays.copyOf(GAMMA, x.columns());
                float[] statistics = new float[ROWS];
                Matrix saved = copy(x);
                new RmsNorm(1e-5f).forward(x, gamma, y, statistics);
                new RmsNorm(1e-5f).backward(dy, saved, gamma, statistics, dx, null);
              }));

  private static Matrix copy(Matrix x) {
    Matrix copy = Matrix.zeros(x.rows(), x.columns());
    copyInto(copy, x);
    return copy;
  }

  private static void copyInto(Matrix to, Matrix from) {
    for (int i = 0; i < from.rows(); i++) {
      for (int j = 0; j < from.columns(); j++) {
        to.array()[to.index(i, j)] = from.get(i, j);
      }
    }
  }

  private static float[] numbers(int n, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] x = new float[n];
    for (int i = 0; i < n; i++) {
      x[i] = (float) random.nextDouble(-2, 2);
    }
    return x;
  }

  static List<Op> ops() {
    return OPS;
  }

  /** A view with a gap behind each row, on an array that ends with the last row, full of sevens. */
  private static Matrix apart(int n, int gap, int offset) {
    float[] array = new float[offset + (ROWS - 1) * (n + gap) + n];
    Arrays.fill(array, 7f);
    return Matrix.of(array, offset, ROWS, n, n + gap);
  }

  @ParameterizedTest
  @MethodSource("ops")
  void rowsGiveTheSameBitsWhereverTheyLieAndLeaveTheGapsAlone(Op op) {
    for (int n : IntStream.rangeClosed(1, 17).toArray()) {
      Matrix x = Matrix.of(numbers(ROWS * n, n), ROWS, n);
      Matrix dy = Matrix.of(numbers(ROWS * n, n + 100), ROWS, n);
      Matrix y = Matrix.zeros(ROWS, n);
      Matrix dx = Matrix.zeros(ROWS, n);
      op.passes.run(x, y, dy, dx);
      for (int gap : new int[] {0, 1, 5, 20}) {
        for (int offset : new int[] {0, 2}) {
          Matrix x2 = apart(n, gap, offset);
          Matrix dy2 = apart(n, gap, offset);
          Matrix y2 = apart(n, gap, offset);
          Matrix dx2 = apart(n, gap, offset);
          copyInto(x2, x);
          copyInto(dy2, dy);
          op.passes.run(x2, y2, dy2, dx2);
          String where = op + ", n = " + n + ", gap " + gap + ", offset " + offset;
          checkOnlyRows(where, y2, y, gap, offset);
          checkOnlyRows(where, dx2, dx, gap, offset);
        }
      }
    }
  }

  private static void checkOnlyRows(String where, Matrix actual, Matrix rows, int gap, int offset) {
    Matrix expected = apart(rows.columns(), gap, offset);
    copyInto(expected, rows);
    assertThat(actual.array()).as(where).containsExactly(expected.array());
  }

  @ParameterizedTest
  @MethodSource("ops")
  void inPlaceTheyGiveTheSameBits(Op op) {
    for (int n : IntStream.rangeClosed(1, 17).toArray()) {
      Matrix x = Matrix.of(numbers(ROWS * n, n), ROWS, n);
      Matrix dy = Matrix.of(numbers(ROWS * n, n + 100), ROWS, n);
      Matrix y = Matrix.zeros(ROWS, n);
      Matrix dx = Matrix.zeros(ROWS, n);
      op.passes.run(x, y, dy, dx);
      op.passes.run(x, x, dy, dy);
      assertThat(x.array()).as("%s forward, n = %d", op, n).containsExactly(y.array());
      assertThat(dy.array()).as("%s backward, n = %d", op, n).containsExactly(dx.array());
    }
  }
}
