package org.lanegrad.verification.onnx;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.lanegrad.Matrix;
import org.lanegrad.loss.NegativeLogLikelihood;
import org.lanegrad.loss.Reduction;
import org.lanegrad.loss.SoftmaxCrossEntropy;
import org.lanegrad.loss.Targets;
import org.lanegrad.normalization.LogSoftmax;

/**
 * ONNX's two classification losses. A tensor N × C × D₁ × D₂ … is a matrix with a row of C classes
 * for each n and d.
 */
final class OnnxClassification {
  private OnnxClassification() {}

  /** All outputs, or nothing if the operator is another. */
  static Optional<List<float[]>> run(OnnxCase c) {
    return switch (c.operator()) {
      case "NegativeLogLikelihoodLoss" -> Optional.of(List.of(loss(c, false)));
      case "SoftmaxCrossEntropyLoss" -> {
        List<float[]> outputs = new ArrayList<>(List.of(loss(c, true)));
        if (c.outputs().size() > 1) {
          outputs.add(logProbabilities(c.inputs().get(0)));
        }
        yield Optional.of(outputs);
      }
      default -> Optional.empty();
    };
  }

  private static float[] loss(OnnxCase c, boolean ofLogits) {
    OnnxCase.Tensor x = c.inputs().get(0);
    Matrix rows = rows(x);
    int[] labels = new int[rows.rows()];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = (int) c.inputs().get(1).integers()[i];
    }
    Reduction reduction = Reduction.valueOf(c.text("reduction", "mean").toUpperCase(Locale.ROOT));
    int ignored = (int) c.integer("ignore_index", Targets.NONE_IGNORED);
    Targets targets = new Targets(labels, c.floats(2), ignored, 0f, reduction);
    float[] losses = new float[labels.length];
    float value =
        ofLogits
            ? SoftmaxCrossEntropy.loss(rows, targets, losses)
            : NegativeLogLikelihood.loss(rows, targets, losses);
    return reduction == Reduction.NONE ? losses : new float[] {value};
  }

  private static Matrix rows(OnnxCase.Tensor x) {
    int n = (int) x.shape()[0];
    int classes = (int) x.shape()[1];
    int inner = x.size(2, x.shape().length);
    Matrix rows = Matrix.zeros(n * inner, classes);
    for (int i = 0; i < n; i++) {
      Matrix slice = Matrix.of(x.values(), i * classes * inner, classes, inner, inner);
      for (int d = 0; d < inner; d++) {
        for (int k = 0; k < classes; k++) {
          rows.array()[rows.index(i * inner + d, k)] = slice.get(k, d);
        }
      }
    }
    return rows;
  }

  /** Along the second axis, by strides. */
  private static float[] logProbabilities(OnnxCase.Tensor x) {
    return OnnxRows.alongAxis(x, 1, LogSoftmax::forward);
  }
}
