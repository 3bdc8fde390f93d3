package org.lanegrad.reference.gate;

import org.apache.commons.math3.RealFieldElement;

/**
 * x·h(x), h(x) = min(max(x/6 + ½, 0), 1); h(x) + x·h′(x), at the kinks by h′'s rule. (A. Howard et
 * al., Searching for MobileNetV3, 2019.)
 */
public record HardSwish() implements UnaryGate {
  /** The one. */
  public static HardSwish hardSwish() {
    return new HardSwish();
  }

  private static final PiecewiseLinear H = PiecewiseLinear.hardSigmoid(1 / 6.0, 0.5);

  @Override
  public <T extends RealFieldElement<T>> T value(T x) {
    return Smooth.zeroTimes(x, H.value(x));
  }

  @Override
  public <T extends RealFieldElement<T>> T derivative(T x) {
    return H.value(x).add(Smooth.zeroTimes(x, H.derivative(x)));
  }

  @Override
  public double[][] kinks() {
    return H.kinks();
  }
}
