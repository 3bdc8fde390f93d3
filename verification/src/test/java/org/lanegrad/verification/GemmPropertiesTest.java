package org.lanegrad.verification;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.lanegrad.Matrix;
import org.lanegrad.matmul.Gemm;
import org.lanegrad.matmul.GemmPlan;
import org.lanegrad.matmul.Gemv;
import org.lanegrad.matmul.PackedMatrix;
import org.lanegrad.matmul.Workspace;
import org.lanegrad.verification.property.Tensors;

/** What a matrix product promises of bits, whatever the numbers. */
class GemmPropertiesTest {
  /** A product to be tried: A and B with their sizes. */
  @SuppressWarnings("ArrayRecordComponent")
  record Product(int m, int k, int n, float[] a, float[] b) {
    float[] rows(int from, int count, Workspace workspace) {
      float[] c = new float[count * n];
      Matrix part = Matrix.of(a, m, k).rowRange(from, count);
      Gemm.multiply(1f, part, Matrix.of(b, k, n), 0f, Matrix.of(c, count, n), workspace);
      return c;
    }

    @Override
    public String toString() {
      return m + " × " + k + " × " + n;
    }
  }

  @Provide
  Arbitrary<Product> products() {
    return Combinators.combine(Tensors.size(40), Tensors.size(40), Tensors.size(140))
        .as((m, k, n) -> new int[] {m, k, n})
        .flatMap(
            s ->
                Combinators.combine(Tensors.array(s[0] * s[1]), Tensors.array(s[1] * s[2]))
                    .as((a, b) -> new Product(s[0], s[1], s[2], a, b)));
  }

  @Property(tries = 150)
  void aRowHasTheSameBitsAloneAsInAnyBatch(@ForAll("products") Product p) {
    Workspace workspace = new Workspace();
    float[] all = p.rows(0, p.m, workspace);
    for (int i = 0; i < p.m; i++) {
      float[] alone = p.rows(i, 1, workspace);
      assertThat(alone).isEqualTo(Arrays.copyOfRange(all, i * p.n, (i + 1) * p.n));
    }
  }

  @Property(tries = 100)
  void transposedStorageGivesTheSameBits(@ForAll("products") Product p) {
    Workspace workspace = new Workspace();
    float[] plain = p.rows(0, p.m, workspace);
    Matrix a = Matrix.of(transpose(p.a, p.m, p.k), p.k, p.m).transposed();
    Matrix b = Matrix.of(transpose(p.b, p.k, p.n), p.n, p.k).transposed();
    float[] c = new float[p.m * p.n];
    Gemm.multiply(1f, a, b, 0f, Matrix.of(c, p.m, p.n), workspace);
    assertThat(c).isEqualTo(plain);
    float[] ct = new float[p.m * p.n];
    Gemm.multiply(1f, a, b, 0f, Matrix.of(ct, p.n, p.m).transposed(), workspace);
    assertThat(transpose(ct, p.n, p.m)).isEqualTo(plain);
  }

  @Property(tries = 100)
  void offsetsAndStridesDoNotChangeBits(
      @ForAll("products") Product p, @ForAll("gaps") int gap, @ForAll("gaps") int offset) {
    Workspace workspace = new Workspace();
    float[] plain = p.rows(0, p.m, workspace);
    int stride = p.n + gap;
    float[] wide = new float[offset + p.k * stride];
    for (int i = 0; i < p.k; i++) {
      System.arraycopy(p.b, i * p.n, wide, offset + i * stride, p.n);
    }
    float[] out = new float[offset + p.m * stride];
    Matrix c = Matrix.of(out, offset, p.m, p.n, stride);
    Matrix b = Matrix.of(wide, offset, p.k, p.n, stride);
    Gemm.multiply(1f, Matrix.of(p.a, p.m, p.k), b, 0f, c, workspace);
    for (int i = 0; i < p.m; i++) {
      int row = c.index(i, 0);
      assertThat(Arrays.copyOfRange(out, row, row + p.n))
          .isEqualTo(Arrays.copyOfRange(plain, i * p.n, (i + 1) * p.n));
    }
  }

  @Provide
  Arbitrary<Integer> gaps() {
    return Arbitraries.integers().between(0, 20);
  }

  @Property(tries = 100)
  void packedAndPlainWeightsGiveTheSameBits(@ForAll("products") Product p) {
    Workspace workspace = new Workspace();
    float[] c = new float[p.m * p.n];
    PackedMatrix packed = PackedMatrix.of(Matrix.of(p.b, p.k, p.n));
    Gemm.multiply(1f, Matrix.of(p.a, p.m, p.k), packed, 0f, Matrix.of(c, p.m, p.n), workspace);
    assertThat(c).isEqualTo(p.rows(0, p.m, workspace));
  }

