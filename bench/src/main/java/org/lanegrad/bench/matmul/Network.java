package org.lanegrad.bench.matmul;

import java.util.ArrayList;
import java.util.List;
import org.lanegrad.Matrix;
import org.lanegrad.activation.Activation;
import org.lanegrad.activation.Identity;
import org.lanegrad.activation.Relu;
import org.lanegrad.dense.Dense;
import org.lanegrad.dense.DenseBackward;
import org.lanegrad.dense.DenseGradients;
import org.lanegrad.dense.DenseTape;
import org.lanegrad.loss.SoftmaxCrossEntropy;
import org.lanegrad.matmul.PackedMatrix;
import org.lanegrad.matmul.Workspace;
import org.lanegrad.optimizer.Sgd;

/** Fully connected layers with ReLU between them, put together by hand. */
final class Network {
  private static final float RATE = 1e-4f;

  private final int[] sizes;
  private final int layers;
  private final Workspace workspace = new Workspace();
  private final Matrix[] values;
  private final Matrix[] weights;
  private final float[][] biases;

  Network(int batch, int... sizes) {
    this.sizes = sizes;
    layers = sizes.length - 1;
    values = new Matrix[sizes.length];
    weights = new Matrix[layers];
    biases = new float[layers][];
    values[0] = MatmulCases.filled(batch, sizes[0]);
    for (int i = 0; i < layers; i++) {
      values[i + 1] = MatmulCases.filled(batch, sizes[i + 1]);
      weights[i] = MatmulCases.filled(sizes[i], sizes[i + 1]);
      biases[i] = new float[sizes[i + 1]];
    }
  }

  private Activation activation(int layer) {
    return layer + 1 < layers ? new Relu() : new Identity();
  }

  /** The work of the products of one inference. */
  double flops() {
    double flops = 0;
    for (int i = 0; i < layers; i++) {
      flops += 2.0 * values[0].rows() * sizes[i] * sizes[i + 1];
    }
    return flops;
  }

  /** Both gradients of each layer besides, but for that of the input. */
  double trainingFlops() {
    return 3 * flops() - 2.0 * values[0].rows() * sizes[0] * sizes[1];
  }

  /** All layers from packed weights. */
  Runnable inference() {
    List<Runnable> calls = new ArrayList<>();
    for (int i = 0; i < layers; i++) {
      Matrix x = values[i];
      Matrix y = values[i + 1];
      PackedMatrix w = PackedMatrix.of(weights[i]);
      float[] b = biases[i];
      Activation f = activation(i);
      calls.add(() -> Dense.forward(x, w, b, f, y, workspace));
    }
    return () -> calls.forEach(Runnable::run);
  }

  /** Forward, cross-entropy, backward, and a step of stochastic gradient descent. */
  Runnable trainingStep() {
    List<Runnable> forward = new ArrayList<>();
    List<Runnable> backward = new ArrayList<>();
    int batch = values[0].rows();
    Matrix upstream = MatmulCases.filled(batch, sizes[layers]);
    Matrix logits = values[layers];
    Matrix dlogits = upstream;
    int[] labels = new int[batch];
    for (int i = layers - 1; i >= 0; i--) {
      Matrix x = values[i];
      Matrix y = values[i + 1];
      Matrix w = weights[i];
      float[] b = biases[i];
      Matrix dw = MatmulCases.filled(w.rows(), w.columns());
      float[] db = new float[b.length];
      Matrix dx = i == 0 ? null : MatmulCases.filled(batch, sizes[i]);
      DenseTape tape = new DenseTape(activation(i), batch, y.columns());
      DenseGradients gradients = DenseGradients.into(dx, dw, db);
      Matrix dy = upstream;
      forward.addFirst(() -> Dense.forward(x, w, b, y, tape, workspace));
      backward.add(() -> DenseBackward.backward(dy, x, w, y, tape, gradients, workspace));
      backward.add(() -> Sgd.step(RATE, dw.array(), w.array()));
      backward.add(() -> Sgd.step(RATE, db, b));
      upstream = dx;
    }
    return () -> {
      forward.forEach(Runnable::run);
      SoftmaxCrossEntropy.lossAndGradient(logits, labels, dlogits);
      backward.forEach(Runnable::run);
    };
  }
}
