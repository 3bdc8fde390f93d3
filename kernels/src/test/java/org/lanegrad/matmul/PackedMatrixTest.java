package org.lanegrad.matmul;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.lanegrad.Matrix;

class PackedMatrixTest {
  private final Workspace workspace = new Workspace();

  @Test
  void packedWeightsAreACopy() {
    float[] values = {1, 2, 3, 4};
    PackedMatrix packed = PackedMatrix.of(Matrix.of(values, 2, 2));
    values[0] = 100;
    float[] c = new float[2];
    Gemm.multiply(
        1f, Matrix.of(new float[] {1, 1}, 1, 2), packed, 0f, Matrix.of(c, 1, 2), workspace);
    assertThat(c).containsExactly(4, 6);
    assertThat(packed.toString()).isEqualTo("2 × 2 (packed)");
    assertThatThrownBy(
            () -> Gemm.multiply(1f, Matrix.zeros(1, 3), packed, 0f, Matrix.zeros(1, 2), workspace))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("b.rows is 2, expected 3, as a.columns");
  }

  @Test
  void halvedWeightsAreTheNearestBfloat16s() {
    float[] values = {
      1f,
      0x1.01p0f,
      0x1.03p0f,
      Math.nextUp(0x1.01p0f),
      -Math.nextUp(0x1.01p0f),
      0f,
      -0f,
      Float.MIN_VALUE,
      3.4e38f,
      -Float.MAX_VALUE,
      Float.POSITIVE_INFINITY,
      Float.NaN,
      Float.intBitsToFloat(0x7f800001)
    };
    float[] expected = {
      1f,
      1f,
      1.015625f,
      1.0078125f,
      -1.0078125f,
      0f,
      0f,
      0f,
      Float.POSITIVE_INFINITY,
      Float.NEGATIVE_INFINITY,
      Float.POSITIVE_INFINITY,
      Float.NaN,
      Float.NaN
    };
    Matrix b = Matrix.of(values, 1, values.length);
    PackedMatrix halved = PackedMatrix.halved(b);
    assertThat(halved.isHalved()).isTrue();
    assertThat(halved).hasToString("1 × 13 (packed, bfloat16)");
    values[0] = 5f;
    for (int m : new int[] {1, 4}) {
      Matrix ones = Matrix.zeros(m, 1);
      Arrays.fill(ones.array(), 1f);
      Matrix c = Matrix.zeros(m, values.length);
      Gemm.multiply(1f, ones, halved, 0f, c, workspace);
      assertThat(Arrays.copyOf(c.array(), values.length)).containsExactly(expected);
    }
    assertThatThrownBy(() -> PackedMatrix.halved(null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("matrix is null, expected a Matrix");
  }

  /** More than one block of rows, columns and steps, with a row or two in the last. */
  @Test
  void packedWeightsAndPlansGiveTheSameBitsBeyondOneBlock() {
    SplittableRandom random = new SplittableRandom(673);
    for (int[] s : new int[][] {{673, 40, 200}, {2, 40, 2200}, {7, 1100, 2070}, {97, 520, 70}}) {
      Matrix a = dense(s[0], s[1], random);
      Matrix b = dense(s[1], s[2], random);
      Matrix expected = Matrix.zeros(s[0], s[2]);
      Gemm.multiply(1f, a, b, 0f, expected, workspace);
      for (int i : new int[] {0, s[0] - 1}) {
        for (int j : new int[] {0, s[2] / 2, s[2] - 1}) {
          float sum = 0f;
          for (int p = 0; p < s[1]; p++) {
            sum = Math.fma(a.get(i, p), b.get(p, j), sum);
          }
          assertThat(expected.get(i, j)).isEqualTo(sum);
        }
      }
      Matrix c = Matrix.zeros(s[0], s[2]);
      Gemm.multiply(1f, a, PackedMatrix.of(b), 0f, c, workspace);
      assertThat(c.array()).isEqualTo(expected.array());
      GemmPlan plan = new GemmPlan(Runnable::run, 3);
      plan.multiply(1f, a, PackedMatrix.of(b), 0f, c);
      assertThat(c.array()).isEqualTo(expected.array());
      Matrix halved = Matrix.zeros(s[0], s[2]);
      Gemm.multiply(1f, a, PackedMatrix.halved(b), 0f, halved, workspace);
      plan.multiply(1f, a, PackedMatrix.halved(b), 0f, c);
      assertThat(c.array()).isEqualTo(halved.array());
    }
  }

  private static Matrix dense(int rows, int columns, SplittableRandom random) {
    Matrix matrix = Matrix.zeros(rows, columns);
    for (int i = 0; i < matrix.array().length; i++) {
      matrix.array()[i] = (float) random.nextDouble(-1, 1);
    }
    return matrix;
  }
}
