package org.lanegrad.reference.gate;

import java.util.List;

/** All gates, with numbers worked out by hand. */
public final class Gates {
  private Gates() {}

  /** f(x) = z with ∂f/∂xᵢ = slopes[i]. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Worked(Gate gate, double[] x, double z, double... slopes) {}

  private static final double E = Math.E;

  static List<Worked> worked() {
    return List.of(
        new Worked(Binary.ADD, new double[] {2, 3}, 5, 1, 1),
        new Worked(Binary.SUBTRACT, new double[] {2, 3}, -1, 1, -1),
        new Worked(Binary.MULTIPLY, new double[] {2, 3}, 6, 3, 2),
        new Worked(Binary.DIVIDE, new double[] {3, 2}, 1.5, 0.5, -0.75),
        new Worked(Binary.MAXIMUM, new double[] {2, 3}, 3, 0, 1),
        new Worked(Binary.MAXIMUM, new double[] {3, 3}, 3, 1, 0),
        new Worked(Binary.MINIMUM, new double[] {2, 3}, 2, 1, 0),
        new Worked(Binary.PRELU, new double[] {-4, 0.25}, -1, 0.25, -4),
        new Worked(Binary.PRELU, new double[] {4, 0.25}, 4, 1, 0),
        new Worked(Elementary.COPY, new double[] {7}, 7, 1),
        new Worked(Elementary.NEGATE, new double[] {7}, -7, -1),
        new Worked(Elementary.RECIPROCAL, new double[] {4}, 0.25, -0.0625),
        new Worked(Elementary.EXP, new double[] {1}, E, E),
        new Worked(Elementary.EXPM1, new double[] {1}, E - 1, E),
        new Worked(Elementary.LOG, new double[] {E}, 1, 1 / E),
        new Worked(Elementary.LOG1P, new double[] {1}, Math.log(2), 0.5),
        new Worked(Elementary.SQRT, new double[] {9}, 3, 1 / 6.0),
        new Worked(Elementary.ERF, new double[] {0}, 0, 1.1283791670955126),
        new Worked(Elementary.ABS, new double[] {-2}, 2, -1),
        new Worked(new Power(3), new double[] {2}, 8, 12),
        new Worked(new Power(0), new double[] {0}, 1, 0),
        new Worked(Smooth.SIGMOID, new double[] {0}, 0.5, 0.25),
        new Worked(Smooth.TANH, new double[] {Math.log(2)}, 0.6, 0.64),
        new Worked(Smooth.SOFTPLUS, new double[] {0}, Math.log(2), 0.5),
        new Worked(Smooth.SOFTSIGN, new double[] {3}, 0.75, 0.0625),
        new Worked(Smooth.GELU, new double[] {0}, 0, 0.5),
        new Worked(Smooth.GELU, new double[] {1}, 0.8413447460685429, 1.0833154705876864),
        new Worked(Smooth.GELU_TANH, new double[] {0}, 0, 0.5),
        new Worked(Smooth.MISH, new double[] {0}, 0, 0.6),
        new Worked(new Swish(1), new double[] {0}, 0, 0.5),
        new Worked(
            new Swish(2),
            new double[] {Math.log(2) / 2},
            Math.log(2) / 3,
            (6 + 2 * Math.log(2)) / 9),
        new Worked(ExponentialLinear.elu(2), new double[] {-Math.log(2)}, -1, 1),
        new Worked(ExponentialLinear.elu(2), new double[] {3}, 3, 1),
        new Worked(
            ExponentialLinear.selu(), new double[] {2}, 2.101401974710961, 1.0507009873554805),
        new Worked(ExponentialLinear.celu(2), new double[] {-2 * Math.log(2)}, -1, 0.5),
        new Worked(PiecewiseLinear.identity(), new double[] {-7}, -7, 1),
        new Worked(PiecewiseLinear.relu(), new double[] {-2}, 0, 0),
        new Worked(PiecewiseLinear.relu(), new double[] {3}, 3, 1),
        new Worked(PiecewiseLinear.relu(), new double[] {0}, 0, 0),
        new Worked(PiecewiseLinear.leakyRelu(0.1), new double[] {-2}, -0.2, 0.1),
        new Worked(PiecewiseLinear.thresholdedRelu(2), new double[] {2}, 0, 0),
        new Worked(PiecewiseLinear.thresholdedRelu(2), new double[] {2.5}, 2.5, 1),
        new Worked(PiecewiseLinear.threshold(1), new double[] {1}, 0, 0),
        new Worked(PiecewiseLinear.threshold(1), new double[] {1.5}, 1, 0),
        new Worked(PiecewiseLinear.clip(-1, 1), new double[] {-3}, -1, 0),
        new Worked(PiecewiseLinear.clip(-1, 1), new double[] {0.5}, 0.5, 1),
        new Worked(PiecewiseLinear.clip(-1, 1), new double[] {1}, 1, 0),
        new Worked(PiecewiseLinear.hardSigmoid(0.2, 0.5), new double[] {1}, 0.7, 0.2),
        new Worked(PiecewiseLinear.hardSigmoid(0.2, 0.5), new double[] {5}, 1, 0),
        new Worked(new HardSwish(), new double[] {1.5}, 1.125, 1),
        new Worked(new HardSwish(), new double[] {4}, 4, 1));
  }

  /** Each gate once. */
  public static List<Gate> all() {
    return worked().stream().map(Worked::gate).distinct().toList();
  }
}
