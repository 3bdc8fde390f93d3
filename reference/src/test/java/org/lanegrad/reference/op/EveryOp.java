package org.lanegrad.reference.op;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.lanegrad.reference.gate.Binary;
import org.lanegrad.reference.gate.Elementary;
import org.lanegrad.reference.gate.Gate;
import org.lanegrad.reference.gate.Gates;
import org.lanegrad.reference.gate.Smooth;

/** An instance of each op, and of each gate spread over elements. */
public final class EveryOp {
  private EveryOp() {}

  /** All of them, small. */
  public static List<Op> all() {
    List<Op> ops = new ArrayList<>();
    for (Gate gate : Gates.all()) {
      ops.add(new Elementwise(gate, 3));
    }
    ops.addAll(layersAndLosses());
    return ops;
  }

  private static List<Op> layersAndLosses() {
    int[] labels = {2, 0, 1};
    Targets weighted = new Targets(labels, 4, new double[] {0.5, 2, 1, 3}, 1, 0.1, Reduction.MEAN);
    return List.of(
        new MatMul(0.7, false, false, 1.3, 2, 3, 2),
        new MatMul(1, true, true, 0, 3, 2, 2),
        new DenseLayer(Smooth.TANH, 2, 3, 2),
        new BiasAdd(2, 3),
        new ColumnPRelu(2, 3, 3),
        new ColumnPRelu(2, 3, 1),
        new FanOut(3, 2),
        new Sum(0.5, 2, 3),
        new Reshape(2, 3, 6, 1),
        new Softmax(2, 4),
        new LogSoftmax(2, 4),
        new LayerNorm(2, 4, 1e-5),
        new RmsNorm(2, 4, 1e-5),
        new CrossEntropy(labels, 4),
        new CrossEntropy(weighted),
        new NegativeLogLikelihood(weighted),
        new NegativeLogLikelihood(
            new Targets(labels, 4, new double[] {1, 1, 1, 1}, -1, 0, Reduction.NONE)),
        new CrossEntropy(new Targets(labels, 4, new double[] {1, 2, 1, 1}, 0, 0.2, Reduction.SUM)),
        new CrossEntropy(new Targets(labels, 4, new double[] {1, 2, 1, 1}, 0, 0.2, Reduction.NONE)),
        new BinaryCrossEntropy(new double[] {1, 0, 0.25}, 2),
        new MulticlassHinge(labels, 4, 1),
        new MeanSquaredError(2, 3),
        Regularizer.l1(0.1, 4),
        Regularizer.l2(0.1, 4),
        new EmbeddingWindow(new int[] {1, -1, 0, 1, 2, 1}, 3, 3, 2),
        new GradientStep(0.1, 4),
        new OptimizerStep(new Update.Momentum(0.1, 0.9, 0.25, 0.5, true), 3),
        new OptimizerStep(new Update.RmsProp(0.1, 0.9, 1e-3, 0.5), 3),
        new OptimizerStep(new Update.AdaGrad(0.1, 1e-3, 0.5), 3),
        new OptimizerStep(new Update.Adam(0.1, 3, 0.9, 0.99, 1e-3, 0.5, 0.25), 3));
  }

  /** A point of an op's domain, away from where it grows steep. */
  public static double[][] point(Op op, SplittableRandom random) {
    boolean positive =
        op instanceof Elementwise e
                && (List.of(
                            Elementary.LOG,
                            Elementary.LOG1P,
                            Elementary.SQRT,
                            Elementary.RECIPROCAL)
                        .contains(e.gate())
                    || e.gate() == Binary.DIVIDE)
            // the state is made of squares
            || op instanceof OptimizerStep;
    List<Variable> variables = op.variables();
    double[][] inputs = new double[variables.size()][];
    for (int v = 0; v < inputs.length; v++) {
      double low = positive ? 0.5 : -3;
      inputs[v] = random.doubles(variables.get(v).size(), low, 3).toArray();
    }
    return inputs;
  }
}
