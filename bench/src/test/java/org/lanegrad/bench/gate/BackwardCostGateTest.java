package org.lanegrad.bench.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.lanegrad.Lanegrad;
import org.lanegrad.verification.catalog.DifferentiableProblem;
import org.lanegrad.verification.catalog.OpCatalog;
import org.lanegrad.verification.catalog.OpSpec;
import org.lanegrad.verification.catalog.Problem;
import org.lanegrad.verification.catalog.Shape;
import org.lanegrad.verification.catalog.Slice;
import org.lanegrad.verification.catalog.WithBackward;

/**
 * The gate holds for every op of the catalog, and falls for a backward pass that is no O(forward).
 */
class BackwardCostGateTest {
  private static final int QUICK = 15;

  @Test
  void everyOpsBackwardPassIsOfTheOrderOfItsForwardPass() {
    Lanegrad.warmUp();
    List<GateResult> failed = new ArrayList<>();
    int measured = 0;
    for (OpSpec spec : OpCatalog.all()) {
      if (spec.isDifferentiable()) {
        GateResult result = new BackwardCostGate(QUICK).measure(spec);
        System.out.println(result);
        measured++;
        if (!result.passes()) {
          failed.add(result);
        }
      }
    }
    assertThat(measured).isGreaterThanOrEqualTo(13);
    assertThat(failed).isEmpty();
  }

  @Test
  void aBackwardPassThatFormsTheJacobianIsCaughtAndNamed() {
    OpSpec right = OpCatalog.named("tanh");
    OpSpec wrong =
        new OpSpec(
            "tanh by its Jacobian",
            right.kernels(),
            with(right, BackwardCostGateTest::byJacobian),
            right.domain(),
            right.shapes(),
            right.gradientShapes(),
            List.of(Shape.of(512), Shape.of(1024), Shape.of(2048)),
            right.cost());
    GateResult result = new BackwardCostGate(7).measure(wrong);
    assertThat(result.passes()).isFalse();
    assertThat(result.slope().low()).isGreaterThan(0.5);
    assertThat(result.toString())
        .contains("FAIL, the backward pass of tanh by its Jacobian is not O(forward)");
  }

  @Test
  void aBackwardPassThatDoesItsWorkThriceIsCaughtByTheRatio() {
    OpSpec right = OpCatalog.named("gemm NN");
    OpSpec wrong = right.with("gemm, three times over", with(right, BackwardCostGateTest::thrice));
    GateResult result = new BackwardCostGate(7).measure(wrong);
    assertThat(result.passes()).as("%s", result).isFalse();
    assertThat(result.ratioPasses()).isFalse();
  }

  @Test
  void tooFewRoundsAreRefused() {
    assertThatThrownBy(() -> new BackwardCostGate(1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("rounds is 1, expected 5 or more");
  }

  private static Function<Shape, Problem> with(OpSpec spec, WithBackward.Backward backward) {
    return shape -> new WithBackward((DifferentiableProblem) spec.at(shape), backward);
  }

  /** Forms the n × n Jacobian of a saved sigmoid and multiplies by it. */
  private static void byJacobian(
      DifferentiableProblem right,
      Slice[] inputs,
      Slice output,
      Slice upstream,
      Slice[] gradients) {
    int n = output.length();
    float[][] jacobian = new float[n][n];
    for (int i = 0; i < n; i++) {
      float y = output.array()[output.offset() + i];
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
      DifferentiableProblem right,
      Slice[] inputs,
      Slice output,
      Slice upstream,
      Slice[] gradients) {
    for (int i = 0; i < 3; i++) {
      right.backward(inputs, output, upstream, gradients);
    }
  }
}
