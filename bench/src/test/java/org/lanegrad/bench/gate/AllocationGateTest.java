package org.lanegrad.bench.gate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.lanegrad.Matrix;
import org.lanegrad.activation.Activation;
import org.lanegrad.activation.Relu;
import org.lanegrad.activation.Sigmoid;
import org.lanegrad.dense.Dense;
import org.lanegrad.dense.DenseBackward;
import org.lanegrad.dense.DenseGradients;
import org.lanegrad.dense.DenseTape;
import org.lanegrad.embedding.EmbeddingWindow;
import org.lanegrad.loss.BinaryCrossEntropy;
import org.lanegrad.loss.MeanSquaredError;
import org.lanegrad.loss.MulticlassHinge;
import org.lanegrad.loss.NegativeLogLikelihood;
import org.lanegrad.loss.Regularizer;
import org.lanegrad.loss.SoftmaxCrossEntropy;
import org.lanegrad.loss.Targets;
import org.lanegrad.matmul.Gemm;
import org.lanegrad.matmul.PackedMatrix;
import org.lanegrad.matmul.Workspace;
import org.lanegrad.normalization.LayerNorm;
import org.lanegrad.normalization.LogSoftmax;
import org.lanegrad.normalization.RmsNorm;
import org.lanegrad.normalization.Softmax;
import org.lanegrad.optimizer.AdaGrad;
import org.lanegrad.optimizer.Adam;
import org.lanegrad.optimizer.Momentum;
import org.lanegrad.optimizer.RmsProp;
import org.lanegrad.optimizer.Sgd;
import org.lanegrad.verification.catalog.ActivationCatalog;
import org.lanegrad.verification.catalog.UnarySpec;

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
  void activationsAllocateNothing() {
    // where a loop runs long, C2 compiles it before it knows much of the code behind the loop
    for (int n : new int[] {83, 1003}) {
      float[] x = new float[n];
      float[] y = new float[n];
      float[] dx = new float[n];
      for (int i = 0; i < n; i++) {
        x[i] = (i * 37 % 101 - 50) * 0.2f;
      }
      for (UnarySpec spec : ActivationCatalog.all()) {
        Activation f = spec.kernel();
        nothing(spec.name(), () -> f.forward(x, 0, y, 0, n));
        nothing(spec.name() + " backward", () -> f.backward(x, 0, y, 0, dx, 0, n));
      }
    }
  }

  @Test
  void narrowRowsAllocateNothing() {
    Matrix x = Matrix.zeros(9, 3);
    Matrix y = Matrix.zeros(9, 3);
    Matrix dx = Matrix.zeros(9, 3);
    float[] gamma = new float[3];
    float[] dgamma = new float[3];
    float[] statistics = new float[18];
    float[] scales = new float[9];
    LayerNorm layer = new LayerNorm(1e-5f);
    RmsNorm rms = new RmsNorm(1e-5f);
    nothing("softmax", () -> Softmax.forward(x, y));
    nothing("softmax backward", () -> Softmax.backward(x, y, dx));
    nothing("log-softmax", () -> LogSoftmax.forward(x, y));
    nothing("log-softmax backward", () -> LogSoftmax.backward(x, y, dx));
    nothing("layer norm", () -> layer.forward(x, gamma, null, y, statistics));
    nothing("layer norm backward", () -> layer.backward(x, y, gamma, statistics, dx, dgamma, null));
    nothing("rms norm", () -> rms.forward(x, gamma, y, scales));
    nothing("rms norm backward", () -> rms.backward(x, y, gamma, scales, dx, dgamma));
  }

  @Test
  void normalizationsAndLossesAllocateNothing() {
    for (int columns : new int[] {33, 1003}) {
      normalizationsAndLosses(columns);
    }
  }

  private static void normalizationsAndLosses(int columns) {
    Matrix x = Matrix.zeros(9, columns);
    Matrix y = Matrix.zeros(9, columns);
    Matrix dx = Matrix.zeros(9, columns);
    float[] gamma = new float[columns];
    float[] dgamma = new float[columns];
    float[] dbeta = new float[columns];
    float[] statistics = new float[18];
    float[] scales = new float[9];
    LayerNorm layer = new LayerNorm(1e-5f);
    RmsNorm rms = new RmsNorm(1e-5f);
    int[] labels = new int[9];
    Targets targets = Targets.of(labels).weighted(gamma).smoothed(0.1f);
    BinaryCrossEntropy binary = new BinaryCrossEntropy(1f);
    Regularizer l2 = Regularizer.l2(0.1f);
    float[] a = x.array();
    float[] d = dx.array();
    int[] words = new int[9];
    float[] zeros = new float[99];
    nothing("softmax", () -> Softmax.forward(x, y));
    nothing("softmax backward", () -> Softmax.backward(x, y, dx));
    nothing("log-softmax", () -> LogSoftmax.forward(x, y));
    nothing("log-softmax backward", () -> LogSoftmax.backward(x, y, dx));
    Matrix xs = x.transposed();
    Matrix ys = y.transposed();
    Matrix dxs = dx.transposed();
    nothing("softmax by strides", () -> Softmax.forward(xs, ys));
    nothing("softmax by strides, backward", () -> Softmax.backward(xs, ys, dxs));
    nothing("log-softmax by strides", () -> LogSoftmax.forward(xs, ys));
    nothing("log-softmax by strides, backward", () -> LogSoftmax.backward(xs, ys, dxs));
    nothing("layer norm", () -> layer.forward(x, gamma, null, y, statistics));
    nothing(
        "layer norm backward", () -> layer.backward(x, y, gamma, statistics, dx, dgamma, dbeta));
    nothing("rms norm", () -> rms.forward(x, gamma, y, scales));
    nothing("rms norm backward", () -> rms.backward(x, y, gamma, scales, dx, dgamma));
    nothing("options", () -> SoftmaxCrossEntropy.lossAndGradient(x, targets, scales, dx));
    nothing("likelihood", () -> NegativeLogLikelihood.lossAndGradient(x, targets, null, dx));
    nothing("hinge", () -> MulticlassHinge.lossAndGradient(x, labels, 1f, dx));
    nothing("binary", () -> binary.lossAndGradient(a, 0, zeros, 0, d, 0, 99));
    nothing("squared", () -> MeanSquaredError.lossAndGradient(a, 0, zeros, 0, d, 0, 99));
    nothing("penalty", () -> l2.penaltyAndGradient(a, 0, d, 0, 99));
    nothing("embedding", () -> EmbeddingWindow.forward(x, words, y));
    nothing("embedding backward", () -> EmbeddingWindow.backward(y, words, dx));
  }

  @Test
  void optimizersAllocateNothing() {
    float[] g = new float[99];
    float[] s = new float[99];
    float[] t = new float[99];
    float[] p = new float[99];
    Momentum momentum = Momentum.nesterov(0.9f);
    nothing("momentum", () -> momentum.step(0.1f, g, s, p));
    RmsProp rms = RmsProp.standard();
    nothing("rmsprop", () -> rms.step(0.1f, g, s, p));
    AdaGrad ada = AdaGrad.standard();
    nothing("adagrad", () -> ada.step(0.1f, g, s, p));
    Adam adam = Adam.standard();
    nothing("adam", () -> adam.step(0.1f, 5, g, s, t, p));
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
