package org.lanegrad.reference.diff;

import java.util.List;
import org.apache.commons.math3.linear.RealMatrix;

/**
 * J = J_n ··· J_2·J_1, the Jacobian of f_n(… f_2(f_1(x))), multiplied from either end. The product
 * is the same, the work is not: from the input's end each step costs as many columns as x has
 * elements, from the output's end as many rows as the result has, one for a loss.
 */
public final class JacobianChain {
  private JacobianChain() {}

  /**
   * A product and what it took.
   *
   * @param jacobian J
   * @param multiplications of numbers
   */
  public record Product(RealMatrix jacobian, long multiplications) {}

  /** Forward mode: J_n·(… (J_3·(J_2·J_1))). The list starts with J_1. */
  public static Product fromTheInput(List<RealMatrix> jacobians) {
    RealMatrix product = jacobians.get(0);
    long multiplications = 0;
    for (RealMatrix next : jacobians.subList(1, jacobians.size())) {
      multiplications += cost(next, product);
      product = next.multiply(product);
    }
    return new Product(product, multiplications);
  }

  /** Reverse mode: ((J_n·J_{n−1})·…)·J_1. The list starts with J_1. */
  public static Product fromTheOutput(List<RealMatrix> jacobians) {
    RealMatrix product = jacobians.get(jacobians.size() - 1);
    long multiplications = 0;
    for (int i = jacobians.size() - 2; i >= 0; i--) {
      multiplications += cost(product, jacobians.get(i));
      product = product.multiply(jacobians.get(i));
    }
    return new Product(product, multiplications);
  }

  private static long cost(RealMatrix left, RealMatrix right) {
    return (long) left.getRowDimension() * left.getColumnDimension() * right.getColumnDimension();
  }
}
