package org.lanegrad.verification.onnx;

import java.util.List;
import java.util.Optional;
import org.lanegrad.optimizer.AdaGrad;
import org.lanegrad.optimizer.Adam;
import org.lanegrad.optimizer.Momentum;

/** ONNX's optimizers; their inputs are the rate, the step and the arrays of one parameter. */
final class OnnxTraining {
  private OnnxTraining() {}

  /** All outputs, or nothing if the operator is another. */
  static Optional<List<float[]>> run(OnnxCase c) {
    return switch (c.operator()) {
      case "Adam" -> Optional.of(adam(c));
      case "Adagrad" -> Optional.of(adaGrad(c));
      case "Momentum" -> Optional.of(momentum(c));
      default -> Optional.empty();
    };
  }

  /**
   * ε is added to √v there, to √v̂ here; at step 0 nothing is corrected, which is far ahead here.
   */
  private static List<float[]> adam(OnnxCase c) {
    int step = (int) c.inputs().get(1).integers()[0];
    float beta2 = c.attribute("beta", 0.999);
    double second = step == 0 ? 1 : Math.sqrt(1 - Math.pow(beta2, step));
    float epsilon = (float) (c.attribute("epsilon", 1e-6) / second);
    Adam adam =
        new Adam(c.attribute("alpha", 0.9), beta2, epsilon, c.attribute("norm_coefficient", 0), 0f);
    float[] x = c.floats(2).clone();
    float[] v = c.floats(4).clone();
    float[] h = c.floats(5).clone();
    adam.step(c.scalar(0, 0), step == 0 ? Integer.MAX_VALUE : step, c.floats(3), v, h, x);
    float kept = 1 - c.attribute("norm_coefficient_post", 0);
    for (int i = 0; i < x.length; i++) {
      x[i] *= kept;
    }
    return List.of(x, v, h);
  }

  private static List<float[]> adaGrad(OnnxCase c) {
    AdaGrad kernel = new AdaGrad(c.attribute("epsilon", 1e-6), c.attribute("norm_coefficient", 0));
    long step = c.inputs().get(1).integers()[0];
    float rate = c.scalar(0, 0) / (1 + step * c.attribute("decay_factor", 0));
    float[] x = c.floats(2).clone();
    float[] h = c.floats(4).clone();
    kernel.step(rate, c.floats(3), h, x);
    return List.of(x, h);
  }

  private static List<float[]> momentum(OnnxCase c) {
    long step = c.inputs().get(1).integers()[0];
    float taken = step > 0 ? c.attribute("beta", 0) : 1;
    Momentum kernel =
        new Momentum(
            c.attribute("alpha", 0),
            1 - taken,
            c.attribute("norm_coefficient", 0),
            c.text("mode", "standard").equals("nesterov"));
    float[] x = c.floats(2).clone();
    float[] v = c.floats(4).clone();
    kernel.step(c.scalar(0, 0), c.floats(3), v, x);
    return List.of(x, v);
  }
}
