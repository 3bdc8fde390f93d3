package org.lanegrad.reference.diff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.lanegrad.reference.gate.Binary;
import org.lanegrad.reference.gate.Elementary;
import org.lanegrad.reference.gate.Smooth;
import org.lanegrad.reference.gate.UnaryGate;
import org.lanegrad.reference.graph.Graph;

class PathSumPropertiesTest {
  private static final UnaryGate[] UNARY = {
    Smooth.SIGMOID, Smooth.TANH, Smooth.SOFTPLUS, Elementary.NEGATE, Elementary.COPY
  };
  private static final Binary[] BINARY = {
    Binary.ADD, Binary.SUBTRACT, Binary.MULTIPLY, Binary.MAXIMUM, Binary.MINIMUM
  };

  @Property(tries = 300)
  void thePathsOfAnyGraphAddUpToReverseMode(
      @ForAll @IntRange(min = 3, max = 12) int nodes, @ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Graph graph = new Graph().input("n0").input("n1");
    for (int n = 2; n < nodes; n++) {
      String first = "n" + random.nextInt(n);
      if (random.nextInt(3) == 0) {
        graph.node("n" + n, UNARY[random.nextInt(UNARY.length)], first);
      } else {
        String second = "n" + random.nextInt(n);
        graph.node("n" + n, BINARY[random.nextInt(BINARY.length)], first, second);
      }
    }
    String last = "n" + (nodes - 1);
    graph.feed("n0", random.nextDouble(-2, 2)).feed("n1", random.nextDouble(-2, 2)).forward();
    graph.backward(last);
    for (String input : new String[] {"n0", "n1"}) {
      double reverse = graph.gradient(input)[0];
      PathSum paths = PathSum.of(graph, input, last);
      assertThat(paths.derivative()).isCloseTo(reverse, within(1e-9 * (1 + Math.abs(reverse))));
    }
  }

  @Test
  void onALadderThePathsDoubleWithEachRungAndReverseModeUsesEachEdgeOnce() {
    long paths = 1;
    for (int rungs = 1; rungs <= 12; rungs++) {
      Graph graph = ladder(rungs);
      PathSum sum = PathSum.of(graph, "a0", "a" + rungs);
      paths *= 2;
      assertThat(sum.paths()).isEqualTo(paths);
      assertThat(graph.edgesUsed()).isEqualTo(4L * rungs);
      assertThat(sum.derivative()).isCloseTo(graph.gradient("a0")[0], within(1e-12));
    }
  }

  /** Each rung: a copy and a sigmoid of what came before, added. */
  private static Graph ladder(int rungs) {
    Graph graph = new Graph().input("a0");
    for (int r = 1; r <= rungs; r++) {
      graph.node("left" + r, Elementary.COPY, "a" + (r - 1));
      graph.node("right" + r, Smooth.SIGMOID, "a" + (r - 1));
      graph.node("a" + r, Binary.ADD, "left" + r, "right" + r);
    }
    graph.feed("a0", 0.3).forward();
    graph.backward("a" + rungs);
    return graph;
  }
}
