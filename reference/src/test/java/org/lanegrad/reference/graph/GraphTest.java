package org.lanegrad.reference.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.apache.commons.math3.RealFieldElement;
import org.junit.jupiter.api.Test;
import org.lanegrad.reference.gate.Binary;
import org.lanegrad.reference.gate.Elementary;
import org.lanegrad.reference.gate.PiecewiseLinear;
import org.lanegrad.reference.gate.Power;
import org.lanegrad.reference.gate.Smooth;
import org.lanegrad.reference.gate.UnaryGate;
import org.lanegrad.reference.op.BiasAdd;
import org.lanegrad.reference.op.DenseLayer;
import org.lanegrad.reference.op.Sum;

/** The lectures' graphs, with their numbers. */
class GraphTest {
  private static Graph sumTimes() {
    Graph graph = new Graph().input("x").input("y").input("z");
    graph.node("q", Binary.ADD, "x", "y");
    return graph.node("f", Binary.MULTIPLY, "q", "z");
  }

  @Test
  void aSumTimesANumber() {
    Graph graph = sumTimes().feed("x", -2).feed("y", 5).feed("z", -4);
    graph.forward();
    graph.backward("f");
    assertThat(graph.number("f")).isEqualTo(-12);
    assertThat(graph.gradient("x")).containsExactly(-4);
    assertThat(graph.gradient("y")).containsExactly(-4);
    assertThat(graph.gradient("z")).containsExactly(3);
    assertThat(graph.gradient("q")).containsExactly(-4);
  }

  @Test
  void aSumTimesAMaximumWhereYFansOut() {
    Graph graph = new Graph().input("x").input("y").input("z");
    graph.node("sum", Binary.ADD, "x", "y");
    graph.node("max", Binary.MAXIMUM, "y", "z");
    graph.node("f", Binary.MULTIPLY, "sum", "max");
    graph.feed("x", 1).feed("y", 2).feed("z", 0).forward();
    graph.backward("f");
    assertThat(graph.number("f")).isEqualTo(6);
    assertThat(graph.gradient("x")).containsExactly(2);
    assertThat(graph.gradient("y")).containsExactly(5);
    assertThat(graph.gradient("z")).containsExactly(0);
  }

  @Test
  void theSigmoidNeuronGateByGate() {
    Graph graph = new Graph();
    for (String input : List.of("w0", "x0", "w1", "x1", "w2")) {
      graph.input(input);
    }
    graph.node("p0", Binary.MULTIPLY, "w0", "x0").node("p1", Binary.MULTIPLY, "w1", "x1");
    graph.node("s", Binary.ADD, "p0", "p1").node("z", Binary.ADD, "s", "w2");
    graph.constant("one", 1).node("m", Elementary.NEGATE, "z").node("e", Elementary.EXP, "m");
    graph.node("d", Binary.ADD, "e", "one").node("f", Elementary.RECIPROCAL, "d");
    graph.feed("w0", 2).feed("x0", -1).feed("w1", -3).feed("x1", -2).feed("w2", -3).forward();
    graph.backward("f");
    assertThat(graph.number("f")).isEqualTo(0.73, within(0.005));
    assertThat(graph.gradient("w0")[0]).isEqualTo(-0.20, within(0.005));
    assertThat(graph.gradient("w1")[0]).isEqualTo(-0.39, within(0.005));
    assertThat(graph.gradient("w2")[0]).isEqualTo(0.20, within(0.005));
    assertThat(graph.gradient("x0")[0]).isEqualTo(0.39, within(0.005));
    assertThat(graph.gradient("x1")[0]).isEqualTo(-0.59, within(0.005));
  }

  @Test
  void threeTimesASquareHasASlopeOfSixX() {
    Graph graph = new Graph().input("x").constant("three", 3);
    graph.node("y", new Power(2), "x").node("z", Binary.MULTIPLY, "three", "y");
    graph.feed("x", 7).forward();
    graph.backward("z");
    assertThat(graph.gradient("x")).containsExactly(42);
  }

  @Test
  void aCopyHandsOnTheSumOfItsReadersGradients() {
    Graph graph = new Graph().input("x").node("c", Elementary.COPY, "x");
    graph.node("square", Binary.MULTIPLY, "c", "c").node("f", Binary.ADD, "square", "c");
    graph.feed("x", 5).forward();
    graph.backward("f");
    assertThat(graph.gradient("x")).containsExactly(11); // 2x + 1
  }

  @Test
  void nodesMayBeNamedBeforeTheirInputs() {
    Graph graph = new Graph().node("f", Binary.MULTIPLY, "q", "z").node("q", Elementary.EXP, "z");
    graph.input("z").feed("z", 0).forward();
    graph.backward("f");
    assertThat(graph.gradient("z")).containsExactly(1); // e^z + z·e^z
  }

