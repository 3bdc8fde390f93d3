package org.lanegrad.verification;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.lanegrad.Matrix;
import org.lanegrad.activation.Relu;
import org.lanegrad.activation.Softsign;
import org.lanegrad.matmul.Gemm;
import org.lanegrad.matmul.Workspace;

/** Index arithmetic near 2^31 elements; needs 17 GB, so it runs under {@code -Phuge} alone. */
@Tag("huge")
class GemmHugeTest {
  private static final int LENGTH = Integer.MAX_VALUE - 8;

  @Test
  void productsAtTheEndOfTheLargestArrayAreRight() {
    float[] big = new float[LENGTH];
    int side = 46_340; // 46,340² is just below 2^31
    big[(side - 1) * side + side - 1] = 3f;
    big[(side - 1) * side] = 5f;
    Matrix b = Matrix.of(big, 0, side, side, side);
    for (int m : new int[] {1, 4, 7}) {
      Matrix a = Matrix.zeros(m, side);
      a.array()[m * side - 1] = 2f;
      Matrix c = Matrix.zeros(m, side);
      Gemm.multiply(1f, a, b, 0f, c, new Workspace());
      assertThat(c.get(m - 1, side - 1)).isEqualTo(6f);
      assertThat(c.get(m - 1, 0)).isEqualTo(10f);
      Gemm.multiply(1f, a, b.transposed(), 0f, c, new Workspace());
      assertThat(c.get(m - 1, side - 1)).isEqualTo(6f);
      assertThat(c.get(m - 1, 0)).isZero();
    }
  }

  @Test
  void oneRowOfTheLargestLengthIsRight() {
    float[] row = new float[LENGTH];
    row[LENGTH - 1] = 7f;
    float[] out = new float[LENGTH];
    Matrix a = Matrix.of(new float[] {2f}, 1, 1);
    Gemm.multiply(1f, a, Matrix.of(row, 1, LENGTH), 0f, Matrix.of(out, 1, LENGTH));
    assertThat(out[LENGTH - 1]).isEqualTo(14f);
    assertThat(out[LENGTH / 2]).isZero();
    row[LENGTH - 2] = -7f;
    new Relu().forward(row, 0, out, 0, new long[LENGTH / 64 + 1], 0, LENGTH);
    assertThat(out[LENGTH - 1]).isEqualTo(7f);
    assertThat(out[LENGTH - 2]).isZero();
    new Softsign().forward(row, 0, out, 0, LENGTH);
    assertThat(out[LENGTH - 1]).isEqualTo(7f / 8);
    assertThat(out[LENGTH - 2]).isEqualTo(-7f / 8);
    assertThat(out[LENGTH / 2]).isZero();
  }
}
