package org.lanegrad.bench.network;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.math3.stat.descriptive.rank.Percentile;
import org.lanegrad.Lanegrad;
import org.lanegrad.Matrix;
import org.lanegrad.activation.Identity;
import org.lanegrad.activation.Tanh;
import org.lanegrad.graph.Graph;
import org.lanegrad.graph.Node;
import org.lanegrad.graph.Ops;
import org.lanegrad.graph.Over;
import org.lanegrad.graph.Session;
import org.lanegrad.model.Initial;

/**
 * What is made of the gradients of dense networks, over depth and width: work as the graph counts
 * it, and time, all in turns, as multiples of the forward pass. Each has to stay flat.
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
   * One thing made of gradients, as multiples of the forward pass.
   *
   * @param name what it is
   * @param time how many times as long it takes
   * @param work how many times as many floating-point operations it counts
   */
  public record Pass(String name, double time, double work) {}

  /**
   * One network.
   *
   * @param depth hidden layers, with tanh
   * @param width units of each
   * @param forwardMicros the loss alone
   * @param passes what is made of its gradients
   */
  public record Line(int depth, int width, double forwardMicros, List<Pass> passes) {
    /** Keeps a copy of the list. */
    public Line {
      passes = List.copyOf(passes);
    }

    @Override
    public String toString() {
      return String.format(
              Locale.ROOT,
              "%2d layers of %4d: forward %8.1f µs; times as long, and work: ",
              depth,
              width,
              forwardMicros)
          + passes.stream()
              .map(p -> String.format(Locale.ROOT, "%s %.2f, %.2f", p.name, p.time, p.work))
              .collect(Collectors.joining("; "));
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
    Node[] weights = parameters.toArray(Node[]::new);
    Map<String, List<Node>> passes = new LinkedHashMap<>();
    List<Node> gradients = graph.gradient(loss, weights);
    passes.put("loss", List.of(loss));
    passes.put("gradient", Stream.concat(gradients.stream(), Stream.of(loss)).toList());
    passes.put("Hessian · v", graph.gradient(inner(graph, gradients, parameters), weights));
    passes.put("gradient penalty", penalty(graph, x, layer, parameters));
    passes.put("singular value", powerIteration(graph, x, layer));
    List<Session> sessions = new ArrayList<>();
    for (List<Node> pass : passes.values()) {
      sessions.add(bound(graph, labels, pass.toArray(Node[]::new)));
    }
    return line(graph, depth, width, passes, medians(sessions));
  }

  /** A session with numbers for all inputs that the outputs need. */
  private static Session bound(Graph graph, Node labels, Node... outputs) {
    Session session = graph.session(outputs);
    for (Node node : graph.reached(true, outputs)) {
      if (node == labels) {
        session.bind(node, new int[BATCH]);
      } else if (node.isInput()) {
        session.bind(node, Initial.uniform(Matrix.zeros(BATCH, node.shape().columns()), 1, 7));
      }
    }
    return session.run();
  }

  private static Line line(
      Graph graph, int depth, int width, Map<String, List<Node>> passes, double[] medians) {
    List<Pass> lines = new ArrayList<>();
    double forward = graph.flops(BATCH, passes.get("loss").toArray(Node[]::new));
    int at = 0;
    for (Map.Entry<String, List<Node>> pass : passes.entrySet()) {
      double work = graph.flops(BATCH, pass.getValue().toArray(Node[]::new)) / forward;
      lines.add(new Pass(pass.getKey(), medians[at++] / medians[0], work));
    }
    return new Line(depth, width, medians[0] / 1e3, lines.subList(1, lines.size()));
  }

  /** ⟨∇L, v⟩ for a v of random numbers. */
  private static Node inner(Graph graph, List<Node> gradients, List<Node> parameters) {
    Node product = null;
    SplittableRandom random = new SplittableRandom(1);
    for (int k = 0; k < gradients.size(); k++) {
      Matrix p = parameters.get(k).value();
      Matrix v = Initial.uniform(Matrix.zeros(p.rows(), p.columns()), 1, random.nextLong());
      Node part = Ops.dot(gradients.get(k), graph.constant("v" + k, v));
      product = product == null ? part : Ops.add(product, part);
    }
    return product;
  }

  /** The gradient of the mean of (‖∇ₓ Σy‖ − 1)², a critic's penalty. */
  private static List<Node> penalty(Graph graph, Node x, Node y, List<Node> parameters) {
    Node slope = graph.gradient(Ops.sum(y, Over.ALL), x).get(0);
    Node norm = Ops.sqrt(Ops.shift(1e-12f, Ops.sum(Ops.square(slope), Over.COLUMNS)));
    Node penalty = Ops.mean(Ops.square(Ops.shift(-1f, norm)), Over.ALL);
    // all but the last bias, which a slope does not depend on
    return graph.gradient(
        penalty, parameters.subList(0, parameters.size() - 1).toArray(Node[]::new));
  }

  /** Jᵀu, and J·v by a second reverse pass: what a step of the power iteration takes. */
  private static List<Node> powerIteration(Graph graph, Node x, Node y) {
    Node u = graph.input("u", CLASSES);
    Node vjp = graph.gradient(y, u, List.of(x)).get(0);
    Node jvp = graph.gradient(Ops.dot(vjp, graph.input("v", x.shape().columns())), u).get(0);
    return List.of(vjp, jvp);
  }

  private double[] medians(List<Session> sessions) {
    int[] repeats = new int[sessions.size()];
    for (int s = 0; s < sessions.size(); s++) {
      long start = System.nanoTime();
      int count = 0;
      // what is measured longer is warmed up longer
      int batches = 16 * rounds;
      for (; System.nanoTime() - start < batches * ROUND_NANOS; count++) {
        sessions.get(s).run();
      }
      repeats[s] = Math.max(1, count / batches);
    }
    double[][] nanos = new double[sessions.size()][rounds];
    for (int round = 0; round < rounds; round++) {
      for (int s = 0; s < sessions.size(); s++) {
        long start = System.nanoTime();
        for (int i = 0; i < repeats[s]; i++) {
          sessions.get(s).run();
        }
        nanos[s][round] = (System.nanoTime() - start) / (double) repeats[s];
      }
    }
    double[] medians = new double[sessions.size()];
    for (int s = 0; s < sessions.size(); s++) {
      medians[s] = new Percentile().evaluate(nanos[s], 50);
    }
    return medians;
  }
}
