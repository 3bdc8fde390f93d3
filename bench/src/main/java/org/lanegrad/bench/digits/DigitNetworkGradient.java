package org.lanegrad.bench.digits;

import java.util.Arrays;
import org.lanegrad.Matrix;
import org.lanegrad.reference.diff.Evaluate;
import org.lanegrad.reference.gate.PiecewiseLinear;
import org.lanegrad.reference.gate.UnaryGate;
import org.lanegrad.reference.op.CrossEntropy;
import org.lanegrad.reference.op.DenseLayer;
import org.lanegrad.reference.op.Reduction;
import org.lanegrad.reference.op.Targets;
import org.lanegrad.verification.catalog.UnarySpec;
import org.lanegrad.verification.gradcheck.Differentiable;
import org.lanegrad.verification.gradcheck.GradCheck;
import org.lanegrad.verification.gradcheck.GradCheckReport;

/**
 * Checks the very network that is about to be trained: the gradients that its SIMD kernels compute
 * against two-sided differences of the same network built from reference ops, in double.
 */
final class DigitNetworkGradient implements Differentiable {
  private static final int BATCH = 8;
  private static final int SAMPLED = 60;
  private static final String[] NAMES = {"w1", "b1", "w2", "b2"};

  private final DigitNetwork network;
  private final Matrix x;
  private final int[] labels;
  private final DenseLayer first;
  private final DenseLayer second;
  private final CrossEntropy loss;

  private DigitNetworkGradient(DigitNetwork network, UnaryGate activation, Digits data) {
    int batch = Math.min(BATCH, data.size());
    this.network = network;
    x = Matrix.of(data.pixels(), batch, Digits.PIXELS);
    labels = Arrays.copyOf(data.labels(), batch);
    int hidden = network.hidden();
    first = new DenseLayer(activation, batch, Digits.PIXELS, hidden);
    second = new DenseLayer(PiecewiseLinear.identity(), batch, hidden, Digits.CLASSES);
    double[] weights = new double[Digits.CLASSES];
    Arrays.fill(weights, 1);
    loss =
        new CrossEntropy(
            new Targets(
                labels,
                Digits.CLASSES,
                weights,
                Integer.MIN_VALUE,
                DigitNetwork.SMOOTHING,
                Reduction.MEAN));
  }

  /**
   * h = 1e-4 in double; the error allowed is what fp32 leaves of a sum of some hundred products,
   * 1e-4 of the gradient and 1e-6.
   */
  static GradCheckReport check(DigitNetwork network, UnarySpec activation, Digits data, long seed) {
    float[][] parameters = network.parameters();
    double[][] values = new double[parameters.length][];
    Arrays.setAll(values, v -> toDoubles(parameters[v]));
    return new GradCheck()
        .sampling(SAMPLED)
        .allowing(1e-4, 1e-6)
        .check(
            "digit network",
            new DigitNetworkGradient(network, activation.reference(), data),
            NAMES,
            values,
            new double[] {1},
            activation.kinks(),
            seed);
  }

  @Override
  public double[] forward(double[][] p) {
    double[] pixels = toDoubles(Arrays.copyOf(x.array(), x.rows() * x.columns()));
    double[] h = Evaluate.of(first, new double[][] {pixels, p[0], p[1]});
    double[] z = Evaluate.of(second, new double[][] {h, p[2], p[3]});
    return Evaluate.of(loss, new double[][] {z});
  }

  @Override
  public double[][] backward(double[][] p, double[] upstream) {
    network.lossAndGradients(x, labels);
    float[][] gradients = network.gradients();
    double[][] values = new double[gradients.length][];
    Arrays.setAll(values, v -> toDoubles(gradients[v]));
    return values;
  }

  private static double[] toDoubles(float[] values) {
    double[] doubles = new double[values.length];
    Arrays.setAll(doubles, i -> values[i]);
    return doubles;
  }
}
