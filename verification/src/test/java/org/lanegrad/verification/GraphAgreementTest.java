package org.lanegrad.verification;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.BinaryOperator;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.apache.commons.math3.RealFieldElement;
import org.junit.jupiter.api.Test;
import org.lanegrad.Matrix;
import org.lanegrad.graph.Graph;
import org.lanegrad.graph.Node;
import org.lanegrad.graph.Ops;
import org.lanegrad.graph.Session;
import org.lanegrad.reference.diff.BackwardOfBackward;
import org.lanegrad.reference.diff.Loss;
import org.lanegrad.reference.gate.Binary;
import org.lanegrad.reference.gate.Elementary;
import org.lanegrad.reference.gate.Gate;
import org.lanegrad.reference.gate.Power;
import org.lanegrad.reference.gate.Smooth;

/**
 * Random graphs of up to 40 gates: the kernels' graph against the reference's, value, gradient and
 * Hessian times a vector, within what each node may round.
 */
class GraphAgreementTest {
  private static final double U = 0x1p-24;
  private static final int INPUTS = 3;

  /** A gate in both worlds. */
  private record Kind(Gate gate, BinaryOperator<Node> ours) {}

  private static final List<Kind> SMOOTH =
      List.of(
          new Kind(Binary.ADD, Ops::add),
          new Kind(Binary.SUBTRACT, Ops::subtract),
          new Kind(Binary.MULTIPLY, Ops::multiply),
          new Kind(Smooth.TANH, (a, b) -> Ops.tanh(a)),
          new Kind(Smooth.SIGMOID, (a, b) -> Ops.sigmoid(a)),
          new Kind(new Power(2), (a, b) -> Ops.square(a)),
          new Kind(Elementary.NEGATE, (a, b) -> Ops.negate(a)));

  private static final List<Kind> ALL = new ArrayList<>(SMOOTH);

  static {
    ALL.add(new Kind(Binary.MAXIMUM, Ops::maximum));
    ALL.add(new Kind(Binary.MINIMUM, Ops::minimum));
  }

