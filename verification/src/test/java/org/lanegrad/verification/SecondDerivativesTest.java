package org.lanegrad.verification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lanegrad.Matrix;
import org.lanegrad.activation.Gelu;
import org.lanegrad.activation.Relu;
import org.lanegrad.activation.Sigmoid;
import org.lanegrad.graph.Graph;
import org.lanegrad.graph.Node;
import org.lanegrad.graph.Ops;
import org.lanegrad.graph.Over;
import org.lanegrad.graph.Session;
import org.lanegrad.loss.Regularizer;
import org.lanegrad.reference.diff.BackwardOfBackward;
import org.lanegrad.reference.diff.Loss;
import org.lanegrad.reference.gate.PiecewiseLinear;
import org.lanegrad.reference.gate.Smooth;
import org.lanegrad.reference.op.BinaryCrossEntropy;
import org.lanegrad.reference.op.CrossEntropy;
import org.lanegrad.reference.op.DenseLayer;
import org.lanegrad.reference.op.LayerNorm;
import org.lanegrad.reference.op.LogSoftmax;
import org.lanegrad.reference.op.MatMul;
import org.lanegrad.reference.op.MeanSquaredError;
import org.lanegrad.reference.op.Op;
import org.lanegrad.reference.op.RmsNorm;
import org.lanegrad.reference.op.Softmax;
import org.lanegrad.reference.op.Variable;

/**
 * The gradient of a gradient of each op that is more than a gate: the Hessian of ⟨w, f(x)⟩ times a
 * vector, by one more reverse pass of the kernels' graph and by the reference's tape.
 */
class SecondDerivativesTest {
  private static final int ROWS = 3;
  private static final int COLUMNS = 19;

  /** An op in both worlds; its variables are inputs of the reference's shapes. */
  record Case(String name, Op reference, Function<Node[], Node> ours) {
    @Override
    public String toString() {
      return name;
    }
  }

  static List<Case> ops() {
    int[] labels = {4, 0, 18};
    double[] targets = new double[ROWS * COLUMNS];
    float[] same = new float[targets.length];
    for (int i = 0; i < targets.length; i++) {
      targets[i] = i % 5 * 0.25;
      same[i] = (float) targets[i];
    }
    Matrix constant = Matrix.of(same, ROWS, COLUMNS);
    return List.of(
        new Case("softmax", new Softmax(ROWS, COLUMNS), x -> Ops.softmax(x[0])),
        new Case("log-softmax", new LogSoftmax(ROWS, COLUMNS), x -> Ops.logSoftmax(x[0])),
        new Case(
            "layer norm",
            new LayerNorm(ROWS, COLUMNS, 0x1p-10),
            x -> Ops.layerNorm(x[0], x[1], x[2], 0x1p-10f)),
        new Case(
            "rms norm",
            new RmsNorm(ROWS, COLUMNS, 0x1p-10),
            x -> Ops.rmsNorm(x[0], x[1], 0x1p-10f)),
        new Case(
            "cross-entropy",
            new CrossEntropy(labels, COLUMNS),
            x -> {
              Node known = x[0].graph().input("labels", Shapes.labels(ROWS));
              return Ops.crossEntropy(x[0], known);
            }),
        new Case(
            "mean squared error",
            new MeanSquaredError(ROWS, COLUMNS),
            x -> Ops.meanSquaredError(x[0], x[1])),
        new Case(
            "binary cross-entropy",
            new BinaryCrossEntropy(targets, 2),
            x ->
                Ops.binaryCrossEntropy(
                    Ops.reshape(x[0], org.lanegrad.graph.Shape.of(ROWS, COLUMNS)),
                    x[0].graph().constant("targets", constant),
                    2f)),
        new Case(
            "l2",
            org.lanegrad.reference.op.Regularizer.l2(0.125, ROWS * COLUMNS),
            x -> Ops.penalty(Regularizer.l2(0.125f), x[0])),
        new Case(
            "product, Bᵀ",
            new MatMul(1, false, true, 1, 3, 4, 5),
            x -> Ops.add(Ops.product(x[0], false, x[1], true), x[2])),
        new Case(
            "dense, gelu",
            new DenseLayer(Smooth.GELU, 3, 4, 5),
            x -> Ops.dense(x[0], x[1], x[2], new Gelu())),
        new Case(
            "dense, sigmoid",
            new DenseLayer(Smooth.SIGMOID, 3, 4, 5),
            x -> Ops.dense(x[0], x[1], x[2], new Sigmoid())),
        new Case(
            "dense, relu",
            new DenseLayer(PiecewiseLinear.relu(), 3, 4, 5),
            x -> Ops.dense(x[0], x[1], x[2], new Relu())));
  }

