package org.lanegrad.verification.onnx;

import java.util.Optional;
import org.lanegrad.Matrix;
import org.lanegrad.activation.Activation;
import org.lanegrad.activation.ExponentialLinear;
import org.lanegrad.activation.Gelu;
import org.lanegrad.activation.GeluTanh;
import org.lanegrad.activation.HardSwish;
import org.lanegrad.activation.Mish;
import org.lanegrad.activation.PRelu;
import org.lanegrad.activation.PiecewiseLinear;
import org.lanegrad.activation.Relu;
import org.lanegrad.activation.Sigmoid;
import org.lanegrad.activation.Softplus;
import org.lanegrad.activation.Softsign;
import org.lanegrad.activation.Swish;
import org.lanegrad.activation.Tanh;

/** ONNX's activation operators by our kernels, with the attributes' defaults of opset 22. */
final class OnnxActivations {
  private OnnxActivations() {}

  /** The output, or nothing if the operator is not an activation of floats. */
  static Optional<float[]> run(OnnxCase c) {
    if (c.inputs().get(0).values() == null) {
      return Optional.empty();
    }
    if (c.operator().equals("PRelu")) {
      return Optional.of(prelu(c));
    }
    return activation(c).map(f -> apply(f, c.inputs().get(0).values()));
  }

  private static Optional<Activation> activation(OnnxCase c) {
    float infinity = Float.POSITIVE_INFINITY;
    Activation activation =
        switch (c.operator()) {
          case "Celu" -> ExponentialLinear.celu(c.attribute("alpha", 1));
          case "Clip" -> PiecewiseLinear.clip(c.scalar(1, -infinity), c.scalar(2, infinity));
          case "Elu" -> ExponentialLinear.elu(c.attribute("alpha", 1));
          case "Gelu" -> c.text("approximate", "none").equals("tanh") ? new GeluTanh() : new Gelu();
          case "HardSigmoid" ->
              PiecewiseLinear.hardSigmoid(c.attribute("alpha", 0.2), c.attribute("beta", 0.5));
          case "HardSwish" -> new HardSwish();
          case "LeakyRelu" -> PiecewiseLinear.leakyRelu(c.attribute("alpha", 0.01));
          case "Mish" -> new Mish();
          case "Relu" -> new Relu();
          case "Selu" ->
              new ExponentialLinear(
                  c.attribute("gamma", 1.0507010221481323),
                  c.attribute("alpha", 1.6732631921768188),
                  1f);
          case "Sigmoid" -> new Sigmoid();
          case "Softplus" -> new Softplus();
          case "Softsign" -> new Softsign();
          case "Swish" -> new Swish(c.attribute("alpha", 1));
          case "Tanh" -> new Tanh();
          case "ThresholdedRelu" -> PiecewiseLinear.thresholdedRelu(c.attribute("alpha", 1));
          default -> null;
        };
    return Optional.ofNullable(activation);
  }

  private static float[] apply(Activation f, float[] x) {
    float[] y = new float[x.length];
    f.forward(x, 0, y, 0, x.length);
    return y;
  }

  /** A slope for each element: ONNX broadcasts the slopes to the input's shape from the right. */
  private static float[] prelu(OnnxCase c) {
    OnnxCase.Tensor x = c.inputs().get(0);
    OnnxCase.Tensor slope = c.inputs().get(1);
    int n = x.values().length;
    float[] slopes = new float[n];
    for (int i = 0; i < n; i++) {
      int rest = i;
      int index = 0;
      int stride = 1;
      for (int d = x.shape().length - 1, s = slope.shape().length - 1; s >= 0; d--, s--) {
        int at = rest % (int) x.shape()[d];
        rest /= (int) x.shape()[d];
        int size = (int) slope.shape()[s];
        index += size == 1 ? 0 : at * stride;
        stride *= size;
      }
      slopes[i] = slope.values()[index];
    }
    Matrix y = Matrix.zeros(1, n);
    PRelu.forward(Matrix.of(x.values(), 1, n), slopes, y);
    return y.array();
  }
}
