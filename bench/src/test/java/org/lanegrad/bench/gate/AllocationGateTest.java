package org.lanegrad.bench.gate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.lanegrad.Matrix;
import org.lanegrad.activation.Relu;
import org.lanegrad.activation.Sigmoid;
import org.lanegrad.dense.Dense;
import org.lanegrad.dense.DenseBackward;
import org.lanegrad.dense.DenseGradients;
import org.lanegrad.dense.DenseTape;
import org.lanegrad.loss.SoftmaxCrossEntropy;
import org.lanegrad.matmul.Gemm;
import org.lanegrad.matmul.PackedMatrix;
import org.lanegrad.matmul.Workspace;
import org.lanegrad.optimizer.Sgd;

/** The steady state of every kernel allocates nothing. */
class AllocationGateTest {
  private final Workspace workspace = new Workspace();

  @Test
  void productsAllocateNothing() {
    for (int[] s :
        new int[][] {{1, 70, 90}, {4, 300, 900}, {7, 33, 65}, {64, 64, 64}, {30, 600, 530}}) {
      Matrix a = Matrix.zeros(s[0], s[1]);
      Matrix at = Matrix.zeros(s[1], s[0]).transposed();
      Matrix b = Matrix.zeros(s[1], s[2]);
      Matrix bt = Matrix.zeros(s[2], s[1]).transposed();
      PackedMatrix packed = PackedMatrix.of(b);
      Matrix c = Matrix.zeros(s[0], s[2]);
      nothing("product", () -> Gemm.multiply(1f, a, b, 0f, c, workspace));
      nothing("product", () -> Gemm.multiply(1f, a, bt, 1f, c, workspace));
      nothing("product", () -> Gemm.multiply(0.5f, at, b, 0.5f, c, workspace));
      nothing("product", () -> Gemm.multiply(1f, at, bt, 0f, c, workspace));
      nothing("product", () -> Gemm.multiply(1f, a, packed, 0f, c, workspace));
    }
  }

  @Test
  void aTrainingStepAllocatesNothing() {
    Matrix x = Matrix.zeros(32, 70);
    Matrix w = Matrix.zeros(70, 40);
    float[] b = new float[40];
    Matrix y = Matrix.zeros(32, 40);
    int[] labels = new int[32];
    DenseTape bits = new DenseTape(new Relu(), 32, 40);
    DenseTape outputs = new DenseTape(new Sigmoid(), 32, 40);
    float[] db = new float[40];
    DenseGradients gradients = DenseGradients.into(Matrix.zeros(32, 70), Matrix.zeros(70, 40), db);
    for (DenseTape tape : List.of(bits, outputs)) {
      nothing("forward", () -> Dense.forward(x, w, b, y, tape, workspace));
      nothing("loss", () -> SoftmaxCrossEntropy.lossAndGradient(y, labels, y));
      nothing("backward", () -> DenseBackward.backward(x, w, y, tape, y, gradients, workspace));
      nothing("update", () -> Sgd.step(0.1f, db, b));
    }
    Relu relu = new Relu();
    nothing("inference", () -> Dense.forward(x, w, b, relu, y, workspace));
  }

  @Test
  void theGateSeesAllocations() {
    float[][] kept = new float[1][];
    assertThat(AllocationGate.bytesPerCall(() -> kept[0] = new float[16]))
        .isGreaterThanOrEqualTo(64);
    assertThat(kept[0]).hasSize(16);
  }

  private static void nothing(String what, Runnable call) {
    assertThat(AllocationGate.bytesPerCall(call)).as(what).isZero();
  }
}
