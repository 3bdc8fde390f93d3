package org.lanegrad.reference.diff;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.SplittableRandom;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.RealMatrix;
import org.junit.jupiter.api.Test;

class JacobianChainTest {
  private static RealMatrix random(int rows, int columns, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    RealMatrix matrix = new Array2DRowRealMatrix(rows, columns);
    for (int i = 0; i < rows; i++) {
      matrix.setRow(i, random.doubles(columns, -1, 1).toArray());
    }
    return matrix;
  }

  @Test
  void aLossIsCheaperFromTheOutput() {
    // x of 20, hidden 30 and 10, a loss of 1
    List<RealMatrix> chain = List.of(random(30, 20, 1), random(10, 30, 2), random(1, 10, 3));
    JacobianChain.Product forward = JacobianChain.fromTheInput(chain);
    JacobianChain.Product reverse = JacobianChain.fromTheOutput(chain);
    assertThat(forward.jacobian().subtract(reverse.jacobian()).getNorm()).isLessThan(1e-13);
    assertThat(forward.multiplications()).isEqualTo(10 * 30 * 20 + 1 * 10 * 20);
    assertThat(reverse.multiplications()).isEqualTo(1 * 10 * 30 + 1 * 30 * 20);
  }

  @Test
  void oneInputIsCheaperFromTheInput() {
    List<RealMatrix> chain = List.of(random(30, 1, 1), random(10, 30, 2), random(20, 10, 3));
    assertThat(JacobianChain.fromTheInput(chain).multiplications())
        .isLessThan(JacobianChain.fromTheOutput(chain).multiplications());
  }

  @Test
  void aChainOfOneIsItself() {
    RealMatrix alone = random(2, 3, 1);
    assertThat(JacobianChain.fromTheInput(List.of(alone)))
        .isEqualTo(new JacobianChain.Product(alone, 0))
        .isEqualTo(JacobianChain.fromTheOutput(List.of(alone)));
  }
}
