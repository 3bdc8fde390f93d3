package org.lanegrad.dense;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.lanegrad.Matrix;
import org.lanegrad.activation.Activation;
import org.lanegrad.activation.Gelu;
import org.lanegrad.activation.Identity;
import org.lanegrad.activation.Relu;
import org.lanegrad.activation.Sigmoid;
import org.lanegrad.matmul.GemmPlan;
import org.lanegrad.matmul.PackedMatrix;
import org.lanegrad.matmul.Workspace;

class DenseTest {
  private final Workspace workspace = new Workspace();
  private final Matrix x = Matrix.of(new float[] {1, 2, -1, 3}, 2, 2);
  private final Matrix w = Matrix.of(new float[] {1, 0, -2, 3, 1, 1}, 2, 3);
  private final float[] b = {0.5f, -4, 0};

  @Test
  void aLayerWorkedOutByHand() {
    float[] y = new float[6];
    Dense.forward(x, w, b, new Relu(), Matrix.of(y, 2, 3), workspace);
    assertThat(y).containsExactly(7.5f, 0, 0, 8.5f, 0, 5);
  }

  @Test
  void itsGradientsWorkedOutByHand() {
    Matrix y = Matrix.zeros(2, 3);
    DenseTape tape = new DenseTape(new Relu(), 2, 3);
    Dense.forward(x, w, b, y, tape, workspace);
    float[] dx = new float[4];
    float[] dw = new float[6];
    float[] db = new float[3];
    Matrix dy = Matrix.of(new float[] {1, 10, 100, 2, 20, 200}, 2, 3);
    DenseGradients gradients = DenseGradients.into(Matrix.of(dx, 2, 2), Matrix.of(dw, 2, 3), db);
    DenseBackward.backward(dy, x, w, y, tape, gradients, workspace);
    assertThat(dx).containsExactly(1, 3, -398, 206);
    assertThat(dw).containsExactly(-1, 0, -200, 8, 0, 600);
    assertThat(db).containsExactly(3, 0, 200);
    DenseBackward.backward(dy, x, w, y, tape, gradients.accumulating(), workspace);
    assertThat(dx).containsExactly(2, 6, -796, 412);
    assertThat(db).containsExactly(6, 0, 400);
  }

  @Test
  void eachGradientIsOptional() {
    Matrix y = Matrix.zeros(2, 3);
    DenseTape tape = new DenseTape(new Identity(), 5, 3);
    Dense.forward(x, w, b, y, tape, workspace);
    float[] db = new float[3];
    Matrix dy = Matrix.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
    DenseBackward.backward(dy, x, w, y, tape, DenseGradients.into(null, null, db), workspace);
    assertThat(db).containsExactly(5, 7, 9);
  }

  @Test
  void trainingAndInferenceGiveTheSameOutput() {
    Matrix wide = Matrix.of(new float[2 * 7], 1, 2, 3, 6);
    Matrix y = Matrix.zeros(2, 3);
    Dense.forward(x, w, b, new Relu(), wide, workspace);
    Dense.forward(x, w, b, y, new DenseTape(new Relu(), 2, 3), workspace);
    for (int i = 0; i < 6; i++) {
      assertThat(wide.get(i / 3, i % 3)).isEqualTo(y.get(i / 3, i % 3));
    }
  }

  /** Of an activation that saves its input, the product goes to the tape first. */
  @Test
  void anOutputOnAnInputIsRefusedInTrainingToo() {
    for (Activation f : List.of(new Gelu(), new Relu())) {
      DenseTape tape = new DenseTape(f, 2, 2);
      float[] values = {1, 2, 3, 4};
      Matrix both = Matrix.of(values, 2, 2);
      Matrix other = Matrix.of(new float[] {5, 6, 7, 8}, 2, 2);
      assertThatThrownBy(() -> Dense.forward(both, other, b, both, tape, workspace))
          .hasMessage("y overlaps x, expected separate elements");
      assertThatThrownBy(() -> Dense.forward(other, both, b, both, tape, workspace))
          .hasMessage("y overlaps w, expected separate elements");
      assertThatThrownBy(() -> Dense.forward(other, other, values, both, tape, workspace))
          .hasMessage("y overlaps b, expected separate elements");
      assertThat(values).containsExactly(1, 2, 3, 4);
    }
  }

  @Test
  void severalThreadsGiveTheSameBits() {
    try (ExecutorService executor = Executors.newFixedThreadPool(2)) {
      for (int parts = 1; parts <= 3; parts++) {
        GemmPlan plan = new GemmPlan(executor, parts);
        for (int[] s : new int[][] {{1, 20, 200}, {40, 33, 131}, {131, 70, 20}, {3, 5, 2}}) {
          for (Activation f : List.of(new Relu(), new Gelu(), new Sigmoid())) {
            for (boolean accumulate : new boolean[] {false, true}) {
              assertThat(layer(s, f, accumulate, plan))
                  .as("%d×%d×%d, %s, %d parts, add: %s", s[0], s[1], s[2], f, parts, accumulate)
                  .isDeepEqualTo(layer(s, f, accumulate, null));
            }
          }
        }
      }
    }
  }

