package org.lanegrad.reference.gate;

import org.apache.commons.math3.RealFieldElement;

/**
 * s·x where x &gt; 0, else s·α·(e^(x/w) − 1); s, else s·α/w·e^(x/w): ELU and its relatives.
 *
 * @param scale s
 * @param alpha α
 * @param width w
 */
public record ExponentialLinear(double scale, double alpha, double width) implements UnaryGate {
  /** ELU: s = 1, w = 1. (D.-A. Clevert et al., Exponential Linear Units, 2015.) */
  public static ExponentialLinear elu(double alpha) {
    return new ExponentialLinear(1, alpha, 1);
  }

  /** SELU, whose constants keep mean 0 and variance 1. (G. Klambauer et al., 2017.) */
  public static ExponentialLinear selu() {
    return new ExponentialLinear(1.0507009873554805, 1.6732632423543772, 1);
  }

  /** CELU: s = 1, w = α, so that the derivative at 0 is 1. (J. Barron, 2017.) */
  public static ExponentialLinear celu(double alpha) {
    return new ExponentialLinear(1, alpha, alpha);
  }

  @Override
  public <T extends RealFieldElement<T>> T value(T x) {
    return x.getReal() > 0 ? x.multiply(scale) : x.divide(width).expm1().multiply(scale * alpha);
  }

  @Override
  public <T extends RealFieldElement<T>> T derivative(T x) {
    return x.getReal() > 0
        ? Numbers.constant(scale, x)
        : x.divide(width).exp().multiply(scale * alpha / width);
  }

  @Override
  public double[][] kinks() {
    return alpha == width ? new double[0][] : new double[][] {{0}};
  }
}
