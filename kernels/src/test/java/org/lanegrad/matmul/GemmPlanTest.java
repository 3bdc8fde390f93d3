package org.lanegrad.matmul;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.SplittableRandom;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;
import org.lanegrad.Epilogue;
import org.lanegrad.Matrix;

class GemmPlanTest {
  private final Workspace workspace = new Workspace();

  @Test
  void refusesWhatTheProductRefusesAndNoParts() {
    GemmPlan plan = new GemmPlan(Runnable::run, 2);
    assertThatThrownBy(
            () -> plan.multiply(1f, Matrix.zeros(2, 3), Matrix.zeros(4, 2), 0f, Matrix.zeros(2, 2)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("b.rows is 4, expected 3, as a.columns");
    assertThatThrownBy(() -> new GemmPlan(Runnable::run, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("parts is 0, expected 1 or more");
    assertThatThrownBy(() -> new GemmPlan(null, 2))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("executor is null, expected an Executor");
  }

  @Test
  void passesOnThatItsExecutorRejectsATask() {
    GemmPlan plan =
        new GemmPlan(
            task -> {
              throw new RejectedExecutionException("full");
            },
            2);
    assertThatThrownBy(
            () ->
                plan.multiply(1f, Matrix.zeros(64, 3), Matrix.zeros(3, 2), 0f, Matrix.zeros(64, 2)))
        .isInstanceOf(RejectedExecutionException.class)
        .hasMessage("full");
  }

  @Test
  void handsEachBlockOnOnceAndTakesItsPartOfTheBias() {
    SplittableRandom random = new SplittableRandom(64);
    for (int[] s : new int[][] {{30, 9, 300}, {300, 9, 30}, {5, 9, 2200}}) {
      Matrix a = dense(s[0], s[1], random);
      Matrix b = dense(s[1], s[2], random);
      float[] bias = dense(1, s[2] + 5, random).array();
      Matrix expected = Matrix.zeros(s[0], s[2]);
      Gemm.multiplyOntoBias(a, b, bias, 5, expected, null, workspace);
      int[] seen = new int[s[0] * s[2]];
      Epilogue counts =
          (c, row, column, rows, columns) -> {
            assertThat(c.rows()).isEqualTo(s[0]);
            assertThat(column % 64).isZero();
            for (int i = row; i < row + rows; i++) {
              for (int j = column; j < column + columns; j++) {
                seen[i * s[2] + j]++;
              }
            }
          };
      GemmPlan plan = new GemmPlan(Runnable::run, 3);
      Matrix c = Matrix.zeros(s[0], s[2]);
      plan.multiplyOntoBias(a, b, bias, 5, c, counts);
      assertThat(c.array()).isEqualTo(expected.array());
      assertThat(seen).containsOnly(1);
      plan.multiplyOntoBias(a, PackedMatrix.of(b), bias, 5, c, counts);
      assertThat(c.array()).isEqualTo(expected.array());
      assertThat(seen).containsOnly(2);
      assertThatThrownBy(() -> plan.multiplyOntoBias(a, b, bias, 6, c, null))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("bias has length");
      assertThatThrownBy(() -> plan.multiplyOntoBias(a, b, c.array(), 0, c, null))
          .hasMessage("c overlaps bias, expected separate elements");
    }
  }

  @Test
  void whatAnEpilogueThrowsComesOutAndNoFailureIsLost() {
    Matrix a = Matrix.zeros(64, 3);
    Matrix b = Matrix.zeros(3, 2);
    GemmPlan plan = new GemmPlan(Runnable::run, 2);
    Epilogue firstRowsFail =
        (c, row, column, rows, columns) -> {
          if (row == 0) {
            throw new IllegalArgumentException("first part");
          }
        };
    assertThatThrownBy(
            () -> plan.multiplyOntoBias(a, b, new float[2], 0, Matrix.zeros(64, 2), firstRowsFail))
        .isInstanceOf(IllegalStateException.class)
        .cause()
        .hasMessage("first part");
    Epilogue allFail =
        (c, row, column, rows, columns) -> {
          throw new IllegalArgumentException("row " + row);
        };
    assertThatThrownBy(
            () -> plan.multiplyOntoBias(a, b, new float[2], 0, Matrix.zeros(64, 2), allFail))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("row 24")
        .hasSuppressedException(
            new IllegalStateException(
                "a part of the product failed", new IllegalArgumentException("row 0")));
  }

  private static Matrix dense(int rows, int columns, SplittableRandom random) {
    Matrix matrix = Matrix.zeros(rows, columns);
    for (int i = 0; i < matrix.array().length; i++) {
      matrix.array()[i] = (float) random.nextDouble(-1, 1);
    }
    return matrix;
  }
}
