package org.lanegrad.reference.gate;

import org.apache.commons.math3.RealFieldElement;

/** The elementary functions of one input. */
public enum Elementary implements UnaryGate {
  /** z = x; z′ = 1. A copy with two readers is a fan-out: its backward pass sums. */
  COPY {
    @Override
    public <T extends RealFieldElement<T>> T value(T x) {
      return x;
    }

    @Override
    public <T extends RealFieldElement<T>> T derivative(T x) {
      return Numbers.constant(1, x);
    }
  },

  /** z = −x; z′ = −1. */
  NEGATE {
    @Override
    public <T extends RealFieldElement<T>> T value(T x) {
      return x.negate();
    }

    @Override
    public <T extends RealFieldElement<T>> T derivative(T x) {
      return Numbers.constant(-1, x);
    }
  },

  /** z = 1/x; z′ = −1/x². */
  RECIPROCAL {
    @Override
    public <T extends RealFieldElement<T>> T value(T x) {
      return x.reciprocal();
    }

    @Override
    public <T extends RealFieldElement<T>> T derivative(T x) {
      return x.multiply(x).reciprocal().negate();
    }
  },

  /** z = eˣ; z′ = eˣ. */
  EXP {
    @Override
    public <T extends RealFieldElement<T>> T value(T x) {
      return x.exp();
    }

    @Override
    public <T extends RealFieldElement<T>> T derivative(T x) {
      return x.exp();
    }
  },

  /** z = eˣ − 1; z′ = eˣ. */
  EXPM1 {
    @Override
    public <T extends RealFieldElement<T>> T value(T x) {
      // beyond 1 nothing cancels, and FastMath.expm1 of Commons Math 3.6.1 gives −1 at 709.7832
      return x.getReal() > 1 ? x.exp().subtract(1) : x.expm1();
    }

    @Override
    public <T extends RealFieldElement<T>> T derivative(T x) {
      return x.exp();
    }
  },

  /** z = log x; z′ = 1/x. */
  LOG {
    @Override
    public <T extends RealFieldElement<T>> T value(T x) {
      return x.log();
    }

    @Override
    public <T extends RealFieldElement<T>> T derivative(T x) {
      return x.reciprocal();
    }
  },

  /** z = log(1 + x); z′ = 1/(1 + x). */
  LOG1P {
    @Override
    public <T extends RealFieldElement<T>> T value(T x) {
      return x.log1p();
    }

    @Override
    public <T extends RealFieldElement<T>> T derivative(T x) {
      return x.add(1).reciprocal();
    }
  },

  /** z = √x; z′ = 1/(2√x). */
  SQRT {
    @Override
    public <T extends RealFieldElement<T>> T value(T x) {
      return x.sqrt();
    }

    @Override
    public <T extends RealFieldElement<T>> T derivative(T x) {
      return x.sqrt().multiply(2).reciprocal();
    }
  },

  /** z = erf x; z′ = 2/√π · e^(−x²). */
  ERF {
    @Override
    public <T extends RealFieldElement<T>> T value(T x) {
      return Numbers.erf(x);
    }

    @Override
    public <T extends RealFieldElement<T>> T derivative(T x) {
      return x.multiply(x).negate().exp().multiply(2 / Math.sqrt(Math.PI));
    }
  },

  /** z = |x|; z′ = sign x, 0 at 0. */
  ABS {
    @Override
    public <T extends RealFieldElement<T>> T value(T x) {
      return x.getReal() < 0 ? x.negate() : x;
    }

    @Override
    public <T extends RealFieldElement<T>> T derivative(T x) {
      return Numbers.constant(Math.signum(x.getReal()), x);
    }

    @Override
    public double[][] kinks() {
      return new double[][] {{0}};
    }
  };
}
