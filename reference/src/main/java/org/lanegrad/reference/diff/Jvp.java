package org.lanegrad.reference.diff;

import java.util.ArrayList;
import java.util.List;
import org.apache.commons.math3.analysis.differentiation.DerivativeStructure;
import org.lanegrad.reference.op.Op;

/**
 * J · v by forward mode: the op's own formula over dual numbers x + ε·v, ε² = 0. It shares no
 * derivative formula with the op's Jacobian.
 */
public final class Jvp {
  private Jvp() {}

  /**
   * The derivative of the output along {@code direction}, which has one array for each variable.
   */
  public static double[] of(Op op, double[][] inputs, double[][] direction) {
    if (op.outputSize() == 0) {
      return new double[0];
    }
    List<List<DerivativeStructure>> lifted = new ArrayList<>();
    for (int v = 0; v < inputs.length; v++) {
      List<DerivativeStructure> elements = new ArrayList<>(inputs[v].length);
      for (int i = 0; i < inputs[v].length; i++) {
        elements.add(new DerivativeStructure(1, 1, inputs[v][i], direction[v][i]));
      }
      lifted.add(elements);
    }
    return op.forward(lifted).stream().mapToDouble(d -> d.getPartialDerivative(1)).toArray();
  }
}
