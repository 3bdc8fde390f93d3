package org.lanegrad.reference.gate;

import java.util.List;
import org.apache.commons.math3.RealFieldElement;

/** Gates of two inputs x and y. */
public enum Binary implements Gate {
  /** z = x + y; ∂z/∂x = ∂z/∂y = 1: the gradient distributor. */
  ADD {
    @Override
    <T extends RealFieldElement<T>> T value(T x, T y) {
      return x.add(y);
    }

    @Override
    <T extends RealFieldElement<T>> T partial(int i, T x, T y) {
      return Numbers.constant(1, x);
    }
  },

  /** z = x − y; ∂z/∂x = 1, ∂z/∂y = −1. */
  SUBTRACT {
    @Override
    <T extends RealFieldElement<T>> T value(T x, T y) {
      return x.subtract(y);
    }

    @Override
    <T extends RealFieldElement<T>> T partial(int i, T x, T y) {
      return Numbers.constant(i == 0 ? 1 : -1, x);
    }
  },

  /** z = x·y; ∂z/∂x = y, ∂z/∂y = x: the swap multiplier. */
  MULTIPLY {
    @Override
    <T extends RealFieldElement<T>> T value(T x, T y) {
      return x.multiply(y);
    }

    @Override
    <T extends RealFieldElement<T>> T partial(int i, T x, T y) {
      return i == 0 ? y : x;
    }
  },

  /** z = x/y; ∂z/∂x = 1/y, ∂z/∂y = −x/y². */
  DIVIDE {
    @Override
    <T extends RealFieldElement<T>> T value(T x, T y) {
      return x.divide(y);
    }

    @Override
    <T extends RealFieldElement<T>> T partial(int i, T x, T y) {
      return i == 0 ? y.reciprocal() : x.divide(y.multiply(y)).negate();
    }
  },

  /** z = max(x, y); ∂z/∂x = 1 and ∂z/∂y = 0 where x ≥ y, else 0 and 1: the gradient router. */
  MAXIMUM {
    @Override
    <T extends RealFieldElement<T>> T value(T x, T y) {
      return x.getReal() >= y.getReal() ? x : y;
    }

    @Override
    <T extends RealFieldElement<T>> T partial(int i, T x, T y) {
      return Numbers.constant(x.getReal() >= y.getReal() == (i == 0) ? 1 : 0, x);
    }

    @Override
    public double[][] kinks() {
      return new double[][] {{1.5, 1.5}, {0, 0}};
    }
  },

  /** z = min(x, y); ∂z/∂x = 1 and ∂z/∂y = 0 where x ≤ y, else 0 and 1. */
  MINIMUM {
    @Override
    <T extends RealFieldElement<T>> T value(T x, T y) {
      return x.getReal() <= y.getReal() ? x : y;
    }

    @Override
    <T extends RealFieldElement<T>> T partial(int i, T x, T y) {
      return Numbers.constant(x.getReal() <= y.getReal() == (i == 0) ? 1 : 0, x);
    }

    @Override
    public double[][] kinks() {
      return new double[][] {{1.5, 1.5}, {0, 0}};
    }
  },

  /**
   * PReLU with the slope y: z = x where x &gt; 0, else x·y; ∂z/∂x = 1 or y, ∂z/∂y = 0 or x. (K. He
   * et al., Delving Deep into Rectifiers, 2015.)
   */
  PRELU {
    @Override
    <T extends RealFieldElement<T>> T value(T x, T y) {
      return x.getReal() > 0 ? x : x.multiply(y);
    }

    @Override
    <T extends RealFieldElement<T>> T partial(int i, T x, T y) {
      if (i == 0) {
        return x.getReal() > 0 ? Numbers.constant(1, x) : y;
      }
      return x.getReal() > 0 ? Numbers.constant(0, x) : x;
    }

    @Override
    public double[][] kinks() {
      return new double[][] {{0, 0.25}};
    }
  };

  abstract <T extends RealFieldElement<T>> T value(T x, T y);

  abstract <T extends RealFieldElement<T>> T partial(int i, T x, T y);

  @Override
  public int arity() {
    return 2;
  }

  @Override
  public <T extends RealFieldElement<T>> T value(List<T> x) {
    return value(x.get(0), x.get(1));
  }

  @Override
  public <T extends RealFieldElement<T>> T partial(int i, List<T> x) {
    return partial(i, x.get(0), x.get(1));
  }
}
