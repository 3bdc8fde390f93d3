package org.lanegrad.reference.gate;

import org.apache.commons.math3.RealFieldElement;

/** The smooth activations without a parameter, each f(x); f′(x). */
public enum Smooth implements UnaryGate {
  /** σ(x) = 1 / (1 + e^−x); σ′ = σ·(1 − σ) = 1 / ((1 + e^−x)·(1 + e^x)). */
  SIGMOID {
    @Override
    public <T extends RealFieldElement<T>> T value(T x) {
      return x.negate().exp().add(1).reciprocal();
    }

    @Override
    public <T extends RealFieldElement<T>> T derivative(T x) {
      return x.negate().exp().add(1).multiply(x.exp().add(1)).reciprocal();
    }
  },

  /**
   * tanh x; 1 − tanh² x = 1 / cosh² x = 4t / (1 + t)² with t = e^(−2|x|), which cannot overflow.
   */
  TANH {
    @Override
    public <T extends RealFieldElement<T>> T value(T x) {
      return x.tanh();
    }

    @Override
    public <T extends RealFieldElement<T>> T derivative(T x) {
      T t = magnitude(x).multiply(-2).exp();
      return t.multiply(4).divide(t.add(1).multiply(t.add(1)));
    }
  },

  /** log(1 + eˣ), as max(0, x) + log(1 + e^−|x|), which cannot overflow; its derivative is σ(x). */
  SOFTPLUS {
    @Override
    public <T extends RealFieldElement<T>> T value(T x) {
      return x.getReal() > 0 ? x.negate().exp().log1p().add(x) : x.exp().log1p();
    }

    @Override
    public <T extends RealFieldElement<T>> T derivative(T x) {
      return SIGMOID.value(x);
    }
  },

  /** x / (1 + |x|); 1 / (1 + |x|)². */
  SOFTSIGN {
    @Override
    public <T extends RealFieldElement<T>> T value(T x) {
      return Double.isInfinite(x.getReal())
          ? Numbers.constant(Math.signum(x.getReal()), x)
          : x.divide(magnitude(x).add(1));
    }

    @Override
    public <T extends RealFieldElement<T>> T derivative(T x) {
      T denominator = magnitude(x).add(1);
      return denominator.multiply(denominator).reciprocal();
    }
  },

  /**
   * x·Φ(x), Φ the normal distribution; Φ(x) + x·φ(x). (D. Hendrycks, K. Gimpel, Gaussian Error
   * Linear Units, 2016.)
   */
  GELU {
    @Override
    public <T extends RealFieldElement<T>> T value(T x) {
      return zeroTimes(x, Numbers.normalDistribution(x));
    }

    @Override
    public <T extends RealFieldElement<T>> T derivative(T x) {
      T density = x.multiply(x).multiply(-0.5).exp().divide(Math.sqrt(2 * Math.PI));
      return Numbers.normalDistribution(x).add(zeroTimes(x, density));
    }
  },

  /** x·σ(2u), u = √(2/π)·(x + 0.044715·x³), which is ½·x·(1 + tanh u); σ(2u) + x·σ′(2u)·2u′. */
  GELU_TANH {
    @Override
    public <T extends RealFieldElement<T>> T value(T x) {
      return zeroTimes(x, SIGMOID.value(inner(x)));
    }

    @Override
    public <T extends RealFieldElement<T>> T derivative(T x) {
      T slope = x.multiply(x).multiply(3 * CUBIC).add(1).multiply(2 * Math.sqrt(2 / Math.PI));
      return SIGMOID
          .value(inner(x))
          .add(zeroTimes(x.multiply(slope), SIGMOID.derivative(inner(x))));
    }

    private static <T extends RealFieldElement<T>> T inner(T x) {
      T cubic = x.multiply(x).multiply(CUBIC).add(1).multiply(x);
      return cubic.multiply(2 * Math.sqrt(2 / Math.PI));
    }
  },

  /** x·tanh(s), s = log(1 + eˣ); tanh(s) + x·σ(x) / cosh² s. (D. Misra, Mish, 2019.) */
  MISH {
    @Override
    public <T extends RealFieldElement<T>> T value(T x) {
      return zeroTimes(x, TANH.value(SOFTPLUS.value(x)));
    }

    @Override
    public <T extends RealFieldElement<T>> T derivative(T x) {
      T s = SOFTPLUS.value(x);
      return TANH.value(s).add(zeroTimes(zeroTimes(x, SIGMOID.value(x)), TANH.derivative(s)));
    }
  };

  private static final double CUBIC = 0.044715;

  private static <T extends RealFieldElement<T>> T magnitude(T x) {
    return Elementary.ABS.value(x);
  }

  /** x·y where y → 0 faster than x grows: 0 for a y of 0, also with an infinite x. */
  static <T extends RealFieldElement<T>> T zeroTimes(T x, T y) {
    return Double.isInfinite(x.getReal()) && y.getReal() == 0
        ? Numbers.constant(0, x)
        : x.multiply(y);
  }
}
