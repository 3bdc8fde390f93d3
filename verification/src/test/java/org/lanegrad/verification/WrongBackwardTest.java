package org.lanegrad.verification;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.lanegrad.verification.CheckResult.Witness;
import org.lanegrad.verification.catalog.DifferentiableProblem;
import org.lanegrad.verification.catalog.OpCatalog;
import org.lanegrad.verification.catalog.OpSpec;
import org.lanegrad.verification.catalog.Problem;
import org.lanegrad.verification.catalog.Shape;
import org.lanegrad.verification.catalog.Slice;
import org.lanegrad.verification.catalog.WithBackward;

/**
 * Negative controls: each classic mistake in a backward pass is made on purpose, and must be caught
 * by both witnesses of the kernel and named. Without them, a check that never fails would look
 * fine.
 */
class WrongBackwardTest {
  /** Changes what a correct backward pass has just computed, or what it must leave alone. */
  private interface Mistake {
    void make(Slice[] inputs, Slice output, Slice upstream, Slice[] gradients);
  }

  @Test
  void aLostFactorIsCaught() {
    // dy·y instead of dy·y·(1 − y)
    isCaught(
        "sigmoid",
        "dx",
        (in, y, dy, d) -> each(d[0], i -> at(dy, i) * at(y, i)),
        Witness.BACKWARD,
        Witness.DIFFERENCES);
  }

  @Test
  void aTransposedWeightGradientIsCaught() {
    isCaught(
        "dense",
        "dw",
        (in, y, dy, d) -> {
          int outputs = d[2].length();
          int inputs = d[1].length() / outputs;
          double[] right = d[1].values();
          each(d[1], i -> (float) right[i / inputs + i % inputs * outputs]);
        },
        Witness.BACKWARD,
        Witness.DIFFERENCES);
  }

  @Test
  void aWrongSignIsCaught() {
    isCaught(
        "tanh",
        "dx",
        (in, y, dy, d) -> each(d[0], i -> -at(d[0], i)),
        Witness.BACKWARD,
        Witness.DIFFERENCES);
  }

  @Test
  void aDroppedTailElementIsCaught() {
    // the last element is left as it was: a NaN canary
    isCaught(
        "relu",
        "dx",
        (in, y, dy, d) -> d[0].array()[d[0].offset() + d[0].length() - 1] = Float.NaN,
        Witness.BACKWARD);
  }

  @Test
  void aTailElementOfZeroIsCaught() {
    isCaught(
        "gemm NN",
        "db",
        (in, y, dy, d) -> d[1].array()[d[1].offset() + d[1].length() - 1] = 0f,
        Witness.BACKWARD);
  }

  @Test
  void anUnmaskedReluIsCaught() {
    isCaught(
        "relu",
        "dx",
        (in, y, dy, d) -> each(d[0], i -> at(dy, i)),
        Witness.BACKWARD,
        Witness.DIFFERENCES);
  }

  @Test
  void anAveragedBiasGradientIsCaught() {
    isCaught(
        "dense + sigmoid",
        "db",
        (in, y, dy, d) -> {
          int batch = dy.length() / d[2].length();
          each(d[2], i -> at(d[2], i) / batch);
        },
        Witness.BACKWARD,
        Witness.DIFFERENCES);
  }

  @Test
  void aForgottenTermOfTheSoftmaxGradientIsCaught() {
    // p instead of p − y
    isCaught(
        "softmax cross-entropy",
        "dlogits",
        (in, y, dy, d) -> each(d[0], i -> Math.abs(at(d[0], i))),
        Witness.BACKWARD,
        Witness.DIFFERENCES);
  }

  @Test
  void anOverwrittenInputIsCaught() {
    isCaught(
        "sigmoid",
        "the input x was written to",
        (in, y, dy, d) -> in[0].array()[in[0].offset()] = 0.25f,
        Witness.BACKWARD);
  }

  @Test
  void aWriteOutsideTheRangeIsCaught() {
    isCaught(
        "tanh",
        "outside a gradient's range",
        (in, y, dy, d) -> d[0].array()[d[0].offset() + d[0].length()] = 0f,
        Witness.BACKWARD);
  }

  private static void isCaught(String op, String named, Mistake mistake, Witness... witnesses) {
    OpSpec right = OpCatalog.named(op);
    Function<Shape, Problem> wrong =
        shape ->
            new WithBackward(
                (DifferentiableProblem) right.at(shape),
                (problem, inputs, output, upstream, gradients) -> {
                  problem.backward(inputs, output, upstream, gradients);
                  mistake.make(inputs, output, upstream, gradients);
                });
    OpSpec spec = right.with(op + " (wrong)", wrong);
    List<CheckResult> results = new OpVerifier(spec, 7).verify();
    for (Witness witness : witnesses) {
      CheckResult result =
          results.stream().filter(r -> r.witness() == witness).findFirst().orElseThrow();
      assertThat(result.passes()).as("%s of %s", witness, op).isFalse();
      assertThat(result.mismatches().toString())
          .contains(op + " (wrong)")
          .contains(named)
          .contains("seed 7")
          .contains("-Dlanegrad.op=");
    }
    assertThat(results.get(0).passes()).as("the forward pass is right").isTrue();
  }

  private static float at(Slice slice, int i) {
    return slice.array()[slice.offset() + i];
  }

  private interface Element {
    float at(int i);
  }

  private static void each(Slice slice, Element element) {
    for (int i = 0; i < slice.length(); i++) {
      slice.array()[slice.offset() + i] = element.at(i);
    }
  }
}
