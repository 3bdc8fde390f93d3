package org.lanegrad.verification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.apache.commons.math3.RealFieldElement;
import org.apache.commons.math3.linear.MatrixUtils;
import org.apache.commons.math3.linear.RealMatrix;
import org.junit.jupiter.api.Test;
import org.lanegrad.Matrix;
import org.lanegrad.graph.Gradient;
import org.lanegrad.graph.Graph;
import org.lanegrad.graph.Node;
import org.lanegrad.graph.Op;
import org.lanegrad.graph.Operands;
import org.lanegrad.graph.Ops;
import org.lanegrad.graph.Scratch;
import org.lanegrad.graph.Session;
import org.lanegrad.reference.op.Variable;
import org.lanegrad.verification.CheckResult.Witness;
import org.lanegrad.verification.catalog.Cost;
import org.lanegrad.verification.catalog.Domain;
import org.lanegrad.verification.catalog.KernelProblem;
import org.lanegrad.verification.catalog.OpSpec;
import org.lanegrad.verification.catalog.Shape;
import org.lanegrad.verification.catalog.Slice;
import org.lanegrad.verification.gradcheck.Kinks;

/**
 * A loss that somebody adds outside of the library, in three places: its kernel (which an op of the
 * graph calls), its reference formula, its row.
 */
class AddedLossTest {
  private static final double U = 0x1p-24;

  /** L = Σ (x⁴ − x)/4; dx = dL·(x³ − 1/4), or with another factor where a test wants it wrong. */
  private static final class DoubleWell {
    static float loss(float[] x, int from, int length) {
      double sum = 0;
      for (int i = from; i < from + length; i++) {
        double v = x[i];
        sum += (v * v * v * v - v) / 4;
      }
      return (float) sum;
    }

    static void gradient(
        float dl, float[] x, int from, float[] dx, int dxFrom, int length, double factor) {
      for (int i = 0; i < length; i++) {
        double v = x[from + i];
        dx[dxFrom + i] = (float) (dl * (factor * v * v * v - 0.25));
      }
    }
  }

  /** The op of the graph. */
  private record DoubleWellOp() implements Op {
    @Override
    public String name() {
      return "double well";
    }

    @Override
    public List<org.lanegrad.graph.Shape> shapes(List<org.lanegrad.graph.Shape> inputs) {
      return List.of(org.lanegrad.graph.Shape.number());
    }

    @Override
    public void run(Operands in, Operands out, Scratch scratch) {
      Matrix x = in.matrix(0);
      out.set(0, DoubleWell.loss(x.array(), x.offset(), x.rows() * x.columns()));
    }

    @Override
    public void gradient(Gradient g) {
      Node x = g.input(0);
      g.add(0, () -> Ops.multiply(g.upstream(), Ops.shift(-0.25f, Ops.multiply(x, Ops.square(x)))));
    }
  }

  /** The reference. */
  private record Exact(int size) implements org.lanegrad.reference.op.Op {
    @Override
    public List<Variable> variables() {
      return List.of(new Variable("x", 1, size));
    }

    @Override
    public Variable output() {
      return new Variable("loss", 1, 1);
    }

    @Override
    public <T extends RealFieldElement<T>> List<T> forward(List<List<T>> inputs) {
      T sum = inputs.get(0).get(0).getField().getZero();
      for (T x : inputs.get(0)) {
        sum = sum.add(x.multiply(x).multiply(x).multiply(x).subtract(x).divide(4));
      }
      return List.of(sum);
    }

    @Override
    public RealMatrix jacobian(int variable, double[][] inputs) {
      double[] row = new double[size];
      for (int i = 0; i < size; i++) {
        double x = inputs[0][i];
        row[i] = x * x * x - 0.25;
      }
      return MatrixUtils.createRowRealMatrix(row);
    }
  }

  /** The row. */
  private static OpSpec row(double factor) {
    List<Shape> shapes = List.of(Shape.of(1), Shape.of(15), Shape.of(33), Shape.of(257));
    return new OpSpec(
        "double well",
        List.of(DoubleWell.class),
        s ->
            new KernelProblem(
                new Exact(s.n()),
                Kinks.NONE,
                new int[] {0},
                (in, out) ->
                    out.array()[out.offset()] =
                        DoubleWell.loss(in[0].array(), in[0].offset(), s.n()),
                (up, in, out, d) -> gradient(up, in[0], d[0], factor),
                (in, y) -> new double[] {U * Math.abs(y[0]) + s.n() * 1e-13},
                (v, in, up, dx) -> {
                  double[] bound = new double[dx.length];
                  for (int i = 0; i < bound.length; i++) {
                    bound[i] = 2 * U * Math.abs(dx[i]) + 1e-13;
                  }
                  return bound;
                }),
        Domain.mixing(-2, 2),
        shapes,
        shapes,
        List.of(Shape.of(1 << 13), Shape.of(1 << 14), Shape.of(1 << 16)),
        s -> new Cost(5.0 * s.n(), 4.0 * s.n(), 5.0 * s.n(), 8.0 * s.n()));
  }

  private static void gradient(Slice upstream, Slice x, Slice dx, double factor) {
    float dl = upstream.array()[upstream.offset()];
    DoubleWell.gradient(dl, x.array(), x.offset(), dx.array(), dx.offset(), x.length(), factor);
  }

  @Test
  void everyWitnessLooksAtIt() {
    List<CheckResult> results = new OpVerifier(row(1), 1).verify();
    assertThat(results)
        .extracting(CheckResult::witness)
        .containsExactly(Witness.FORWARD, Witness.BACKWARD, Witness.REFERENCE, Witness.DIFFERENCES);
    assertThat(results).allMatch(CheckResult::passes);
  }

  @Test
  void aWrongDerivativeIsCaughtByBothWitnessesOfTheKernel() {
    List<CheckResult> results = new OpVerifier(row(0.999), 1).verify();
    assertThat(results.stream().filter(result -> !result.passes()).map(CheckResult::witness))
        .containsExactly(Witness.BACKWARD, Witness.DIFFERENCES);
  }

  @Test
  void itTrainsAParameterInAGraph() {
    Graph graph = new Graph();
    Node x = graph.parameter("x", Matrix.of(new float[] {1.5f, 0.1f, -0.4f}, 1, 3));
    Node loss = graph.apply(new DoubleWellOp(), x);
    Node gradient = graph.gradient(loss, x).get(0);
    Session session = graph.session(loss, gradient);
    for (int step = 0; step < 200; step++) {
      session.run();
      for (int i = 0; i < 3; i++) {
        x.value().array()[i] -= 0.2f * session.value(gradient).get(0, i);
      }
    }
    // x³ = 1/4
    assertThat(x.value().array())
        .satisfies(v -> assertThat(v[0]).isCloseTo(0.629961f, within(1e-5f)));
    assertThat(x.value().array()[2]).isCloseTo(0.629961f, within(1e-5f));
  }
}