  /** Gates over three inputs: what each is, and which earlier values it reads. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Dag(List<Kind> kinds, int[] first, int[] second) {
    static Dag random(Random random, List<Kind> from, int most) {
      int gates = 1 + random.nextInt(most);
      List<Kind> kinds = new ArrayList<>();
      int[] first = new int[gates];
      int[] second = new int[gates];
      for (int g = 0; g < gates; g++) {
        kinds.add(from.get(random.nextInt(from.size())));
        // mostly the latest values, so that graphs get deep, and now and then any: fan-outs
        int known = INPUTS + g;
        first[g] = known - 1 - random.nextInt(Math.min(known, 4));
        second[g] = random.nextInt(known);
      }
      return new Dag(kinds, first, second);
    }

    List<Node> build(Node... inputs) {
      List<Node> values = new ArrayList<>(List.of(inputs));
      for (int g = 0; g < first.length; g++) {
        values.add(kinds.get(g).ours().apply(values.get(first[g]), values.get(second[g])));
      }
      return values;
    }

    org.lanegrad.reference.graph.Graph reference(int n) {
      org.lanegrad.reference.graph.Graph graph = new org.lanegrad.reference.graph.Graph();
      for (int i = 0; i < INPUTS; i++) {
        graph.input("v" + i, 1, n);
      }
      for (int g = 0; g < first.length; g++) {
        String[] inputs = {"v" + first[g], "v" + second[g]};
        Gate gate = kinds.get(g).gate();
        graph.node("v" + (INPUTS + g), gate, Arrays.copyOf(inputs, gate.arity()));
      }
      return graph;
    }

    /** ⟨weights, y⟩ of the last value y, or ½⟨y, y⟩ if there are none, in any kind of number. */
    Loss loss(int n, double[] weights) {
      return new Loss() {
        @Override
        public <T extends RealFieldElement<T>> T value(List<T> x) {
          T sum = null;
          for (int i = 0; i < n; i++) {
            List<T> values = new ArrayList<>();
            for (int v = 0; v < INPUTS; v++) {
              values.add(x.get(v * n + i));
            }
            for (int g = 0; g < first.length; g++) {
              List<T> inputs = List.of(values.get(first[g]), values.get(second[g]));
              Gate gate = kinds.get(g).gate();
              values.add(gate.value(inputs.subList(0, gate.arity())));
            }
            T y = values.get(values.size() - 1);
            T term = weights == null ? y.multiply(y).multiply(0.5) : y.multiply(weights[i]);
            sum = sum == null ? term : sum.add(term);
          }
          return sum;
        }
      };
    }
  }

  private static double[] numbers(Random random, int n) {
    double[] values = new double[n];
    Arrays.setAll(values, i -> (float) (2 * random.nextDouble() - 1));
    return values;
  }

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }

  private static double[] values(Session session, Node node) {
    Matrix value = session.value(node);
    double[] all = new double[value.rows() * value.columns()];
    Arrays.setAll(all, i -> value.get(i / value.columns(), i % value.columns()));
    return all;
  }

  @Property(tries = 400)
  void valueAndEveryGradientAreThoseOfTheReference(@ForAll long seed) {
    Random random = new Random(seed);
    int n = 1 + random.nextInt(37);
    Dag dag = Dag.random(random, ALL, 40);
    Graph graph = new Graph();
    Node[] inputs = new Node[INPUTS];
    Arrays.setAll(inputs, i -> graph.input("x" + i, 1, n));
    List<Node> values = dag.build(inputs);
    Node last = values.get(values.size() - 1);
    Node upstream = graph.input("upstream", 1, n);
    List<Node> gradients = graph.gradient(last, upstream, List.of(inputs));
    Session session = graph.session(last, graph.nodes());
    org.lanegrad.reference.graph.Graph reference = dag.reference(n);
    for (int i = 0; i < INPUTS; i++) {
      double[] x = numbers(random, n);
      session.feed(inputs[i], floats(x));
      reference.feed("v" + i, x);
    }
    double[] up = numbers(random, n);
    session.feed(upstream, floats(up)).run();
    reference.forward();
    String output = "v" + (values.size() - 1);
    reference.backward(output, up);
    RunningError errors = new RunningError(graph, session);
    Assume.that(errors.isDecided());
    for (int v = 0; v < values.size(); v++) {
      check(seed, values.get(v), session, errors, reference.value("v" + v));
    }
    for (int i = 0; i < INPUTS; i++) {
      check(seed, gradients.get(i), session, errors, reference.gradient("v" + i));
    }
  }

  @Property(tries = 200)
  void theHessianTimesAVectorIsTheReferences(@ForAll long seed, @ForAll boolean ofItself) {
    Random random = new Random(seed);
    int n = 1 + random.nextInt(9);
    Dag dag = Dag.random(random, SMOOTH, 15);
    Graph graph = new Graph();
    Node[] inputs = new Node[INPUTS];
    Node[] directions = new Node[INPUTS];
    Arrays.setAll(inputs, i -> graph.input("x" + i, 1, n));
    Arrays.setAll(directions, i -> graph.input("v" + i, 1, n));
    List<Node> values = dag.build(inputs);
    Node weights = graph.input("weights", 1, n);
    Node last = values.get(values.size() - 1);
    // Jᵀ·y is the gradient of ½⟨y, y⟩: there an upstream gradient is what was saved
    List<Node> gradient =
        ofItself
            ? graph.gradient(last, last, List.of(inputs))
            : graph.gradient(Ops.dot(last, weights), inputs);
    Node along = Ops.dot(gradient.get(0), directions[0]);
    for (int i = 1; i < INPUTS; i++) {
      along = Ops.add(along, Ops.dot(gradient.get(i), directions[i]));
    }
    List<Node> hvp = graph.gradient(along, inputs);
    Session session = graph.session(along, graph.nodes());
    double[] at = numbers(random, INPUTS * n);
    double[] v = numbers(random, INPUTS * n);
    double[] w = numbers(random, n);
    for (int i = 0; i < INPUTS; i++) {
      session.feed(inputs[i], floats(Arrays.copyOfRange(at, i * n, (i + 1) * n)));
      session.feed(directions[i], floats(Arrays.copyOfRange(v, i * n, (i + 1) * n)));
    }
    session.feed(weights, floats(w)).run();
    double[] expected = BackwardOfBackward.hessianVector(dag.loss(n, ofItself ? null : w), at, v);
    RunningError errors = new RunningError(graph, session);
    for (int i = 0; i < INPUTS; i++) {
      check(seed, hvp.get(i), session, errors, Arrays.copyOfRange(expected, i * n, (i + 1) * n));
    }
  }

  private static void check(
      long seed, Node node, Session session, RunningError errors, double[] expected) {
    double[] actual = values(session, node);
    double[] allowed = errors.of(node);
    for (int i = 0; i < actual.length; i++) {
      double error = Math.abs(actual[i] - expected[i]);
      if (!(error <= allowed[i] + 1e-12 * Math.abs(expected[i]) + Float.MIN_NORMAL)) {
        assertThat(error)
            .as(
                "seed %d, %s, element %d: expected %s, actual %s, allowed error %s",
                seed, node, i, expected[i], actual[i], allowed[i])
            .isLessThanOrEqualTo(allowed[i]);
      }
    }
  }

  /** The work of a chain's backward pass, counted, stays within a constant of its forward pass. */
  @Test
  void theBackwardGraphsWorkIsInProportionToTheForwardGraphsAtEveryDepth() {
    for (int depth = 1; depth <= 50; depth++) {
      Graph graph = new Graph();
      Node x = graph.input("x", 64);
      Node y = x;
      List<Node> parameters = new ArrayList<>();
      for (int layer = 0; layer < depth; layer++) {
        Node w = graph.parameter("w" + layer, Matrix.zeros(64, 64));
        Node b = graph.parameter("b" + layer, Matrix.zeros(1, 64));
        parameters.addAll(List.of(w, b));
        y = Ops.dense(y, w, b, new org.lanegrad.activation.Relu());
      }
      Node loss = Ops.crossEntropy(y, graph.ints("labels", 1));
      double forward = graph.flops(32, loss);
      List<Node> outputs = new ArrayList<>(List.of(loss));
      outputs.addAll(graph.gradient(loss, parameters.toArray(Node[]::new)));
      double both = graph.flops(32, outputs.toArray(Node[]::new));
      assertThat(both / forward).as("depth %d", depth).isBetween(1.5, 3.1);
    }
  }

  /**
   * What each element of each node may be off: what its inputs are off, by the gate's slope, and
   * its own rounding.
   */
  private static final class RunningError {
    private final Map<Node, double[]> errors = new HashMap<>();
    private final Map<Node, double[]> values = new HashMap<>();
    private boolean decided = true;

    RunningError(Graph graph, Session session) {
      for (Node node : graph.nodes()) {
        double[] value = values(session, node);
        values.put(node, value);
        double[] error = new double[value.length];
        for (int i = 0; i < error.length && node.op() != null; i++) {
          error[i] = at(node, i, value[i]);
        }
        errors.put(node, error);
      }
    }

    double[] of(Node node) {
      return errors.get(node);
    }

    /** Whether rounding decides nowhere which side of a kink a value is on. */
    boolean isDecided() {
      return decided;
    }

    private double value(Node node, int i) {
      double[] value = values.get(node);
      return value[value.length == 1 ? 0 : i];
    }

    private double error(Node node, int i) {
      double[] error = errors.get(node);
      return error[error.length == 1 ? 0 : i];
    }

    private double at(Node node, int i, double y) {
      List<Node> in = node.inputs();
      double own = U * Math.abs(y);
      double a = Math.abs(value(in.get(0), i));
      double ea = error(in.get(0), i);
      double b = in.size() < 2 ? 0 : Math.abs(value(in.get(1), i));
      double eb = in.size() < 2 ? 0 : error(in.get(1), i);
      return switch (node.op().name()) {
        case "add", "subtract" -> ea + eb + own;
        case "multiply", "scale" -> a * eb + b * ea + ea * eb + own;
        // negation, shifts by 1, and the factor 2 of a square's slope
        case "affine" -> 2 * ea + own;
        case "broadcast", "copy" -> ea;
        case "tanh", "sigmoid" -> ea + 5 * own;
        case "square" -> (2 * a + ea) * ea + own;
        case "maximum", "minimum" -> {
          decide(in.get(0), in.get(1), i);
          yield Math.max(ea, eb);
        }
        case "maximum gradient", "minimum gradient" -> ea;
        // dy·(1 − y²) and dy·y·(1 − y) of a rounded y
        case "tanh gradient", "sigmoid gradient" ->
            ea + (a + ea) * (2 * b + 1 + eb) * eb + 8 * U * a;
        case "square gradient" -> 2 * (a * eb + b * ea + ea * eb) + 2 * own;
        case "sum" -> sum(in.get(0));
        default -> throw new AssertionError(String.format(Locale.ROOT, "no rule for %s", node));
      };
    }

    private double sum(Node x) {
      double[] value = values.get(x);
      double[] error = errors.get(x);
      double sum = 0;
      for (int i = 0; i < value.length; i++) {
        sum += error[i] + value.length * U * (Math.abs(value[i]) + error[i]);
      }
      return sum;
    }

    private void decide(Node a, Node b, int i) {
      double distance = Math.abs(value(a, i) - value(b, i));
      // the same value twice is no kink of the random kind
      decided &= a == b || distance > error(a, i) + error(b, i);
    }
  }
}
