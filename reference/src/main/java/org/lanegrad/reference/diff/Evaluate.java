package org.lanegrad.reference.diff;

import java.util.ArrayList;
import java.util.List;
import org.apache.commons.math3.util.Decimal64;
import org.lanegrad.reference.op.Op;

/** y = f(x) in double. */
public final class Evaluate {
  private Evaluate() {}

  /** The op's output at the given inputs, one array for each variable. */
  public static double[] of(Op op, double[][] inputs) {
    if (op.outputSize() == 0) {
      return new double[0];
    }
    List<List<Decimal64>> lifted = new ArrayList<>();
    for (double[] input : inputs) {
      List<Decimal64> elements = new ArrayList<>(input.length);
      for (double x : input) {
        elements.add(new Decimal64(x));
      }
      lifted.add(elements);
    }
    return op.forward(lifted).stream().mapToDouble(Decimal64::getReal).toArray();
  }
}
