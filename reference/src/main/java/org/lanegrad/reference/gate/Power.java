package org.lanegrad.reference.gate;

import org.apache.commons.math3.RealFieldElement;

/**
 * z = xⁿ; z′ = n·xⁿ⁻¹.
 *
 * @param n the exponent
 */
public record Power(int n) implements UnaryGate {
  @Override
  public <T extends RealFieldElement<T>> T value(T x) {
    return x.pow(n);
  }

  @Override
  public <T extends RealFieldElement<T>> T derivative(T x) {
    return n == 0 ? Numbers.constant(0, x) : x.pow(n - 1).multiply(n);
  }
}
