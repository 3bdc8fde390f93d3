package org.lanegrad.matmul;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.lanegrad.Matrix;

class GemmTest {
  private final Workspace workspace = new Workspace();

  @Test
  void aProductWorkedOutByHand() {
    Matrix a = Matrix.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
    Matrix b = Matrix.of(new float[] {7, 8, 9, 10, 11, 12}, 3, 2);
    float[] c = {1, 1, 1, 1};
    Gemm.multiply(1f, a, b, 0f, Matrix.of(c, 2, 2), workspace);
    assertThat(c).containsExactly(58, 64, 139, 154);
    Gemm.multiply(2f, a, b, -1f, Matrix.of(c, 2, 2));
    assertThat(c).containsExactly(58, 64, 139, 154);
  }

  @Test
  void blocksOfColumnsOfOneArrayGiveTheBitsOfSeparateOnes() {
    SplittableRandom random = new SplittableRandom(12);
    for (int n : new int[] {1, 5, 16, 19, 67, 130}) {
      Matrix all = Matrix.zeros(n, 3 * n);
      for (int i = 0; i < all.array().length; i++) {
        all.array()[i] = random.nextFloat() - 0.5f;
      }
      Matrix a = all.columnRange(0, n);
      Matrix b = all.columnRange(2 * n, n);
      Matrix apart = Matrix.zeros(n, n);
      Gemm.multiply(1f, a, b, 0f, apart, workspace);
      float[] before = all.array().clone();
      Gemm.multiply(1f, a, b, 0f, all.columnRange(n, n), workspace);
      for (int i = 0; i < n; i++) {
        System.arraycopy(apart.array(), i * n, before, all.index(i, n), n);
      }
      assertThat(all.array()).containsExactly(before);
    }
  }

  @Test
  void eachElementIsOneChainOfFusedMultiplyAddsInTheOrderOfK() {
    SplittableRandom random = new SplittableRandom(11);
    for (int round = 0; round < 400; round++) {
      int m = random.nextInt(1, 30);
      int n = random.nextInt(1, 150);
      int k = random.nextInt(0, 40);
      Matrix a = random(m, k, random);
      Matrix b = random(k, n, random);
      Matrix c = random(m, n, random);
      float alpha = random.nextBoolean() ? 1f : 0.7f;
      float beta = new float[] {0f, 1f, 1.3f}[random.nextInt(3)];
      float[] expected = new float[m * n];
      for (int i = 0; i < m; i++) {
        for (int j = 0; j < n; j++) {
          float sum = beta == 0f ? 0f : beta * c.get(i, j);
          for (int p = 0; p < k; p++) {
            float x = a.get(i, p);
            float y = b.get(p, j);
            sum = c.isTransposed() ? Math.fma(x, alpha * y, sum) : Math.fma(alpha * x, y, sum);
          }
          expected[i * n + j] = sum;
        }
      }
      Gemm.multiply(alpha, a, b, beta, c, workspace);
      for (int i = 0; i < m * n; i++) {
        assertThat(c.get(i / n, i % n))
            .as("%s times %s, α %s, β %s, element %d", a, b, alpha, beta, i)
            .isEqualTo(expected[i]);
      }
    }
  }

  @Test
  void anInnerSizeOfZeroLeavesBetaTimesC() {
    Matrix a = Matrix.of(new float[0], 2, 0);
    Matrix b = Matrix.of(new float[0], 0, 3);
    float[] c = {1, 2, 3, 4, 5, 6};
    Gemm.multiply(1f, a, b, 0.5f, Matrix.of(c, 2, 3), workspace);
    assertThat(c).containsExactly(0.5f, 1, 1.5f, 2, 2.5f, 3);
    Gemm.multiply(1f, a, b, 0f, Matrix.of(c, 2, 3), workspace);
    assertThat(c).containsOnly(0f);
  }

