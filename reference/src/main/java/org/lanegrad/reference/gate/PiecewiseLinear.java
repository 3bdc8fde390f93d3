package org.lanegrad.reference.gate;

import java.util.List;
import org.apache.commons.math3.RealFieldElement;

/**
 * f(x) = sᵢ·x + tᵢ on the i-th piece; f′ = sᵢ. A break belongs to the piece on its left; its
 * derivative is the flatter of the two slopes, one of the subgradient.
 *
 * @param breaks where the pieces meet, ascending
 * @param slopes sᵢ, one more than breaks
 * @param shifts tᵢ
 */
public record PiecewiseLinear(List<Double> breaks, List<Double> slopes, List<Double> shifts)
    implements UnaryGate {
  /** f(x) = x. */
  public static PiecewiseLinear identity() {
    return new PiecewiseLinear(List.of(), List.of(1.0), List.of(0.0));
  }

  /** max(0, x). */
  public static PiecewiseLinear relu() {
    return leakyRelu(0);
  }

  /** x where x &gt; 0, else slope·x. */
  public static PiecewiseLinear leakyRelu(double slope) {
    return at(0, slope, 0, 1, 0);
  }

  /** x where x &gt; α, else 0. It jumps at α. */
  public static PiecewiseLinear thresholdedRelu(double alpha) {
    return at(alpha, 0, 0, 1, 0);
  }

  /**
   * 1 where x &gt; θ, else 0: a step. It jumps at θ; the derivative is 0 elsewhere, and said to be
   * there.
   */
  public static PiecewiseLinear threshold(double theta) {
    return at(theta, 0, 0, 0, 1);
  }

  /** min(max(x, low), high): HardTanh with −1 and 1, and clip. */
  public static PiecewiseLinear clip(double low, double high) {
    return new PiecewiseLinear(List.of(low, high), List.of(0.0, 1.0, 0.0), List.of(low, 0.0, high));
  }

  /** min(max(slope·x + shift, 0), 1), slope &gt; 0. */
  public static PiecewiseLinear hardSigmoid(double slope, double shift) {
    return new PiecewiseLinear(
        List.of(-shift / slope, (1 - shift) / slope),
        List.of(0.0, slope, 0.0),
        List.of(0.0, shift, 1.0));
  }

  private static PiecewiseLinear at(
      double where, double leftSlope, double leftShift, double rightSlope, double rightShift) {
    return new PiecewiseLinear(
        List.of(where), List.of(leftSlope, rightSlope), List.of(leftShift, rightShift));
  }

  @Override
  public <T extends RealFieldElement<T>> T value(T x) {
    int piece = piece(x.getReal());
    double slope = slopes.get(piece);
    double shift = shifts.get(piece);
    if (slope == 0 && !Double.isNaN(x.getReal())) {
      return Numbers.constant(shift, x);
    }
    return shift == 0 ? x.multiply(slope) : x.multiply(slope).add(shift);
  }

  @Override
  public <T extends RealFieldElement<T>> T derivative(T x) {
    int piece = piece(x.getReal());
    double slope = slopes.get(piece);
    if (piece < breaks.size() && x.getReal() == breaks.get(piece)) {
      double right = slopes.get(piece + 1);
      slope = Math.abs(right) < Math.abs(slope) ? right : slope;
    }
    return Numbers.constant(slope, x);
  }

  /** The last piece for NaN, which its slope of a product passes on. */
  private int piece(double x) {
    int piece = 0;
    while (piece < breaks.size() && !(x <= breaks.get(piece))) {
      piece++;
    }
    return piece;
  }

  @Override
  public double[][] kinks() {
    double[][] kinks = new double[breaks.size()][];
    for (int i = 0; i < kinks.length; i++) {
      kinks[i] = new double[] {breaks.get(i)};
    }
    return kinks;
  }
}
