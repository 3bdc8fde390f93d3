package org.lanegrad.reference.graph;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lanegrad.reference.gate.Smooth;
import org.lanegrad.reference.op.DenseLayer;
import org.lanegrad.reference.op.EveryOp;
import org.lanegrad.reference.op.Op;

/** The backward pass has the same big O as the forward pass, counted operation by operation. */
class WorkTest {
  /** W. Baur, V. Strassen, The Complexity of Partial Derivatives, 1983: at most 4 or 5 times. */
  private static final long CHEAP = 5;

  static List<Op> ops() {
    return EveryOp.all();
  }

  private record Passes(Work forward, Work backward) {}

  private static Passes count(Op op) {
    Tape tape = new Tape();
    double[][] x = EveryOp.point(op, new SplittableRandom(1));
    List<List<Recorded>> inputs = new ArrayList<>();
    List<Recorded> all = new ArrayList<>();
    for (double[] input : x) {
      inputs.add(tape.variables(input));
      all.addAll(inputs.get(inputs.size() - 1));
    }
    Recorded sum = tape.getZero();
    for (Recorded y : op.forward(inputs)) {
      sum = sum.add(y);
    }
    Work forward = tape.work();
    tape.gradient(sum, all);
    return new Passes(forward, tape.work().since(forward));
  }

  @ParameterizedTest
  @MethodSource("ops")
  void ofEveryOp(Op op) {
    Passes passes = count(op);
    assertThat(passes.backward().total())
        .as("%s: forward %s, backward %s", op, passes.forward(), passes.backward())
        .isLessThanOrEqualTo(CHEAP * passes.forward().total());
  }

  @Test
  void ofALayerInNumbers() {
    // batch 2, 3 inputs, 4 outputs: 24 products forward, 24 for dX and 24 for dW
    Passes layer = count(new DenseLayer(Smooth.SIGMOID, 2, 3, 4));
    assertThat(layer.forward().multiplications()).isEqualTo(24 + 8);
    assertThat(layer.backward().multiplications()).isBetween(48L, 112L);
  }

  @Test
  void ofANetworkOfAnyDepth() {
    int width = 4;
    Work beforeForward = null;
    Work beforeBackward = null;
    Work growthForward = null;
    Work growthBackward = null;
    for (int depth = 1; depth <= 50; depth++) {
      Tape tape = new Tape();
      SplittableRandom random = new SplittableRandom(depth);
      List<Recorded> h = tape.variables(random.doubles(width, -1, 1).toArray());
      List<Recorded> parameters = new ArrayList<>();
      DenseLayer layer = new DenseLayer(Smooth.SIGMOID, 1, width, width);
      for (int l = 0; l < depth; l++) {
        List<Recorded> w = tape.variables(random.doubles((long) width * width, -1, 1).toArray());
        List<Recorded> b = tape.variables(random.doubles(width, -1, 1).toArray());
        parameters.addAll(w);
        parameters.addAll(b);
        h = layer.forward(List.of(h, w, b));
      }
      Work forward = tape.work();
      tape.gradient(h.get(0), parameters);
      Work backward = tape.work().since(forward);
      assertThat(backward.total()).isLessThanOrEqualTo(CHEAP * forward.total());
      if (depth > 2) {
        Work moreForward = forward.since(beforeForward);
        Work moreBackward = backward.since(beforeBackward);
        assertThat(growthForward == null ? moreForward : growthForward).isEqualTo(moreForward);
        assertThat(growthBackward == null ? moreBackward : growthBackward).isEqualTo(moreBackward);
        growthForward = moreForward;
        growthBackward = moreBackward;
      }
      beforeForward = forward;
      beforeBackward = backward;
    }
  }
}
