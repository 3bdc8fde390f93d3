package org.lanegrad.reference.diff;

/** A function of several variables. */
@FunctionalInterface
public interface Function {
  /** The output at the given inputs, one array for each variable. */
  double[] forward(double[][] inputs);
}
