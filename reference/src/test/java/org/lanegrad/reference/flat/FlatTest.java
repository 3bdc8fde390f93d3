package org.lanegrad.reference.flat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.RealMatrix;
import org.junit.jupiter.api.Test;
import org.lanegrad.reference.diff.Layout;
import org.lanegrad.reference.gate.Binary;
import org.lanegrad.reference.gate.PiecewiseLinear;
import org.lanegrad.reference.graph.Graph;
import org.lanegrad.reference.op.CrossEntropy;
import org.lanegrad.reference.op.DenseLayer;
import org.lanegrad.reference.op.MulticlassHinge;
import org.lanegrad.reference.op.Regularizer;
import org.lanegrad.reference.op.Reshape;

/** Straight code and graph give the same numbers. */
class FlatTest {
  private static final int ROWS = 5;
  private static final int INPUTS = 3;
  private static final int HIDDEN = 4;
  private static final int CLASSES = 3;
  private static final int[] LABELS = {0, 2, 1, 1, 0};

  private final SplittableRandom random = new SplittableRandom(7);

  private RealMatrix matrix(int rows, int columns) {
    RealMatrix matrix = new Array2DRowRealMatrix(rows, columns);
    for (int r = 0; r < rows; r++) {
      matrix.setRow(r, random.doubles(columns, -1, 1).toArray());
    }
    return matrix;
  }

  private static double[] flat(RealMatrix matrix) {
    return Layout.jacobianForm(matrix).getRow(0);
  }

  @Test
  void theLinearSvm() {
    RealMatrix x = matrix(ROWS, INPUTS);
    RealMatrix w = matrix(INPUTS, CLASSES);
    LinearSvm.Step step = new LinearSvm(0.3).step(x, w, LABELS);

    Graph graph = new Graph().input("x", ROWS, INPUTS).input("w", INPUTS, CLASSES);
    graph.input("zero", 1, CLASSES).feed("zero", 0, 0, 0);
    PiecewiseLinear linear = PiecewiseLinear.identity();
    graph.node("s", new DenseLayer(linear, ROWS, INPUTS, CLASSES), "x", "w", "zero");
    graph.node("data", new MulticlassHinge(LABELS, CLASSES, 1), "s");
    graph.node("flat", new Reshape(INPUTS, CLASSES, 1, INPUTS * CLASSES), "w");
    graph.node("penalty", Regularizer.l2(0.3, INPUTS * CLASSES), "flat");
    graph.node("loss", Binary.ADD, "data", "penalty");
    graph.feed("x", flat(x)).feed("w", flat(w)).forward();
    graph.backward("loss");
    assertThat(step.loss()).isCloseTo(graph.number("loss"), within(1e-12));
    assertThat(flat(step.dw())).containsExactly(graph.gradient("w"), within(1e-12));
  }

  @Test
  void theTwoLayerNet() {
    RealMatrix x = matrix(ROWS, INPUTS);
    TwoLayerNet net =
        new TwoLayerNet(
            matrix(INPUTS, HIDDEN),
            new ArrayRealVector(matrix(1, HIDDEN).getRow(0)),
            matrix(HIDDEN, CLASSES),
            new ArrayRealVector(matrix(1, CLASSES).getRow(0)));
    TwoLayerNet.Step step = net.step(x, LABELS);

    Graph graph = new Graph().input("x", ROWS, INPUTS);
    graph.input("w1", INPUTS, HIDDEN).input("b1", 1, HIDDEN);
    graph.input("w2", HIDDEN, CLASSES).input("b2", 1, CLASSES);
    PiecewiseLinear relu = PiecewiseLinear.relu();
    graph.node("h", new DenseLayer(relu, ROWS, INPUTS, HIDDEN), "x", "w1", "b1");
    PiecewiseLinear linear = PiecewiseLinear.identity();
    graph.node("s", new DenseLayer(linear, ROWS, HIDDEN, CLASSES), "h", "w2", "b2");
    graph.node("loss", new CrossEntropy(LABELS, CLASSES), "s");
    graph.feed("x", flat(x)).feed("w1", flat(net.w1())).feed("b1", net.b1().toArray());
    graph.feed("w2", flat(net.w2())).feed("b2", net.b2().toArray()).forward();
    graph.backward("loss");
    TwoLayerNet gradients = step.gradients();
    assertThat(step.loss()).isCloseTo(graph.number("loss"), within(1e-12));
    assertThat(flat(gradients.w1())).containsExactly(graph.gradient("w1"), within(1e-12));
    assertThat(gradients.b1().toArray()).containsExactly(graph.gradient("b1"), within(1e-12));
    assertThat(flat(gradients.w2())).containsExactly(graph.gradient("w2"), within(1e-12));
    assertThat(gradients.b2().toArray()).containsExactly(graph.gradient("b2"), within(1e-12));
  }
}
