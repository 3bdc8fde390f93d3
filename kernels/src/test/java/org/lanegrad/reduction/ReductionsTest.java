package org.lanegrad.reduction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lanegrad.Matrix;

class ReductionsTest {
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 15, 16, 17, 1023, 1024, 1025, 2049, 5000, 300_001})
  void sumsStayWithinTheirBound(int n) {
    float[] a = random(n, 1);
    float[] b = random(n, 2);
    double sum = 0;
    double size = 0;
    double dot = 0;
    double dotSize = 0;
    double squares = 0;
    for (int i = 0; i < n; i++) {
      sum += a[i];
      size += Math.abs(a[i]);
      dot += (double) a[i] * b[i];
      dotSize += Math.abs((double) a[i] * b[i]);
      squares += (double) a[i] * a[i];
    }
    double bound = 0x1p-24 * (256 + 20);
    assertThat(Math.abs(Reductions.sum(a, 0, n) - sum)).isLessThanOrEqualTo(bound * size);
    assertThat(Math.abs(Reductions.dot(a, 0, b, 0, n) - dot)).isLessThanOrEqualTo(bound * dotSize);
    assertThat(Math.abs(Reductions.sumOfSquares(a, 0, n) - squares))
        .isLessThanOrEqualTo(bound * squares);
  }

  @Test
  void aSumHasTheSameBitsWhereverItLies() {
    float[] x = random(3000, 3);
    float[] shifted = new float[3007];
    System.arraycopy(x, 0, shifted, 7, 3000);
    assertThat(Reductions.sum(shifted, 7, 3000)).isEqualTo(Reductions.sum(x, 0, 3000));
  }

  @Test
  void theFirstOfEqualMaximaCounts() {
    float[] x = new float[100];
    x[41] = 3;
    x[77] = 3;
    assertThat(Reductions.argmax(x, 0, 100)).isEqualTo(41);
    assertThat(Reductions.argmax(x, 42, 58)).isEqualTo(35);
    assertThat(Reductions.max(x, 0, 100)).isEqualTo(3);
    assertThat(Reductions.max(x, 0, 0)).isEqualTo(Float.NEGATIVE_INFINITY);
    assertThat(Reductions.argmax(new float[] {-0f, 0f}, 0, 2)).isZero();
  }

  @Test
  void nanIsTheMaximumAndIsFound() {
    float[] x = {1, 2, Float.NaN, 9, Float.NaN};
    assertThat(Reductions.max(x, 0, 5)).isNaN();
    assertThat(Reductions.argmax(x, 0, 5)).isEqualTo(2);
    assertThat(Reductions.sum(x, 0, 5)).isNaN();
  }

  @Test
  void infinityIsPassedOn() {
    float[] x = {1, Float.POSITIVE_INFINITY, 2};
    assertThat(Reductions.sum(x, 0, 3)).isEqualTo(Float.POSITIVE_INFINITY);
    assertThat(Reductions.sumOfSquares(x, 0, 3)).isEqualTo(Float.POSITIVE_INFINITY);
  }

  @Test
  void wrongArgumentsAreNamed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Reductions.sum(new float[3], 1, 3))
        .withMessage("x has length 3, expected room for 3 elements from index 1 on");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Reductions.argmax(new float[3], 0, 0))
        .withMessage("length is 0, expected 1 or more");
  }

  private static float[] random(int n, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] x = new float[n];
    for (int i = 0; i < n; i++) {
      x[i] = (float) random.nextDouble(-1, 3);
    }
    return x;
  }

  @Test
  void argmaxOfEachRowOfAMatrix() {
    Matrix x = Matrix.of(random(5 * 40, 3), 2, 5, 37, 39);
    int[] classes = new int[5];
    Reductions.argmax(x, classes);
    for (int i = 0; i < 5; i++) {
      assertThat(classes[i]).isEqualTo(Reductions.argmax(x.array(), x.index(i, 0), 37));
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Reductions.argmax(x, new int[4]))
        .withMessage("indices.length is 4, expected 5, as x.rows");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Reductions.argmax(x.transposed(), new int[37]))
        .withMessageContaining("x");
  }
}
