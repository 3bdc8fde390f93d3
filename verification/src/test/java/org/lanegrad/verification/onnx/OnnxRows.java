package org.lanegrad.verification.onnx;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.lanegrad.Matrix;
import org.lanegrad.matmul.Gemm;
import org.lanegrad.matmul.Workspace;
import org.lanegrad.normalization.LayerNorm;
import org.lanegrad.normalization.LogSoftmax;
import org.lanegrad.normalization.RmsNorm;
import org.lanegrad.normalization.Softmax;

/** ONNX's normalizations and products, with the attributes' defaults. */
final class OnnxRows {
  private OnnxRows() {}

  /** All outputs, or nothing if the operator is another. */
  static Optional<List<float[]>> run(OnnxCase c) {
    OnnxCase.Tensor x = c.inputs().get(0);
    return switch (c.operator()) {
      case "Softmax" -> Optional.of(List.of(alongAxis(x, c.integer("axis", -1), Softmax::forward)));
      case "LogSoftmax" ->
          Optional.of(List.of(alongAxis(x, c.integer("axis", -1), LogSoftmax::forward)));
      case "LayerNormalization" -> Optional.of(layerNorm(c));
      case "RMSNormalization" -> Optional.of(List.of(rmsNorm(c)));
      case "MatMul" -> Optional.of(List.of(matmul(x, c.inputs().get(1))));
      case "Gemm" -> Optional.of(List.of(gemm(c)));
      default -> Optional.empty();
    };
  }

  /**
   * A row kernel along any axis: the slices before it one by one, the elements after it strided.
   */
  static float[] alongAxis(OnnxCase.Tensor x, long which, BiConsumer<Matrix, Matrix> kernel) {
    int axis = x.axis(which);
    int size = (int) x.shape()[axis];
    int inner = x.size(axis + 1, x.shape().length);
    float[] y = new float[x.values().length];
    for (int outer = 0; outer < x.size(0, axis); outer++) {
      int offset = outer * size * inner;
      Matrix from = Matrix.of(x.values(), offset, size, inner, inner).transposed();
      kernel.accept(from, Matrix.of(y, offset, size, inner, inner).transposed());
    }
    return y;
  }

  private static List<float[]> layerNorm(OnnxCase c) {
    OnnxCase.Tensor x = c.inputs().get(0);
    int axis = x.axis(c.integer("axis", -1));
    int rows = x.size(0, axis);
    Matrix y = Matrix.zeros(rows, x.size(axis, x.shape().length));
    float[] statistics = new float[2 * rows];
    new LayerNorm(c.attribute("epsilon", 1e-5))
        .forward(Matrix.of(x.values(), rows, y.columns()), c.floats(1), c.floats(2), y, statistics);
    float[] means = new float[rows];
    float[] inverses = new float[rows];
    for (int i = 0; i < rows; i++) {
      means[i] = statistics[2 * i];
      inverses[i] = statistics[2 * i + 1];
    }
    return new ArrayList<>(List.of(y.array(), means, inverses)).subList(0, c.outputs().size());
  }

  private static float[] rmsNorm(OnnxCase c) {
    OnnxCase.Tensor x = c.inputs().get(0);
    int axis = x.axis(c.integer("axis", -1));
    int rows = x.size(0, axis);
    Matrix y = Matrix.zeros(rows, x.size(axis, x.shape().length));
    new RmsNorm(c.attribute("epsilon", 1e-5))
        .forward(Matrix.of(x.values(), rows, y.columns()), c.floats(1), y, null);
    return y.array();
  }

  /** Leading dimensions are broadcast; a vector is a row on the left, a column on the right. */
  private static float[] matmul(OnnxCase.Tensor a, OnnxCase.Tensor b) {
    long[] as = a.shape().length == 1 ? new long[] {1, a.shape()[0]} : a.shape();
    long[] bs = b.shape().length == 1 ? new long[] {b.shape()[0], 1} : b.shape();
    int m = (int) as[as.length - 2];
    int k = (int) as[as.length - 1];
    int n = (int) bs[bs.length - 1];
    int dimensions = Math.max(as.length, bs.length) - 2;
    int batches = 1;
    for (int d = 0; d < dimensions; d++) {
      batches *= Math.max(size(as, dimensions, d), size(bs, dimensions, d));
    }
    float[] c = new float[batches * m * n];
    for (int batch = 0; batch < batches; batch++) {
      Matrix left = Matrix.of(a.values(), part(as, bs, dimensions, batch) * m * k, m, k, k);
      Matrix right = Matrix.of(b.values(), part(bs, as, dimensions, batch) * k * n, k, n, n);
      Gemm.multiply(1f, left, right, 0f, Matrix.of(c, batch * m * n, m, n, n), new Workspace());
    }
    return c;
  }

  /** A leading dimension, 1 where the shape has none. */
  private static int size(long[] shape, int dimensions, int d) {
    int own = d - (dimensions - (shape.length - 2));
    return own < 0 ? 1 : (int) shape[own];
  }

  /** Which of its own matrices a tensor has in a batch of the broadcast shape. */
  private static int part(long[] own, long[] other, int dimensions, int batch) {
    int part = 0;
    int stride = 1;
    int rest = batch;
    for (int d = dimensions - 1; d >= 0; d--) {
      int mine = size(own, dimensions, d);
      int all = Math.max(mine, size(other, dimensions, d));
      part += mine == 1 ? 0 : rest % all * stride;
      stride *= mine;
      rest /= all;
    }
    return part;
  }

  private static float[] gemm(OnnxCase c) {
    Matrix a = matrix(c.inputs().get(0), c.integer("transA", 0) != 0);
    Matrix b = matrix(c.inputs().get(1), c.integer("transB", 0) != 0);
    Matrix y = Matrix.zeros(a.rows(), b.columns());
    float[] bias = c.floats(2);
    if (bias != null) {
      long[] shape = c.inputs().get(2).shape();
      int columns = shape.length == 0 ? 1 : (int) shape[shape.length - 1];
      int rows = bias.length / columns;
      for (int i = 0; i < y.array().length; i++) {
        int row = i / y.columns() % rows;
        y.array()[i] = bias[row * columns + i % y.columns() % columns];
      }
    }
    float beta = bias == null ? 0f : c.attribute("beta", 1);
    Gemm.multiply(c.attribute("alpha", 1), a, b, beta, y, new Workspace());
    return y.array();
  }

  private static Matrix matrix(OnnxCase.Tensor t, boolean transposed) {
    Matrix m = Matrix.of(t.values(), (int) t.shape()[0], (int) t.shape()[1]);
    return transposed ? m.transposed() : m;
  }
}
