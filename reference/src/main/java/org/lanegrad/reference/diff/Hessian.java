package org.lanegrad.reference.diff;

import java.util.ArrayList;
import java.util.List;
import org.apache.commons.math3.analysis.differentiation.DerivativeStructure;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.RealMatrix;

/** H_ij = ∂²L / ∂x_i ∂x_j, by numbers that carry two orders of derivatives, a pair at a time. */
public final class Hessian {
  private Hessian() {}

  /** The Hessian at x. */
  public static RealMatrix of(Loss loss, double[] x) {
    RealMatrix hessian = new Array2DRowRealMatrix(x.length, x.length);
    for (int i = 0; i < x.length; i++) {
      for (int j = 0; j < x.length; j++) {
        hessian.setEntry(i, j, second(loss, x, i, j));
      }
    }
    return hessian;
  }

  private static double second(Loss loss, double[] x, int i, int j) {
    List<DerivativeStructure> lifted = new ArrayList<>(x.length);
    for (int k = 0; k < x.length; k++) {
      DerivativeStructure number = new DerivativeStructure(2, 2, x[k]);
      number = k == i ? number.add(new DerivativeStructure(2, 2, 0, 0)) : number;
      lifted.add(k == j ? number.add(new DerivativeStructure(2, 2, 1, 0)) : number);
    }
    return loss.value(lifted).getPartialDerivative(1, 1);
  }
}