  @Test
  void aMatrixFlowsLikeANumber() {
    Graph graph = new Graph().input("x", 2, 2).input("w", 2, 1).input("b");
    graph.node("y", new DenseLayer(PiecewiseLinear.identity(), 2, 2, 1), "x", "w", "b");
    graph.node("h", Smooth.TANH, "y").node("sum", new Sum(1, 2, 1), "h");
    graph.feed("x", 1, 2, 3, 4).feed("w", 0.1, -0.2).feed("b", 0.3).forward();
    graph.backward("sum");
    assertThat(graph.number("sum")).isEqualTo(Math.tanh(0) + Math.tanh(-0.2), within(1e-15));
    double slope = 1 - Math.tanh(0.2) * Math.tanh(0.2);
    assertThat(graph.gradient("w"))
        .containsExactly(new double[] {1 + 3 * slope, 2 + 4 * slope}, within(1e-15));
    assertThat(graph.gradient("b")).containsExactly(new double[] {1 + slope}, within(1e-15));
  }

  @Test
  void anUpstreamGradientMayBeGiven() {
    Graph graph = new Graph().input("x", 1, 2).input("b", 1, 2);
    graph.node("y", new BiasAdd(1, 2), "x", "b").feed("x", 1, 2).feed("b", 3, 4).forward();
    graph.backward("y", 10, 20);
    assertThat(graph.gradient("b")).containsExactly(10, 20);
  }

  @Test
  void eachValueIsComputedOnceHoweverManyReadersItHas() {
    int[] calls = {0};
    UnaryGate counting =
        new UnaryGate() {
          @Override
          public <T extends RealFieldElement<T>> T value(T x) {
            calls[0]++;
            return x;
          }

          @Override
          public <T extends RealFieldElement<T>> T derivative(T x) {
            return x.getField().getOne();
          }
        };
    Graph graph = new Graph().input("x").node("c", counting, "x");
    for (int i = 0; i < 20; i++) {
      graph.node("r" + i, Binary.ADD, "c", i == 0 ? "c" : "r" + (i - 1));
    }
    graph.feed("x", 1).forward();
    assertThat(calls[0]).isEqualTo(1);
    assertThat(graph.number("r19")).isEqualTo(21);
  }

  @Test
  void aChainOfManyNodesNeedsNoStack() {
    Graph graph = new Graph().input("n0");
    int length = 50_000;
    for (int i = 1; i <= length; i++) {
      graph.node("n" + i, Elementary.NEGATE, "n" + (i - 1));
    }
    graph.feed("n0", 3).forward();
    graph.backward("n" + length);
    assertThat(graph.number("n" + length)).isEqualTo(3);
    assertThat(graph.gradient("n0")).containsExactly(1);
  }

  @Test
  void aCycleIsNamed() {
    Graph graph =
        new Graph().input("x").node("a", Binary.ADD, "x", "b").node("b", Elementary.EXP, "a");
    assertThatIllegalStateException()
        .isThrownBy(graph::forward)
        .withMessage("the graph has a cycle among or before [a, b]");
  }

  @Test
  void anInputWithoutAValueIsNamed() {
    Graph graph = sumTimes().feed("y", 5).feed("z", 1);
    assertThatIllegalStateException()
        .isThrownBy(graph::forward)
        .withMessage("a value must be fed for x");
  }

  @Test
  void anInputThatDoesNotExistIsNamed() {
    Graph graph = new Graph().node("f", Elementary.EXP, "nowhere");
    assertThatIllegalStateException()
        .isThrownBy(graph::forward)
        .withMessage("node f reads nowhere, but there is no node of that name");
  }

  @Test
  void shapesMustFit() {
    Graph graph = new Graph().input("x", 1, 3).input("y", 1, 2).node("f", Binary.ADD, "x", "y");
    graph.feed("x", 1, 2, 3).feed("y", 1, 2);
    assertThatIllegalArgumentException()
        .isThrownBy(graph::forward)
        .withMessage("node f: input 1 must be 1 × 3, given y, 1 × 2");
  }

  @Test
  void mistakesOfUseAreToldApart() {
    Graph graph = sumTimes();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> graph.feed("x", 1, 2))
        .withMessage("2 values are fed for x, expected x, 1 × 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> graph.feed("q", 1))
        .withMessage("q is computed, only an input can be fed");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> graph.feed("v", 1))
        .withMessage("no node v, expected one of [x, y, z, q, f]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> graph.input("x"))
        .withMessage("there is a node x already");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> graph.node("g", Binary.ADD, "x"))
        .withMessage("node g: ADD takes 2 inputs, given [x]");
    assertThatIllegalStateException()
        .isThrownBy(() -> graph.backward("f"))
        .withMessage("f has no value yet: forward() comes first");
    graph.feed("x", 1).feed("y", 1).feed("z", 1).forward();
    assertThatIllegalStateException()
        .isThrownBy(() -> graph.gradient("x"))
        .withMessage("x has no value yet: backward() comes first");
    assertThatIllegalArgumentException().isThrownBy(() -> graph.backward("f", 1, 2));
  }

  @Test
  void onlyANumberCanGoBackwardWithoutAnUpstreamGradient() {
    Graph graph = new Graph().input("x", 1, 2).node("y", Elementary.EXP, "x");
    graph.feed("x", 1, 2).forward();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> graph.backward("y"))
        .withMessage("y is y, 1 × 2, not a number: an upstream gradient is needed");
  }
}
