package org.lanegrad.bench.normalization;

import java.util.SplittableRandom;
import org.lanegrad.Matrix;
import org.lanegrad.loss.SoftmaxCrossEntropy;
import org.lanegrad.normalization.LayerNorm;
import org.lanegrad.normalization.LogSoftmax;
import org.lanegrad.normalization.RmsNorm;
import org.lanegrad.normalization.Softmax;

/** Our row kernels at one shape, with their arrays made and filled, so that a pass is one call. */
final class RowKernels {
  private static final float EPSILON = 1e-5f;

  private final SplittableRandom random = new SplittableRandom(42);
  private final int rows;
  private final int columns;
  private final Matrix x;
  private final Matrix y;
  private final Matrix dy;
  private final Matrix dx;
  private final float[] gamma;
  private final float[] beta;
  private final float[] dgamma;
  private final float[] dbeta;
  private final float[] statistics;

  RowKernels(int rows, int columns) {
    this.rows = rows;
    this.columns = columns;
    x = matrix();
    y = Matrix.aligned(rows, columns);
    dy = matrix();
    dx = Matrix.aligned(rows, columns);
    gamma = filled();
    beta = filled();
    dgamma = new float[columns];
    dbeta = new float[columns];
    statistics = new float[2 * rows];
  }

  /** Aligned, as the peers' memory is. */
  private Matrix matrix() {
    Matrix matrix = Matrix.aligned(rows, columns);
    for (int i = 0; i < rows; i++) {
      System.arraycopy(filled(), 0, matrix.array(), matrix.index(i, 0), columns);
    }
    return matrix;
  }

  private float[] filled() {
    float[] values = new float[columns];
    for (int j = 0; j < columns; j++) {
      values[j] = (float) random.nextDouble(-4, 4);
    }
    return values;
  }

  /** A forward pass; cross-entropy computes its gradient along with the loss. */
  Runnable forward(String op) {
    LayerNorm layerNorm = new LayerNorm(EPSILON);
    RmsNorm rmsNorm = new RmsNorm(EPSILON);
    float[] scales = new float[rows];
    int[] labels = random.ints(rows, 0, columns).toArray();
    return switch (op) {
      case "softmax" -> () -> Softmax.forward(x, y);
      case "log-softmax" -> () -> LogSoftmax.forward(x, y);
      case "layer norm" -> () -> layerNorm.forward(x, gamma, beta, y, statistics);
      case "rms norm" -> () -> rmsNorm.forward(x, gamma, y, scales);
      case "cross-entropy" -> () -> SoftmaxCrossEntropy.lossAndGradient(x, labels, dx);
      default -> throw new IllegalArgumentException("no op " + op);
    };
  }

  /** The backward pass of a forward pass that was run. */
  Runnable backward(String op) {
    LayerNorm layerNorm = new LayerNorm(EPSILON);
    RmsNorm rmsNorm = new RmsNorm(EPSILON);
    float[] scales = new float[rows];
    switch (op) {
      case "softmax" -> Softmax.forward(x, y);
      case "log-softmax" -> LogSoftmax.forward(x, y);
      case "layer norm" -> layerNorm.forward(x, gamma, beta, y, statistics);
      default -> rmsNorm.forward(x, gamma, y, scales);
    }
    return switch (op) {
      case "softmax" -> () -> Softmax.backward(dy, y, dx);
      case "log-softmax" -> () -> LogSoftmax.backward(dy, y, dx);
      case "layer norm" -> () -> layerNorm.backward(dy, x, gamma, statistics, dx, dgamma, dbeta);
      case "rms norm" -> () -> rmsNorm.backward(dy, x, gamma, scales, dx, dgamma);
      default -> throw new IllegalArgumentException("no op " + op);
    };
  }
}