  /** As the layers of a network do: with few rows, and weights that are stored transposed. */
  @Test
  void productsOfSeveralShapesThatShareAWorkspaceAllocateNothing() {
    Workspace workspace = new Workspace();
    Matrix x = Matrix.zeros(4, 80);
    Matrix first = Matrix.zeros(48, 80).transposed();
    Matrix second = Matrix.zeros(16, 80).transposed();
    Matrix y = Matrix.zeros(4, 48);
    Matrix z = Matrix.zeros(4, 16);
    ThreadMXBean threads = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);
    long least = Long.MAX_VALUE;
    for (int batch = 0; batch < 20_000 && least > 0; batch++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < 10; i++) {
        Gemm.multiply(1f, x, first, 0f, y, workspace);
        Gemm.multiply(1f, x, second, 0f, z, workspace);
      }
      least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
    }
    assertThat(least).isZero();
  }

  @Test
  void noElementOutsideTheViewIsWritten() {
    float[] array = new float[400];
    Arrays.fill(array, 7f);
    Matrix c = Matrix.of(array, 11, 9, 19, 37);
    Gemm.multiply(0f, random(9, 5, new SplittableRandom(1)), Matrix.zeros(5, 19), 0f, c);
    int zeros = 0;
    for (float value : array) {
      zeros += value == 0f ? 1 : 0;
      assertThat(value == 0f || value == 7f).isTrue();
    }
    assertThat(zeros).isEqualTo(9 * 19);
  }

  @Test
  void shapesThatDoNotFitAreRefusedBeforeAnythingIsWritten() {
    float[] c = {1, 2, 3, 4};
    Matrix out = Matrix.of(c, 2, 2);
    assertThatThrownBy(
            () -> Gemm.multiply(1f, Matrix.zeros(2, 3), Matrix.zeros(4, 2), 0f, out, workspace))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("b.rows is 4, expected 3, as a.columns");
    assertThatThrownBy(
            () -> Gemm.multiply(1f, Matrix.zeros(3, 3), Matrix.zeros(3, 2), 0f, out, workspace))
        .hasMessage("c.rows is 2, expected 3, as a.rows");
    assertThatThrownBy(
            () -> Gemm.multiply(1f, Matrix.zeros(2, 3), Matrix.zeros(3, 5), 0f, out, workspace))
        .hasMessage("c.columns is 2, expected 5, as b.columns");
    assertThatThrownBy(() -> Gemm.multiply(1f, null, out, 0f, out, workspace))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("a is null, expected a Matrix");
    assertThatThrownBy(() -> Gemm.multiply(1f, out, Matrix.zeros(2, 2), 0f, out, null))
        .hasMessage("workspace is null, expected a Workspace");
    assertThat(c).containsExactly(1, 2, 3, 4);
  }

  @Test
  void anOutputThatOverlapsAnInputIsRefused() {
    float[] array = new float[12];
    Matrix a = Matrix.of(array, 0, 2, 2, 2);
    Matrix c = Matrix.of(array, 3, 2, 2, 2);
    assertThatThrownBy(() -> Gemm.multiply(1f, a, Matrix.zeros(2, 2), 0f, c, workspace))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("c overlaps a, expected separate elements");
    assertThatThrownBy(() -> Gemm.multiply(1f, Matrix.zeros(2, 2), a, 0f, c, workspace))
        .hasMessage("c overlaps b, expected separate elements");
  }

  private static Matrix random(int rows, int columns, SplittableRandom random) {
    int stride = columns + random.nextInt(4);
    int offset = random.nextInt(5);
    float[] array = new float[offset + rows * stride + 3];
    for (int i = 0; i < array.length; i++) {
      array[i] = (float) random.nextDouble(-1, 1);
    }
    Matrix stored = Matrix.of(array, offset, rows, columns, stride);
    return random.nextBoolean() ? stored : transposedCopy(stored);
  }

  private static Matrix transposedCopy(Matrix matrix) {
    float[] array = new float[matrix.rows() * matrix.columns()];
    for (int i = 0; i < matrix.rows(); i++) {
      for (int j = 0; j < matrix.columns(); j++) {
        array[j * matrix.rows() + i] = matrix.get(i, j);
      }
    }
    return Matrix.of(array, matrix.columns(), matrix.rows()).transposed();
  }
}
