package org.lanegrad.verification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.lanegrad.graph.Ops.add;
import static org.lanegrad.graph.Ops.divide;
import static org.lanegrad.graph.Ops.dot;
import static org.lanegrad.graph.Ops.multiply;
import static org.lanegrad.graph.Ops.negate;
import static org.lanegrad.graph.Ops.square;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.lanegrad.Matrix;
import org.lanegrad.graph.Gradient;
import org.lanegrad.graph.Graph;
import org.lanegrad.graph.Node;
import org.lanegrad.graph.Op;
import org.lanegrad.graph.Operands;
import org.lanegrad.graph.Scratch;
import org.lanegrad.graph.Session;
import org.lanegrad.graph.Shape;

/** An op that somebody adds outside of the library: one class, two inputs and two outputs. */
class AddedOpTest {
  /** (r, θ) of (x, y), polar coordinates: dx = dr·x/r − dθ·y/r², dy = dr·y/r + dθ·x/r². */
  private record Polar() implements Op {
    @Override
    public String name() {
      return "polar";
    }

    @Override
    public List<Shape> shapes(List<Shape> inputs) {
      if (inputs.size() != 2 || !inputs.get(0).equals(inputs.get(1))) {
        throw new IllegalArgumentException(
            "the inputs are " + inputs + ", expected two of a shape");
      }
      return inputs;
    }

    @Override
    public void run(Operands in, Operands out, Scratch scratch) {
      Matrix x = in.matrix(0);
      Matrix y = in.matrix(1);
      Matrix r = out.matrix(0);
      Matrix angle = out.matrix(1);
      for (int i = 0; i < x.rows() * x.columns(); i++) {
        double a = x.array()[x.offset() + i];
        double b = y.array()[y.offset() + i];
        r.array()[r.offset() + i] = (float) Math.hypot(a, b);
        if (angle != null) {
          angle.array()[angle.offset() + i] = (float) Math.atan2(b, a);
        }
      }
    }

    @Override
    public void gradient(Gradient g) {
      Node x = g.input(0);
      Node y = g.input(1);
      Node r = g.output(0);
      if (g.upstream(0) != null) {
        g.add(0, () -> divide(multiply(g.upstream(0), x), r));
        g.add(1, () -> divide(multiply(g.upstream(0), y), r));
      }
      if (g.upstream(1) != null) {
        Node turn = divide(g.upstream(1), square(r));
        g.add(0, () -> negate(multiply(turn, y)));
        g.add(1, () -> multiply(turn, x));
      }
    }
  }

  @Test
  void runsInAGraphWithItsGradientAndItsGradientsGradient() {
    Graph graph = new Graph();
    Node x = graph.input("x", 2);
    Node y = graph.input("y", 2);
    Node r = graph.apply(new Polar(), x, y);
    Node angle = r.output(1);
    Node f = add(dot(r, r), dot(angle, x));
    List<Node> gradient = graph.gradient(f, x, y);
    Node second = graph.gradient(dot(gradient.get(0), gradient.get(0)), y).get(0);
    Session session = graph.session(f, List.of(gradient.get(0), gradient.get(1), second));
    float[] xs = {1f, -2f, 0.5f, 3f};
    float[] ys = {0.5f, 1f, -1.5f, 2f};
    session.feed(x, xs).feed(y, ys).run();
    float[] dx = session.value(gradient.get(0)).array();
    int offset = session.value(gradient.get(0)).offset();
    for (int i = 0; i < 4; i++) {
      double r2 = xs[i] * xs[i] + ys[i] * ys[i];
      double expected = 2 * xs[i] + Math.atan2(ys[i], xs[i]) - xs[i] * ys[i] / r2;
      assertThat((double) dx[offset + i]).isCloseTo(expected, within(1e-5));
      // d/dy of dx²: 2·dx·(x/r² − x/r² + 2xy²/r⁴)
      double cross = 2 * expected * 2 * xs[i] * ys[i] * ys[i] / (r2 * r2);
      assertThat((double) session.value(second).get(i / 2, i % 2)).isCloseTo(cross, within(1e-4));
    }
  }

  @Test
  void anOutputThatNobodyReadsIsNotAskedFor() {
    Graph graph = new Graph();
    Node x = graph.input("x", 1);
    Node y = graph.input("y", 1);
    Node r = graph.apply(new Polar(), x, y);
    Session session = graph.session(r).feed(x, 3, 5).feed(y, 4, 12).run();
    assertThat(session.value(r).get(0, 0)).isEqualTo(5);
    assertThat(session.value(r).get(1, 0)).isEqualTo(13);
  }
}
