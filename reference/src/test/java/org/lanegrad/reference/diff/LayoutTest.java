package org.lanegrad.reference.diff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.apache.commons.math3.linear.RealMatrix;
import org.junit.jupiter.api.Test;
import org.lanegrad.reference.op.MatMul;
import org.lanegrad.reference.op.Sum;
import org.lanegrad.reference.op.Variable;

class LayoutTest {
  /** Y = X·W, X 2 × 3, W 3 × 2. */
  private final MatMul product = new MatMul(1, false, false, 0, 2, 3, 2);

  private final double[][] values = {{1, 2, 3, 4, 5, 6}, {10, 20, 30, 40, 50, 60}, {0, 0, 0, 0}};

  @Test
  void theSliceOfAProductCopiesARowOfW() {
    RealMatrix rank4 = product.jacobian(0, values);
    Variable x = product.variables().get(0);
    assertThat(Layout.slice(rank4, product.output(), x, 1, 2).getData())
        .isDeepEqualTo(new double[][] {{0, 0}, {50, 60}});
    assertThat(Layout.slice(rank4, product.output(), x, 0, 0).getData())
        .isDeepEqualTo(new double[][] {{10, 20}, {0, 0}});
  }

  @Test
  void bothFormsHoldTheSameNumbers() {
    RealMatrix ofSum = new Sum(1, 2, 2).jacobian(0, new double[][] {{0, 0, 0, 0}});
    RealMatrix jacobian = ofSum.multiply(product.jacobian(0, values));
    Variable x = product.variables().get(0);
    RealMatrix shaped = Layout.shapeConvention(jacobian, x);
    // ∂ΣY/∂x_ij is the sum of row j of W
    assertThat(shaped.getData()).isDeepEqualTo(new double[][] {{30, 70, 110}, {30, 70, 110}});
    assertThat(Layout.jacobianForm(shaped)).isEqualTo(jacobian);
  }

  @Test
  void onlyANumberHasAGradientInShape() {
    RealMatrix rank4 = product.jacobian(0, values);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Layout.shapeConvention(rank4, product.variables().get(0)))
        .withMessage("the Jacobian is 4 × 6, expected 1 × 6 for a, 2 × 3");
  }
}