  @Property(tries = 100)
  void halvedWeightsGiveTheBitsOfTheRoundedMatrix(@ForAll("products") Product p) {
    Workspace workspace = new Workspace();
    float[] rounded = new float[p.b.length];
    for (int i = 0; i < rounded.length; i++) {
      rounded[i] = toBfloat16(p.b[i]);
    }
    Matrix a = Matrix.of(p.a, p.m, p.k);
    PackedMatrix halved = PackedMatrix.halved(Matrix.of(p.b, p.k, p.n));
    float[] c = new float[p.m * p.n];
    Gemm.multiply(1f, a, halved, 0f, Matrix.of(c, p.m, p.n), workspace);
    float[] expected = new float[p.m * p.n];
    Matrix b = Matrix.of(rounded, p.k, p.n);
    Gemm.multiply(1f, a, b, 0f, Matrix.of(expected, p.m, p.n), workspace);
    assertThat(c).isEqualTo(expected);
  }

  /** To the nearest multiple of 2^-7 of the power of two at or below |x|, ties to even. */
  private static float toBfloat16(float x) {
    if (x == 0f || !Float.isFinite(x)) {
      return x;
    }
    double unit = Math.scalb(1.0, Math.max(Math.getExponent(x), Float.MIN_EXPONENT) - 7);
    return (float) (Math.rint(x / unit) * unit);
  }

  @Property(tries = 60)
  void oneTwoAndThreeThreadsGiveTheSameBits(
      @ForAll("products") Product p, @ForAll("gaps") int threads) {
    float[] alone = p.rows(0, p.m, new Workspace());
    int parts = 1 + threads % 3;
    ExecutorService executor = Executors.newFixedThreadPool(2);
    try {
      float[] c = new float[p.m * p.n];
      new GemmPlan(executor, parts)
          .multiply(
              1f, Matrix.of(p.a, p.m, p.k), Matrix.of(p.b, p.k, p.n), 0f, Matrix.of(c, p.m, p.n));
      assertThat(c).isEqualTo(alone);
    } finally {
      executor.shutdown();
    }
  }

  @Property(tries = 60)
  void aMatrixTimesAVectorIsARowOfTheProduct(@ForAll("products") Product p) {
    Workspace workspace = new Workspace();
    float[] y = new float[p.n];
    Gemv.multiply(1f, Matrix.of(p.b, p.k, p.n).transposed(), p.a, 0, 0f, y, 0, workspace);
    assertThat(y).isEqualTo(p.rows(0, 1, workspace));
  }

  @Property(tries = 60)
  void betaZeroIgnoresNanInC(@ForAll("products") Product p) {
    Workspace workspace = new Workspace();
    float[] c = new float[p.m * p.n];
    Arrays.fill(c, Float.NaN);
    Gemm.multiply(
        1f,
        Matrix.of(p.a, p.m, p.k),
        Matrix.of(p.b, p.k, p.n),
        0f,
        Matrix.of(c, p.m, p.n),
        workspace);
    assertThat(c).isEqualTo(p.rows(0, p.m, workspace));
  }

  @Property(tries = 60)
  void aNanInOneRowOfAReachesThatRowAndNoOther(
      @ForAll("products") Product p, @ForAll("gaps") int where) {
    float[] poisoned = p.a.clone();
    int at = where % poisoned.length;
    poisoned[at] = Float.NaN;
    Workspace workspace = new Workspace();
    float[] clean = p.rows(0, p.m, workspace);
    float[] c = new Product(p.m, p.k, p.n, poisoned, p.b).rows(0, p.m, workspace);
    for (int i = 0; i < c.length; i++) {
      if (i / p.n == at / p.k) {
        assertThat(c[i]).isNaN();
      } else {
        assertThat(c[i]).isEqualTo(clean[i]);
      }
    }
  }

  @Property(tries = 40)
  void aZeroRowTimesNanIsNan(@ForAll("products") Product p) {
    float[] zeros = new float[p.m * p.k];
    float[] b = p.b.clone();
    b[0] = Float.NaN;
    float[] c = new Product(p.m, p.k, p.n, zeros, b).rows(0, p.m, new Workspace());
    assertThat(c[0]).isNaN();
  }

  private static float[] transpose(float[] values, int rows, int columns) {
    float[] transposed = new float[values.length];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        transposed[j * rows + i] = values[i * columns + j];
      }
    }
    return transposed;
  }
}
