package org.lanegrad.reference.op;

import org.apache.commons.math3.RealFieldElement;

/** f: ℝ → ℝ with its derivative: what an activation is. */
public enum ScalarFunction {
  /** f(x) = x. */
  IDENTITY {
    @Override
    public <T extends RealFieldElement<T>> T value(T x) {
      return x;
    }

    @Override
    public double derivative(double x) {
      return 1;
    }
  },

  /** f(x) = 1 / (1 + e^−x), f′ = f·(1 − f) = 1 / ((1 + e^−x)·(1 + e^x)). */
  SIGMOID {
    @Override
    public <T extends RealFieldElement<T>> T value(T x) {
      return x.negate().exp().add(1).reciprocal();
    }

    @Override
    public double derivative(double x) {
      return 1 / ((1 + Math.exp(-x)) * (1 + Math.exp(x)));
    }
  },

  /** f(x) = tanh x, f′ = 1 − tanh² x = 1 / cosh² x. */
  TANH {
    @Override
    public <T extends RealFieldElement<T>> T value(T x) {
      return x.tanh();
    }

    @Override
    public double derivative(double x) {
      return 1 / (Math.cosh(x) * Math.cosh(x));
    }
  },

  /** f(x) = max(0, x), f′ = 1 where x &gt; 0, else 0 (a choice, at the kink). */
  RELU {
    @Override
    public <T extends RealFieldElement<T>> T value(T x) {
      return x.getReal() <= 0 ? x.getField().getZero() : x;
    }

    @Override
    public double derivative(double x) {
      return x <= 0 ? 0 : 1;
    }
  };

  /** f(x). */
  public abstract <T extends RealFieldElement<T>> T value(T x);

  /** f′(x). */
  public abstract double derivative(double x);
}
