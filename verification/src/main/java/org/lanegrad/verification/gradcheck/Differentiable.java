package org.lanegrad.verification.gradcheck;

import org.lanegrad.reference.diff.Function;

/** A function of several variables with a gradient to be checked. */
public interface Differentiable extends Function {
  /** The downstream gradient of each variable; null for one that has none. */
  double[][] backward(double[][] inputs, double[] upstream);
}
