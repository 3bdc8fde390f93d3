package org.lanegrad.reference.diff;

import org.apache.commons.math3.linear.RealMatrix;
import org.lanegrad.reference.op.Op;

/** downstream = Jᵀ · upstream, with the Jacobian formed in full: reverse mode, the slow way. */
public final class Vjp {
  private Vjp() {}

  /** The downstream gradient of one variable, in the variable's own (flattened) shape. */
  public static double[] of(Op op, int variable, double[][] inputs, double[] upstream) {
    int size = op.variables().get(variable).size();
    if (size == 0 || op.outputSize() == 0) {
      return new double[size];
    }
    RealMatrix jacobian = op.jacobian(variable, inputs);
    return jacobian.preMultiply(upstream);
  }
}
