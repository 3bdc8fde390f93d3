package org.lanegrad.reference.gate;

import java.util.ArrayList;
import java.util.List;
import org.apache.commons.math3.RealFieldElement;
import org.apache.commons.math3.util.Decimal64;

/** z = f(x₀, x₁, …) of numbers, with its local gradient ∂z/∂xᵢ. */
public interface Gate {
  /** The number of inputs. */
  int arity();

  /** f(x). */
  <T extends RealFieldElement<T>> T value(List<T> x);

  /**
   * ∂f/∂xᵢ at x. Where f has no derivative, one from the subgradient, by a rule that the gate
   * states.
   */
  <T extends RealFieldElement<T>> T partial(int i, List<T> x);

  /** Points at which f has no derivative, for the tests to look at. */
  default double[][] kinks() {
    return new double[0][];
  }

  /** f(x) in double. */
  default double at(double... x) {
    return value(lift(x)).getReal();
  }

  /** ∂f/∂xᵢ at x in double. */
  default double slopeAt(int i, double... x) {
    return partial(i, lift(x)).getReal();
  }

  private static List<Decimal64> lift(double[] x) {
    List<Decimal64> lifted = new ArrayList<>(x.length);
    for (double value : x) {
      lifted.add(new Decimal64(value));
    }
    return lifted;
  }
}
