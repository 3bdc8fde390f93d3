package org.lanegrad.normalization;

import org.lanegrad.Matrix;
import org.lanegrad.simd.Exp;
import org.lanegrad.simd.Fma;

/** Softmax and log-softmax of one row of a transposed view, where there are no lanes. */
final class Strided {
  private Strided() {}

  static void softmax(Matrix x, int from, Matrix y, int to) {
    float max = max(x, from);
    int step = x.columnStep();
    float sum = sum(x, from, max);
    float factor = 1f / sum;
    for (int j = 0; j < x.columns(); j++) {
      float e = Exp.normal(x.array()[from + j * step] - max);
      y.array()[to + j * y.columnStep()] = e * factor;
    }
  }

  static void softmaxBackward(Matrix dy, int up, Matrix y, int saved, Matrix dx, int to) {
    double dot = 0;
    for (int j = 0; j < dy.columns(); j++) {
      double v = y.array()[saved + j * y.columnStep()];
      dot += dy.array()[up + j * dy.columnStep()] * v;
    }
    for (int j = 0; j < dy.columns(); j++) {
      float v = y.array()[saved + j * y.columnStep()];
      float d = dy.array()[up + j * dy.columnStep()] - (float) dot;
      dx.array()[to + j * dx.columnStep()] = v * d;
    }
  }

  static void logSoftmax(Matrix x, int from, Matrix y, int to) {
    float max = max(x, from);
    int step = x.columnStep();
    float sum = sum(x, from, max);
    float log = (float) Math.log(sum);
    for (int j = 0; j < x.columns(); j++) {
      y.array()[to + j * y.columnStep()] = x.array()[from + j * step] - max - log;
    }
  }

  static void logSoftmaxBackward(Matrix dy, int up, Matrix y, int saved, Matrix dx, int to) {
    double sum = 0;
    for (int j = 0; j < dy.columns(); j++) {
      sum += dy.array()[up + j * dy.columnStep()];
    }
    for (int j = 0; j < dy.columns(); j++) {
      float p = Exp.normal(y.array()[saved + j * y.columnStep()]);
      float d = dy.array()[up + j * dy.columnStep()];
      dx.array()[to + j * dx.columnStep()] = Fma.of(p, -(float) sum, d);
    }
  }

  private static float sum(Matrix x, int from, float max) {
    double sum = 0;
    for (int j = 0; j < x.columns(); j++) {
      sum += Exp.normal(x.array()[from + j * x.columnStep()] - max);
    }
    return (float) sum;
  }

  private static float max(Matrix x, int from) {
    float max = Float.NEGATIVE_INFINITY;
    for (int j = 0; j < x.columns(); j++) {
      max = Math.max(max, x.array()[from + j * x.columnStep()]);
    }
    return max;
  }
}
