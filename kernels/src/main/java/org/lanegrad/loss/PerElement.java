package org.lanegrad.loss;

import org.lanegrad.Matrix;
import org.lanegrad.check.Check;
import org.lanegrad.check.MatrixChecks;

/** What the losses that are sums over elements ask of their matrices. */
final class PerElement {
  private PerElement() {}

  /** Throws unless all have one shape, and the gradient is the input itself or apart from both. */
  static void check(String name, Matrix x, Matrix targets, Matrix gradient) {
    MatrixChecks.storedLike("targets", targets, name, x);
    if (gradient != null) {
      MatrixChecks.storedLike("gradient", gradient, name, x);
      MatrixChecks.sameOrSeparate("gradient", gradient, name, x);
      Check.separate("gradient", "targets", gradient.overlaps(targets));
    }
  }

  /** Whether the elements of each stand side by side. */
  static boolean isWhole(Matrix x, Matrix targets, Matrix gradient) {
    return x.isContiguous()
        && targets.isContiguous()
        && (gradient == null || gradient.isContiguous());
  }
}
