package org.lanegrad.reference.gate;

import java.util.List;
import org.apache.commons.math3.RealFieldElement;

/** z = f(x), with f′: what an activation is. */
public interface UnaryGate extends Gate {
  /** f(x). */
  <T extends RealFieldElement<T>> T value(T x);

  /** f′(x). */
  <T extends RealFieldElement<T>> T derivative(T x);

  @Override
  default int arity() {
    return 1;
  }

  @Override
  default <T extends RealFieldElement<T>> T value(List<T> x) {
    return value(x.get(0));
  }

  @Override
  default <T extends RealFieldElement<T>> T partial(int i, List<T> x) {
    return derivative(x.get(0));
  }
}
