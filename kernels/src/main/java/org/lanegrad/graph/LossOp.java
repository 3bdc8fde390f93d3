package org.lanegrad.graph;

import static org.lanegrad.graph.Ops.add;
import static org.lanegrad.graph.Ops.multiply;
import static org.lanegrad.graph.Ops.negate;
import static org.lanegrad.graph.Ops.scale;
import static org.lanegrad.graph.Ops.scaled;
import static org.lanegrad.graph.Ops.shift;
import static org.lanegrad.graph.Ops.sigmoid;
import static org.lanegrad.graph.Ops.softmax;
import static org.lanegrad.graph.Ops.subtract;

import java.util.Arrays;
import java.util.List;
import org.lanegrad.Matrix;
import org.lanegrad.loss.BinaryCrossEntropy;
import org.lanegrad.loss.MeanSquaredError;
import org.lanegrad.loss.MulticlassHinge;
import org.lanegrad.loss.Regularizer;
import org.lanegrad.loss.SoftmaxCrossEntropy;

/**
 * A mean loss of scores and targets, or a penalty of weights; the second output is its gradient by
 * the first input, from the same pass over memory.
 *
 * @param name its name
 * @param targets what the targets are: ints a row, numbers an element, or null for a penalty
 * @param kernel loss and gradient in one pass
 * @param slope the gradient in gates, for second derivatives; null if it is constant almost
 *     everywhere
 * @param isSymmetric whether the gradient by the targets is the negative of that by the scores
 */
record LossOp(String name, Shape.Kind targets, Kernel kernel, Slope slope, boolean isSymmetric)
    implements Op {
  /** Loss and gradient. */
  interface Kernel {
    /** The gradient is null if nobody wants it. */
    float run(Operands in, Matrix scores, Matrix gradient);
  }

  /** The gradient in gates. */
  interface Slope {
    Node of(Node scores, Node targets);
  }

  static LossOp crossEntropy() {
    return new LossOp(
        "cross-entropy",
        Shape.Kind.INTS,
        (in, x, dx) ->
            dx == null
                ? SoftmaxCrossEntropy.loss(x, in.ints(1))
                : SoftmaxCrossEntropy.lossAndGradient(x, in.ints(1), dx),
        (x, labels) -> {
          Node hits = x.graph().apply(new OneHotOp(x.shape().columns()), labels);
          return perRow(x, subtract(softmax(x), hits));
        },
        false);
  }

  static LossOp multiclassHinge(float margin) {
    return new LossOp(
        "multiclass hinge",
        Shape.Kind.INTS,
        (in, x, dx) -> MulticlassHinge.lossAndGradient(x, in.ints(1), margin, dx),
        null,
        false);
  }

  static LossOp meanSquaredError() {
    return new LossOp(
        "mean squared error",
        Shape.Kind.FLOATS,
        (in, y, dy) -> MeanSquaredError.lossAndGradient(y, in.matrix(1), dy),
        (y, t) -> perElement(y, scale(2f, subtract(y, t))),
        true);
  }

  static LossOp binaryCrossEntropy(BinaryCrossEntropy kernel) {
    float w = kernel.positiveWeight();
    return new LossOp(
        "binary cross-entropy",
        Shape.Kind.FLOATS,
        (in, x, dx) -> kernel.lossAndGradient(x, in.matrix(1), dx),
        (x, t) -> {
          Node p = sigmoid(x);
          Node rise = multiply(shift(1f, negate(t)), p);
          return perElement(x, add(rise, scale(w, multiply(t, shift(-1f, p)))));
        },
        false);
  }

  static LossOp penalty(Regularizer kernel) {
    return new LossOp(
        "penalty",
        null,
        (in, w, dw) ->
            kernel.penaltyAndGradient(
                w.array(), w.offset(), array(dw), from(dw), w.rows() * w.columns()),
        (w, none) -> scale(kernel.l2(), w),
        false);
  }

  private static Node perRow(Node x, Node sum) {
    return sum.graph().apply(new ShareOp(x.shape().withColumns(1)), sum);
  }

  private static Node perElement(Node x, Node sum) {
    return sum.graph().apply(new ShareOp(x.shape()), sum);
  }

  private static float[] array(Matrix gradient) {
    return gradient == null ? null : gradient.array();
  }

  private static int from(Matrix gradient) {
    return gradient == null ? 0 : gradient.offset();
  }

  @Override
  public List<Shape> shapes(List<Shape> inputs) {
    Shapes.count(inputs, targets == null ? 1 : 2);
    Shape x = Shapes.floats(inputs, 0);
    if (targets == Shape.Kind.INTS) {
      Shapes.expect(inputs, 1, x.withColumns(1).as(targets), "a label a row of input 0");
    } else if (targets != null) {
      Shapes.expect(inputs, 1, x, "as input 0");
    }
    return List.of(Shape.number(), x);
  }

  @Override
  public void run(Operands in, Operands out, Scratch scratch) {
    out.set(0, kernel.run(in, in.matrix(0), out.matrix(1)));
  }

  @Override
  public void gradient(Gradient g) {
    if (g.upstream(0) != null) {
      g.add(0, () -> scaled(g.upstream(0), g.output(1)));
    }
    if (targets == Shape.Kind.FLOATS && g.wants(1) && !isSymmetric) {
      throw g.none(1);
    }
    if (isSymmetric && g.upstream(0) != null) {
      g.add(1, () -> negate(scaled(g.upstream(0), g.output(1))));
    }
    if (g.upstream(1) != null && slope != null) {
      Node gradient = slope.of(g.input(0), targets == null ? null : g.input(1));
      g.through(Arrays.asList(null, gradient));
    }
  }

  @Override
  public boolean takesViews(int input) {
    return targets == Shape.Kind.INTS;
  }

  @Override
  public double flops(List<Shape> inputs, List<Shape> outputs, int batch) {
    return 24.0 * inputs.get(0).sizeAt(batch);
  }
}
