package org.lanegrad.bench.work;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.lanegrad.verification.catalog.DifferentiableProblem;
import org.lanegrad.verification.catalog.OpCatalog;
import org.lanegrad.verification.catalog.OpSpec;
import org.lanegrad.verification.catalog.Problem;
import org.lanegrad.verification.catalog.Shape;
import org.lanegrad.verification.catalog.Slice;
import org.lanegrad.verification.catalog.WithBackward;

@Isolated // it counts, for the whole JVM
class WorkCountTest {
  /** Backward passes that do too much, and a right one; loaded with counters in them. */
  public static final class Wrong extends CatalogWorkload {
    /** Makes them. */
    public Wrong() {
      super(
          List.of(
              OpCatalog.named("tanh"),
              wrong("tanh", "tanh by its Jacobian", Wrong::byJacobian),
              wrong("gemm NN", "a product, three times over", Wrong::thrice)));
    }

    private static OpSpec wrong(String right, String name, WithBackward.Backward backward) {
      OpSpec spec = OpCatalog.named(right);
      Function<Shape, Problem> problem =
          shape -> new WithBackward((DifferentiableProblem) spec.at(shape), backward);
      return spec.with(name, problem);
    }

    /** A Jacobian of the usual sizes would fill the memory. */
    @Override
    protected List<Shape> shapes(String op) {
      return op.contains("Jacobian")
          ? List.of(Shape.of(1 << 10), Shape.of(1 << 11), Shape.of(1 << 12))
          : super.shapes(op);
    }

    private static void byJacobian(
        DifferentiableProblem right, Slice[] in, Slice out, Slice upstream, Slice[] gradients) {
      int n = out.length();
      float[][] jacobian = new float[n][n];
      for (int i = 0; i < n; i++) {
        float y = out.array()[out.offset() + i];
        jacobian[i][i] = 1 - y * y;
      }
      for (int i = 0; i < n; i++) {
        float sum = 0;
        for (int j = 0; j < n; j++) {
          sum += jacobian[j][i] * upstream.array()[upstream.offset() + j];
        }
        gradients[0].array()[gradients[0].offset() + i] = sum;
      }
    }

    private static void thrice(
        DifferentiableProblem right, Slice[] in, Slice out, Slice upstream, Slice[] gradients) {
      for (int i = 0; i < 3; i++) {
        right.backward(in, out, upstream, gradients);
      }
    }
  }

  private static WorkCount named(List<WorkCount> counts, String name) {
    return counts.stream().filter(count -> count.op().equals(name)).findFirst().orElseThrow();
  }

  @Test
  void aJacobianAndThreefoldWorkAreCaughtByName() {
    List<WorkCount> counts = WorkCount.all(Wrong.class);
    WorkCount right = named(counts, "tanh");
    assertThat(right.passes()).as("%s", right).isTrue();
    assertThat(right.backwardExponent()).isBetween(0.98, 1.02);
    WorkCount jacobian = named(counts, "tanh by its Jacobian");
    assertThat(jacobian.passes()).isFalse();
    assertThat(jacobian.backwardExponent()).isGreaterThan(1.9);
    assertThat(jacobian.toString())
        .contains("FAIL, the backward pass of tanh by its Jacobian is not O(forward)");
    WorkCount thrice = named(counts, "a product, three times over");
    assertThat(thrice.passes()).isFalse();
    assertThat(thrice.ratio()).isGreaterThan(5);
  }

  @Test
  void countsAreExactlyTheSameAgain() {
    WorkCount first = named(WorkCount.all(Wrong.class), "tanh");
    WorkCount second = named(WorkCount.all(Wrong.class), "tanh");
    assertThat(second.forward()).isEqualTo(first.forward());
    assertThat(second.backward()).isEqualTo(first.backward());
  }
}
