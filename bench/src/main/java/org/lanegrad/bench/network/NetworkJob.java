package org.lanegrad.bench.network;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import org.apache.commons.math3.stat.descriptive.rank.Percentile;
import org.lanegrad.Lanegrad;
import org.lanegrad.Matrix;
import org.lanegrad.activation.Identity;
import org.lanegrad.activation.Tanh;
import org.lanegrad.graph.Graph;
import org.lanegrad.graph.Node;
import org.lanegrad.graph.Ops;
import org.lanegrad.graph.Session;
import org.lanegrad.model.Initial;

/**
 * Loss, gradient and Hessian times a vector of dense networks over depth and width: work as the
 * graph counts it, and time, all three in turns. Both ratios have to stay flat.
 */
public final class NetworkJob {
  private static final int BATCH = 32;
  private static final int CLASSES = 10;
  private static final int[][] SIZES = {
    {1, 128}, {2, 128}, {4, 128}, {8, 128}, {16, 128}, {4, 64}, {4, 256}, {4, 512}, {4, 1024}
  };
  private static final double ROUND_NANOS = 4e6;

  private final PrintWriter out;
  private final int rounds;

  /** A job that prints its table as it goes. */
  public NetworkJob(PrintWriter out, int rounds) {
    this.out = out;
    this.rounds = rounds;
  }

  /**
   * One network; ratios are to its forward pass.
   *
   * @param depth hidden layers, with tanh
   * @param width units of each
   * @param forwardMicros the loss alone
   * @param gradientTime of loss and gradients
   * @param gradientWork floating-point operations of the same
   * @param hessianTime of ∇⟨∇L, v⟩ for all parameters
   * @param hessianWork floating-point operations of the same
   */
  public record Line(
      int depth,
      int width,
      double forwardMicros,
      double gradientTime,
      double gradientWork,
      double hessianTime,
      double hessianWork) {
    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%2d layers of %4d: forward %8.1f µs, gradient %.2f times the time and %.2f the work,"
              + " Hessian times vector %.2f and %.2f",
          depth,
          width,
          forwardMicros,
          gradientTime,
          gradientWork,
          hessianTime,
          hessianWork);
    }
  }

  /** Runs all sizes. */
  public List<Line> run() {
    Lanegrad.warmUp();
    List<Line> lines = new ArrayList<>();
    for (int[] size : SIZES) {
      Line line = measure(size[0], size[1]);
      lines.add(line);
      out.println(line);
      out.flush();
    }
    return lines;
  }

  /** One size. */
  Line measure(int depth, int width) {
    Graph graph = new Graph();
    Node x = graph.input("x", width);
    Node labels = graph.ints("labels", 1);
    Node layer = x;
    List<Node> parameters = new ArrayList<>();
    for (int i = 0; i <= depth; i++) {
      boolean isLast = i == depth;
      int outputs = isLast ? CLASSES : width;
      Node w = graph.parameter("w" + i, Initial.glorot(width, outputs, i));
      Node b = graph.parameter("b" + i, Matrix.zeros(1, outputs));
      parameters.add(w);
      parameters.add(b);
      layer = Ops.dense(layer, w, b, isLast ? new Identity() : new Tanh());
    }
    Node loss = Ops.crossEntropy(layer, labels);
    List<Node> gradients = graph.gradient(loss, parameters.toArray(Node[]::new));
    Node product = null;
    SplittableRandom random = new SplittableRandom(1);
    for (int k = 0; k < gradients.size(); k++) {
      Matrix p = parameters.get(k).value();
      Matrix v = Initial.uniform(Matrix.zeros(p.rows(), p.columns()), 1, random.nextLong());
      Node part = Ops.dot(gradients.get(k), graph.constant("v" + k, v));
      product = product == null ? part : Ops.add(product, part);
    }
    List<Node> hessian = graph.gradient(product, parameters.toArray(Node[]::new));
    Matrix images = Initial.uniform(Matrix.zeros(BATCH, width), 1, 7);
    int[] classes = new int[BATCH];
    Session[] sessions = {
      graph.session(loss),
      graph.session(loss, gradients),
      graph.session(hessian.toArray(Node[]::new))
    };
    for (Session session : sessions) {
      session.bind(x, images).bind(labels, classes).run();
    }
    double[] medians = medians(sessions);
    double forwardWork = graph.flops(BATCH, loss);
    List<Node> both = new ArrayList<>(gradients);
    both.add(loss);
    return new Line(
        depth,
        width,
        medians[0] / 1e3,
        medians[1] / medians[0],
        graph.flops(BATCH, both.toArray(Node[]::new)) / forwardWork,
        medians[2] / medians[0],
        graph.flops(BATCH, hessian.toArray(Node[]::new)) / forwardWork);
  }

  private double[] medians(Session[] sessions) {
    int[] repeats = new int[sessions.length];
    for (int s = 0; s < sessions.length; s++) {
      long start = System.nanoTime();
      int count = 0;
      // what is measured longer is warmed up longer
      int batches = 16 * rounds;
      for (; System.nanoTime() - start < batches * ROUND_NANOS; count++) {
        sessions[s].run();
      }
      repeats[s] = Math.max(1, count / batches);
    }
    double[][] nanos = new double[sessions.length][rounds];
    for (int round = 0; round < rounds; round++) {
      for (int s = 0; s < sessions.length; s++) {
        long start = System.nanoTime();
        for (int i = 0; i < repeats[s]; i++) {
          sessions[s].run();
        }
        nanos[s][round] = (System.nanoTime() - start) / (double) repeats[s];
      }
    }
    double[] medians = new double[sessions.length];
    for (int s = 0; s < sessions.length; s++) {
      medians[s] = new Percentile().evaluate(nanos[s], 50);
    }
    return medians;
  }
}
