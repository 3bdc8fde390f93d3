package org.lanegrad.reference.gate;

import org.apache.commons.math3.RealFieldElement;
import org.apache.commons.math3.special.Erf;

/** What the formulas need and {@link RealFieldElement} lacks. */
public final class Numbers {
  private Numbers() {}

  /** A constant of the same kind as x. */
  public static <T extends RealFieldElement<T>> T constant(double value, T x) {
    return x.getField().getZero().add(value);
  }

  /**
   * erf x = 2/√π · ∫₀ˣ e^(−t²) dt.
   *
   * <p>x = r + d with r a plain double and d = 0 in value; only derivatives live in d. The Taylor
   * series in d stops after d³, so the first three derivatives are exact.
   */
  public static <T extends RealFieldElement<T>> T erf(T x) {
    double r = x.getReal();
    if (Double.isNaN(r) || Double.isInfinite(r)) {
      return constant(Math.signum(r), x);
    }
    double first = 2 / Math.sqrt(Math.PI) * Math.exp(-r * r);
    double second = -2 * r * first;
    double third = (4 * r * r - 2) * first;
    T d = x.subtract(r);
    T series = d.multiply(third / 6).add(second / 2).multiply(d).add(first).multiply(d);
    return series.add(Erf.erf(r));
  }

  /**
   * Φ(x) = ½·(1 + erf(x/√2)), the normal distribution, without cancellation for negative x: there
   * it is ½·erfc(−x/√2), which keeps its relative accuracy.
   */
  public static <T extends RealFieldElement<T>> T normalDistribution(T x) {
    double r = x.getReal();
    if (Double.isNaN(r) || Double.isInfinite(r)) {
      return constant(0.5 + 0.5 * Math.signum(r), x);
    }
    double first = Math.exp(-0.5 * r * r) / Math.sqrt(2 * Math.PI);
    double second = -r * first;
    double third = (r * r - 1) * first;
    T d = x.subtract(r);
    T series = d.multiply(third / 6).add(second / 2).multiply(d).add(first).multiply(d);
    return series.add(0.5 * Erf.erfc(-r / Math.sqrt(2)));
  }
}