  private static final class Shapes {
    static org.lanegrad.graph.Shape labels(int rows) {
      return org.lanegrad.graph.Shape.of(rows, 1).as(org.lanegrad.graph.Shape.Kind.INTS);
    }
  }

  @ParameterizedTest
  @MethodSource("ops")
  void theHessianTimesAVectorIsTheReferences(Case op) {
    Random random = new Random(7);
    List<Variable> variables = op.reference().variables();
    Graph graph = new Graph();
    List<Node> inputs = new ArrayList<>();
    List<Node> directions = new ArrayList<>();
    List<double[]> at = new ArrayList<>();
    List<double[]> along = new ArrayList<>();
    for (Variable v : variables) {
      inputs.add(graph.input(v.name(), v.rows(), v.columns()));
      directions.add(graph.input("direction of " + v.name(), v.rows(), v.columns()));
      at.add(numbers(random, v.size()));
      along.add(numbers(random, v.size()));
    }
    Node y = op.ours().apply(inputs.toArray(Node[]::new));
    double[] w = numbers(random, op.reference().outputSize());
    Node weights = graph.input("weights", y.shape());
    Node loss = Ops.sum(Ops.multiply(y, weights), Over.ALL);
    List<Node> gradient = graph.gradient(loss, inputs.toArray(Node[]::new));
    Node slope = Ops.dot(gradient.get(0), directions.get(0));
    for (int i = 1; i < inputs.size(); i++) {
      slope = Ops.add(slope, Ops.dot(gradient.get(i), directions.get(i)));
    }
    List<Node> hvp = graph.gradient(slope, inputs.toArray(Node[]::new));
    Session session = graph.session(slope, hvp);
    for (int i = 0; i < inputs.size(); i++) {
      session.feed(inputs.get(i), floats(at.get(i)));
      session.feed(directions.get(i), floats(along.get(i)));
    }
    session.feed(weights, floats(w));
    if (op.name().equals("cross-entropy")) {
      session.bind(graph.node("labels"), new int[] {4, 0, 18});
    }
    session.run();
    double[] expected =
        BackwardOfBackward.hessianVector(
            Loss.weighted(op.reference(), w), joined(at), joined(along));
    double largest = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
    assertThat(largest).as("a Hessian that is not all zeros").isPositive();
    int e = 0;
    for (int i = 0; i < inputs.size(); i++) {
      Matrix actual = session.value(hvp.get(i));
      for (int j = 0; j < at.get(i).length; j++) {
        // some twenty gates, each rounded once, over sums of up to 57 terms of the largest's size
        assertThat((double) actual.get(j / actual.columns(), j % actual.columns()))
            .as("%s, %s, element %d", op, inputs.get(i), j)
            .isCloseTo(expected[e++], within(20 * 57 * 0x1p-24 * Math.max(largest, 1e-3)));
      }
    }
  }

  private static double[] numbers(Random random, int n) {
    double[] values = new double[n];
    Arrays.setAll(values, i -> (float) (4 * random.nextDouble() - 2));
    return values;
  }

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }

  private static double[] joined(List<double[]> parts) {
    return parts.stream().flatMapToDouble(Arrays::stream).toArray();
  }
}