  /** All that a layer computes, on one thread where there is no plan. */
  private float[][] layer(int[] shape, Activation f, boolean accumulate, GemmPlan plan) {
    SplittableRandom random = new SplittableRandom(shape[2]);
    Matrix input = filled(shape[0], shape[1], random);
    Matrix weights = filled(shape[1], shape[2], random);
    float[] bias = filled(1, shape[2], random).array();
    Matrix upstream = filled(shape[0], shape[2], random);
    Matrix plain = Matrix.zeros(shape[0], shape[2]);
    Matrix packed = Matrix.zeros(shape[0], shape[2]);
    Matrix halved = Matrix.zeros(shape[0], shape[2]);
    Matrix trained = Matrix.zeros(shape[0], shape[2]);
    // What the gradients held before: overwritten, unless they accumulate.
    Matrix dx = filled(shape[0], shape[1], random);
    Matrix dw = filled(shape[1], shape[2], random);
    float[] db = filled(1, shape[2], random).array();
    DenseTape tape = new DenseTape(f, shape[0], shape[2]);
    DenseGradients into = DenseGradients.into(dx, dw, db);
    DenseGradients gradients = accumulate ? into.accumulating() : into;
    if (plan == null) {
      Dense.forward(input, weights, bias, f, plain, workspace);
      Dense.forward(input, PackedMatrix.of(weights), bias, f, packed, workspace);
      Dense.forward(input, PackedMatrix.halved(weights), bias, f, halved, workspace);
      Dense.forward(input, weights, bias, trained, tape, workspace);
      DenseBackward.backward(upstream, input, weights, trained, tape, gradients, workspace);
    } else {
      Dense.forward(input, weights, bias, f, plain, plan);
      Dense.forward(input, PackedMatrix.of(weights), bias, f, packed, plan);
      Dense.forward(input, PackedMatrix.halved(weights), bias, f, halved, plan);
      Dense.forward(input, weights, bias, trained, tape, plan);
      DenseBackward.backward(upstream, input, weights, trained, tape, gradients, plan);
    }
    assertThat(packed.array()).isEqualTo(plain.array());
    return Stream.of(plain.array(), halved.array(), trained.array(), dx.array(), dw.array(), db)
        .toArray(float[][]::new);
  }

  private static Matrix filled(int rows, int columns, SplittableRandom random) {
    float[] values = new float[rows * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    return Matrix.of(values, rows, columns);
  }

  @Test
  void wrongArgumentsAreNamedAndNothingIsWritten() {
    float[] out = new float[6];
    Arrays.fill(out, 9f);
    Matrix y = Matrix.of(out, 2, 3);
    DenseTape tape = new DenseTape(new Relu(), 1, 3);
    assertThatThrownBy(() -> Dense.forward(x, w, b, y, tape, workspace))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("tape holds up to 1 × 3, but y is 2 × 3");
    assertThatThrownBy(() -> Dense.forward(x, w, new float[2], new Relu(), y, workspace))
        .hasMessage("b has length 2, expected room for 3 elements from index 0 on");
    assertThatThrownBy(() -> Dense.forward(x, w, out, new Relu(), y, workspace))
        .hasMessage("y overlaps b, expected separate elements");
    assertThatThrownBy(() -> Dense.forward(x, w, b, null, y, workspace))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("activation is null, expected an Activation");
    assertThatThrownBy(() -> Dense.forward(null, w, b, new Relu(), y, workspace))
        .hasMessage("x is null, expected a Matrix");
    assertThatThrownBy(() -> Dense.forward(x, (PackedMatrix) null, b, new Relu(), y, workspace))
        .hasMessage("w is null, expected a PackedMatrix");
    assertThatThrownBy(() -> Dense.forward(x, x, b, new Relu(), y, (GemmPlan) null))
        .hasMessage("y.columns is 3, expected 2, as w.columns");
    assertThatThrownBy(() -> Dense.forward(x, w, b, new Relu(), y, (GemmPlan) null))
        .hasMessage("plan is null, expected a GemmPlan");
    assertThatThrownBy(() -> Dense.forward(y, w, b, new Relu(), y, workspace))
        .hasMessage("w.rows is 2, expected 3, as x.columns");
    assertThatThrownBy(() -> new DenseTape(new Relu(), 1 << 20, 1 << 20))
        .hasMessageContaining("maxRows · columns is 1099511627776");
    assertThat(out).containsOnly(9f);
  }

  @Test
  void gradientsThatOverlapAreRefused() {
    Matrix y = Matrix.zeros(2, 3);
    DenseTape tape = new DenseTape(new Relu(), 2, 3);
    Dense.forward(x, w, b, y, tape, workspace);
    Matrix dy = Matrix.zeros(2, 3);
    float[] shared = new float[6];
    DenseGradients twice =
        DenseGradients.into(Matrix.of(shared, 2, 2), Matrix.of(shared, 2, 3), null);
    assertThatThrownBy(() -> DenseBackward.backward(dy, x, w, y, tape, twice, workspace))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("dw overlaps dx, expected separate elements");
    assertThatThrownBy(
            () ->
                DenseBackward.backward(
                    dy, x, w, y, tape, DenseGradients.into(null, w, null), workspace))
        .hasMessage("dw overlaps w, expected separate elements");
    assertThatThrownBy(
            () ->
                DenseBackward.backward(
                    Matrix.zeros(3, 2),
                    x,
                    w,
                    y,
                    tape,
                    DenseGradients.into(null, null, null),
                    workspace))
        .hasMessage("dy is 3 × 2, expected 2 × 3");
  }
}
