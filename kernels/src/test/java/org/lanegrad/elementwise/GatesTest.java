package org.lanegrad.elementwise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.lanegrad.Matrix;
import org.lanegrad.simd.Stores;

/** What random numbers do not meet: ties, NaN, shared arrays. */
class GatesTest {
  @Test
  void aTieGoesToTheFirstAndNanIsPassedOnWithItsGradient() {
    float nan = Float.NaN;
    float[] a = {1, 3, nan, 2, nan};
    float[] b = {1, 4, 5, nan, nan};
    float[] y = new float[5];
    Maximum.forward(a, 0, b, 0, y, 0, 5);
    assertThat(y).containsExactly(1, 4, nan, nan, nan);
    float[] da = new float[5];
    float[] db = new float[5];
    Maximum.backward(new float[] {1, 2, 3, 4, 5}, 0, a, 0, b, 0, da, 0, db, 0, 5);
    assertThat(da).containsExactly(1, 0, 3, 0, 0);
    assertThat(db).containsExactly(0, 2, 0, 4, 5);
  }

  @Test
  void multiplyMayPutItsGradientsWhereItsInputsAre() {
    float[] a = {2, 3};
    float[] b = {5, 7};
    Multiply.backward(new float[] {1, 10}, 0, a, 0, b, 0, b, 0, a, 0, 2);
    assertThat(b).as("da").containsExactly(5, 70);
    assertThat(a).as("db").containsExactly(2, 30);
  }

  @Test
  void aBiasIsAddedInPlaceOrElsewhereButNotBesideItself() {
    float[] array = new float[41];
    Matrix x = Matrix.of(array, 0, 1, 40, 40);
    BiasAdd.forward(x, new float[40], x);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BiasAdd.forward(x, new float[40], Matrix.of(array, 1, 1, 40, 40)))
        .withMessage("y overlaps x, expected separate elements");
  }

  @Test
  void twoOutputsMustBeSeparate() {
    float[] both = {1, 2, 3};
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Add.backward(new float[2], 0, both, 0, both, 1, 2))
        .withMessage("da overlaps db, expected separate elements");
    assertThat(both).containsExactly(1, 2, 3);
  }

  @Test
  void biasIsBroadcastForwardAndSummedBackward() {
    Matrix x = Matrix.of(new float[] {1, 2, 3, 4}, 2, 2);
    BiasAdd.forward(x, new float[] {10, 20}, x);
    assertThat(x.array()).containsExactly(11, 22, 13, 24);
    float[] db = {100, 0};
    BiasAdd.backward(x, db, true);
    assertThat(db).containsExactly(124, 46);
    BiasAdd.backward(x, db);
    assertThat(db).containsExactly(24, 46);
  }

  /** Beyond a block the lines of a gradient are fetched first, which must not touch an operand. */
  @Test
  void longGradientsHaveTheSameBitsInPlaceOfAnyOperand() {
    Map<String, TwoOperands.Backward> gates =
        Map.of(
            "multiply", Multiply::backward,
            "divide", Divide::backward,
            "maximum", Maximum::backward,
            "minimum", Minimum::backward);
    for (int n : new int[] {2 * Stores.BLOCK - 1, 2 * Stores.BLOCK, 3 * Stores.BLOCK + 7}) {
      gates.forEach(
          (name, gate) -> {
            float[][] expected = gradients(gate, n, 3, 4);
            for (int da = 0; da < 5; da++) {
              for (int db = 0; db < 5; db++) {
                if (da != db) {
                  assertThat(gradients(gate, n, da, db))
                      .as("%s of %d, da in array %d, db in array %d", name, n, da, db)
                      .isDeepEqualTo(expected);
                }
              }
            }
          });
      float[] x = values(n, 0);
      float[] sum = values(n, 1);
      Add.backward(x, 0, x, 0, sum, 0, n);
      assertThat(sum).containsExactly(x).containsExactly(values(n, 0));
      Subtract.backward(x, 0, sum, 0, x, 0, n);
      for (int i = 0; i < n; i++) {
        assertThat(x[i]).isEqualTo(-sum[i]);
      }
    }
  }

  /** da and db, written to two of five arrays: dy, a, b and two more. */
  private static float[][] gradients(TwoOperands.Backward gate, int n, int da, int db) {
    float[][] v = new float[5][];
    Arrays.setAll(v, k -> values(n, k));
    gate.run(v[0], 0, v[1], 0, v[2], 0, v[da], 0, v[db], 0, n);
    return new float[][] {v[da], v[db]};
  }

  private static float[] values(int n, int seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = random.nextInt(-4, 5) + 0.25f * seed;
    }
    return values;
  }
}
