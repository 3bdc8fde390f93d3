package org.lanegrad.bench.network;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import org.lanegrad.Matrix;
import org.lanegrad.activation.Identity;
import org.lanegrad.activation.Relu;
import org.lanegrad.graph.Graph;
import org.lanegrad.graph.Node;
import org.lanegrad.graph.Ops;
import org.lanegrad.loss.Regularizer;
import org.lanegrad.model.Initial;
import org.lanegrad.model.Model;
import org.lanegrad.model.Optimizer;
import org.lanegrad.model.Trainer;
import org.lanegrad.optimizer.Adam;
import org.lanegrad.optimizer.LearningRate;
import org.lanegrad.reduction.Reductions;

/**
 * Three arms of a spiral, told apart by two layers: more hidden units draw finer borders, more
 * regularization smoother ones.
 */
public final class SpiralJob {
  /** Points along each edge of {@link Line#raster}. */
  public static final int SIDE = 120;

  /** The edges of the raster, and more than any point's coordinates. */
  public static final float EDGE = 1.2f;

  private static final int CLASSES = 3;
  private static final int POINTS = 100;
  private static final int EPOCHS = 1500;

  private final PrintWriter out;

  /** A job that prints its table as it goes. */
  public SpiralJob(PrintWriter out) {
    this.out = out;
  }

  /**
   * One network.
   *
   * @param hidden its hidden units, with ReLU
   * @param lambda the L2 penalty on its weights
   * @param accuracy on the points it was trained on
   * @param raster a digit for each point of the plane, row by row from the top: the class there
   */
  public record Line(int hidden, float lambda, double accuracy, String raster) {
    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%2d hidden units, λ = %.3f: %.1f %% of the points",
          hidden,
          lambda,
          100 * accuracy);
    }
  }

  /** Three sizes at one strength, and three strengths at the largest size. */
  public List<Line> run() {
    List<Line> lines = new ArrayList<>();
    for (int hidden : new int[] {3, 6, 20}) {
      lines.add(say(train(hidden, 1e-3f)));
    }
    for (float lambda : new float[] {1e-2f, 1e-1f}) {
      lines.add(say(train(20, lambda)));
    }
    return lines;
  }

  private Line say(Line line) {
    out.println(line);
    out.flush();
    return line;
  }

  /** The points, one arm after the other. */
  public static Matrix points() {
    SplittableRandom random = new SplittableRandom(1);
    Matrix points = Matrix.zeros(CLASSES * POINTS, 2);
    for (int i = 0; i < points.rows(); i++) {
      double radius = (i % POINTS + 1.0) / POINTS;
      double turn = 4 * (i / POINTS) + 4 * radius + 0.2 * random.nextGaussian();
      points.set(i, 0, (float) (radius * Math.sin(turn)));
      points.set(i, 1, (float) (radius * Math.cos(turn)));
    }
    return points;
  }

  /** The arm of a point. */
  public static int arm(int point) {
    return point / POINTS;
  }

  /** One network, the same each time. */
  static Line train(int hidden, float lambda) {
    Matrix points = points();
    int[] arms = new int[points.rows()];
    for (int i = 0; i < arms.length; i++) {
      arms[i] = arm(i);
    }
    Graph graph = new Graph();
    Node x = graph.input("x", 2);
    Node labels = graph.ints("labels", 1);
    Node w1 = graph.parameter("w1", Initial.he(2, hidden, 1));
    Node b1 = graph.parameter("b1", Matrix.zeros(1, hidden));
    Node w2 = graph.parameter("w2", Initial.glorot(hidden, CLASSES, 2));
    Node b2 = graph.parameter("b2", Matrix.zeros(1, CLASSES));
    Node scores = Ops.dense(Ops.dense(x, w1, b1, new Relu()), w2, b2, new Identity());
    Regularizer l2 = Regularizer.l2(lambda);
    Node penalty = Ops.add(Ops.penalty(l2, w1), Ops.penalty(l2, w2));
    Trainer.of(Ops.add(Ops.crossEntropy(scores, labels), penalty))
        .examples(x, points)
        .examples(labels, arms)
        .batch(points.rows())
        .optimizer(Optimizer.of(Adam.standard()), LearningRate.constant(0.01f))
        .build()
        .train(EPOCHS);
    Model model = Model.of(x, scores);
    int right = 0;
    int[] found = classes(model, points);
    for (int i = 0; i < arms.length; i++) {
      right += found[i] == arms[i] ? 1 : 0;
    }
    StringBuilder raster = new StringBuilder();
    for (int c : classes(model, plane())) {
      raster.append(c);
    }
    return new Line(hidden, lambda, right / (double) arms.length, raster.toString());
  }

  private static Matrix plane() {
    Matrix plane = Matrix.zeros(SIDE * SIDE, 2);
    for (int i = 0; i < plane.rows(); i++) {
      int row = i / SIDE;
      int column = i % SIDE;
      plane.set(i, 0, EDGE * (2f * column / (SIDE - 1) - 1));
      plane.set(i, 1, EDGE * (1 - 2f * row / (SIDE - 1)));
    }
    return plane;
  }

  private static int[] classes(Model model, Matrix points) {
    Matrix scores = Matrix.zeros(points.rows(), CLASSES);
    model.session(points.rows()).run(points, scores);
    int[] classes = new int[points.rows()];
    for (int i = 0; i < classes.length; i++) {
      classes[i] = Reductions.argmax(scores.array(), i * CLASSES, CLASSES);
    }
    return classes;
  }
}
