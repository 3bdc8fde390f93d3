package org.lanegrad.reference.gate;

import org.apache.commons.math3.RealFieldElement;

/**
 * x·σ(βx); σ(βx) + βx·σ′(βx). With β = 1 it is SiLU.
 *
 * <p>(P. Ramachandran et al., Searching for Activation Functions, 2017.)
 *
 * @param beta β
 */
public record Swish(double beta) implements UnaryGate {
  /** With that β. */
  public static Swish swish(double beta) {
    return new Swish(beta);
  }

  @Override
  public <T extends RealFieldElement<T>> T value(T x) {
    return Smooth.zeroTimes(x, Smooth.SIGMOID.value(x.multiply(beta)));
  }

  @Override
  public <T extends RealFieldElement<T>> T derivative(T x) {
    T inner = x.multiply(beta);
    T sigmoid = Smooth.SIGMOID.value(inner);
    return sigmoid.add(Smooth.zeroTimes(inner, Smooth.SIGMOID.derivative(inner)));
  }
}
