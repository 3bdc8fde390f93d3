package org.lanegrad.verification.gradcheck;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.BiFunction;
import org.lanegrad.Matrix;
import org.lanegrad.graph.Graph;
import org.lanegrad.graph.Node;
import org.lanegrad.graph.Op;
import org.lanegrad.graph.Ops;
import org.lanegrad.graph.Shape;
import org.lanegrad.model.Examples;
import org.lanegrad.model.Trainer;
import org.lanegrad.verification.gradcheck.GradCheckReport.Element;
import org.lanegrad.verification.gradcheck.GradCheckReport.InputReport;
import org.lanegrad.verification.gradcheck.Probe.Kind;
import org.lanegrad.verification.gradcheck.Probe.Reading;

/**
 * Is a gradient the gradient of its function? Against two-sided differences of the function itself,
 * with bounds that follow from the measurement.
 *
 * <pre>{@code
 * GradCheck.floats("my layer", in -> layer.forward(in[0], in[1]), (in, dy) -> layer.backward(in, dy))
 *     .input("x", x, 8, 20)
 *     .input("w", w, 20, 5)
 *     .check()
 *     .assertPasses();
 *
 * GradCheck.of(loss, examples).check().assertPasses();     // a whole network
 * }</pre>
 *
 * <p><b>Steps and bounds.</b> Each element's step follows from its scale and the precision; it is
 * halved twice, and what the differences still move is the error of the step (Richardson). The
 * rounding error of the function is measured. Their sum is the bound, printed beside each
 * comparison; it does not grow with the size of the arrays.
 *
 * <p><b>Kinks.</b> Where the slopes of both sides stay apart however small the step, any value
 * between them is right, and another fails as one at a kink. What this precision can't decide is
 * counted; too much of it fails.
 *
 * <p><b>Large inputs.</b> Up to {@link #elements} elements are looked at one by one; of more, some
 * are, and all of them together: along directions of random signs over blocks. A single wrong
 * element moves each direction by all of its error, and a block that fails is halved until it is
 * found. Of an error that is spread over a block, one element of which is off by more than eight
 * times the block's bound, each direction misses it with a probability of at most ½.
 *
 * <p><b>Contract.</b> The function must not write to its inputs or to the upstream gradient, and
 * must give the same results for the same inputs, whatever was called before; a gradient must be
 * there for each input, of its length, and finite. What breaks this is a fault of its own.
 */
public final class GradCheck {
  private static final int DIRECTIONS = 4;
  private static final int BLOCKS = 16;
  private static final int SAMPLED = 40;
  private static final int SHOWN = 5;

  /**
   * Many elements that are off together, and none alone: kinks of hidden units do that up to some
   * times the bound, an error that is spread over a block does far more.
   */
  private static final double TOGETHER = 8;

  /** A loss of size 1 in fp32 beside slopes of 1e-3, with kinks of hidden units in each step. */
  private static final double UNDECIDED_OF_NETWORKS = 0.3;

  private static final int MOST_FOUND = 16;
  private static final int ASKED = 16;

  private final String name;
  private final Target target;
  private final List<String> names = new ArrayList<>();
  private final List<double[]> values = new ArrayList<>();
  private final List<int[]> shapes = new ArrayList<>();
  private final Set<Integer> counts = new LinkedHashSet<>();
  private double[] givenUpstream;
  private BiFunction<double[][], double[][], double[]> jvp;
  private double fixedStep;
  private double mostUndecided = 0.05;
  private int elements = 1000;
  private long seed = 1;
  private String onlyInput;
  private int onlyIndex;

  private GradCheck(String name, Target target) {
    if (name == null) {
      throw new NullPointerException("name is null, expected a String");
    }
    this.name = name;
    this.target = target;
  }

  /** Several outputs of several inputs, in fp32. */
  @FunctionalInterface
  public interface FloatForward {
    /** The outputs. */
    float[][] run(float[][] inputs);
  }

  /** Its gradient. */
  @FunctionalInterface
  public interface FloatBackward {
    /** The gradient of ⟨upstream, outputs⟩ by each input; called after forward at these inputs. */
    float[][] run(float[][] inputs, float[][] upstream);
  }

  /** One output of several inputs, in fp32. */
  @FunctionalInterface
  public interface FloatFunction {
    /** The output. */
    float[] run(float[][] inputs);
  }

  /** Its gradient. */
  @FunctionalInterface
  public interface FloatGradient {
    /** The gradient by each input. */
    float[][] run(float[][] inputs, float[] upstream);
  }

  /** One output of several inputs, in double. */
  @FunctionalInterface
  public interface DoubleForward {
    /** The output. */
    double[] run(double[][] inputs);
  }

  /** Its gradient. */
  @FunctionalInterface
  public interface DoubleBackward {
    /** The gradient of ⟨upstream, output⟩ by each input. */
    double[][] run(double[][] inputs, double[] upstream);
  }

  /** Of a function over floats with one output. */
  public static GradCheck floats(String name, FloatFunction forward, FloatGradient backward) {
    present("forward", forward);
    present("backward", backward);
    return floatsOfMany(
        name, in -> new float[][] {forward.run(in)}, (in, up) -> backward.run(in, up[0]));
  }

  /** Of a function over floats with several outputs. */
  public static GradCheck floatsOfMany(String name, FloatForward forward, FloatBackward backward) {
    present("forward", forward);
    present("backward", backward);
    return new GradCheck(name, Target.floats(forward, backward));
  }

  /** Of a function over doubles. */
  public static GradCheck doubles(String name, DoubleForward forward, DoubleBackward backward) {
    present("forward", forward);
    present("backward", backward);
    return new GradCheck(name, Target.doubles(forward, backward));
  }

  /**
   * Of a node by the parameters that it depends on, for some examples (at most 8 of them: those
   * that come first), at values a hundredth away from theirs. The backward pass is added to the
   * graph.
   */
  public static GradCheck of(Node output, Examples examples) {
    present("output", output);
    present("examples", examples);
    return of(output.name(), List.of(output), examples);
  }

  private static GradCheck of(String name, List<Node> outputs, Examples examples) {
    GraphTarget graph = new GraphTarget(outputs, examples);
    GradCheck check = new GradCheck(name, graph);
    check.mostUndecided = UNDECIDED_OF_NETWORKS;
    graph
        .parameters()
        .forEach(
            (p, at) -> {
              double[] values = graph.values(at);
              if (examples != null) {
                moveOffKinks(values, p.hashCode());
              }
              check.add(p, values, at.rows(), at.columns());
            });
    return check;
  }

  /**
   * Adds a hundredth of their size, at random: fresh biases are 0, and where an example is 0 as
   * well all hidden units stand on their kinks at once.
   */
  private static void moveOffKinks(double[] values, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double size = Math.sqrt(Arrays.stream(values).map(v -> v * v).average().orElse(0));
    double step = size > 0 ? size / 100 : 0.01;
    Arrays.setAll(values, i -> (float) (values[i] + step * random.nextDouble(-1, 1)));
  }

  /** Of an op of a graph, all its outputs that are numbers, at some inputs. */
  public static GradCheck of(Op op, Matrix... at) {
    present("op", op);
    Graph graph = new Graph();
    Node[] inputs = new Node[at.length];
    Arrays.setAll(inputs, i -> graph.parameter("input " + i, at[i]));
    Node first = graph.apply(op, inputs);
    List<Node> outputs =
        graph.nodes().stream()
            .filter(node -> node.op() == op && node.inputs().equals(first.inputs()))
            .filter(node -> node.shape().kind() == Shape.Kind.FLOATS)
            .toList();
    return of(op.name(), outputs, null);
  }

  /**
   * Of the gradient of a number itself: whether ∇⟨∇L, v⟩, the Hessian times a random v, is the
   * gradient of ⟨∇L, v⟩. Both passes are added to the graph.
   */
  public static GradCheck secondOrder(Node loss, Examples examples) {
    present("loss", loss);
    Graph graph = loss.graph();
    List<Node> parameters = graph.nodes().stream().filter(Node::isParameter).toList();
    List<Node> slopes = graph.gradient(loss, parameters.toArray(Node[]::new));
    SplittableRandom random = new SplittableRandom(parameters.size());
    Node sum = null;
    for (int k = 0; k < slopes.size(); k++) {
      Matrix v = Matrix.zeros(slopes.get(k).shape().rows(), slopes.get(k).shape().columns());
      for (int i = 0; i < v.array().length; i++) {
        v.array()[i] = random.nextBoolean() ? 1 : -1;
      }
      String name = "direction of " + parameters.get(k).name() + " in " + graph.nodes().size();
      Node part = Ops.dot(slopes.get(k), graph.constant(name, v));
      sum = sum == null ? part : Ops.add(sum, part);
    }
    return of("⟨∇" + loss.name() + ", v⟩", List.of(sum), examples);
  }

  /** Of what a trainer is about to train, on its first examples: loss and parameters. */
  public static GradCheck of(Trainer trainer) {
    present("trainer", trainer);
    return of(trainer.loss(), trainer.examples());
  }

  private static void present(String name, Object argument) {
    if (argument == null) {
      throw new NullPointerException(name + " is null");
    }
  }

  /** An input and where it is checked; the array is copied. */
  public GradCheck input(String inputName, float[] at) {
    return input(inputName, at, 1, at.length);
  }

  /** The same for a matrix, row by row: a gradient that is transposed can be told by its shape. */
  public GradCheck input(String inputName, float[] at, int rows, int columns) {
    double[] copy = new double[at.length];
    Arrays.setAll(copy, i -> at[i]);
    return add(inputName, copy, rows, columns);
  }

  /** The same in double. */
  public GradCheck input(String inputName, double[] at) {
    return add(inputName, at.clone(), 1, at.length);
  }

  /** The same in double for a matrix. */
  public GradCheck input(String inputName, double[] at, int rows, int columns) {
    return add(inputName, at.clone(), rows, columns);
  }

  private GradCheck add(String inputName, double[] at, int rows, int columns) {
    present("inputName", inputName);
    if (names.contains(inputName)) {
      throw new IllegalArgumentException("there are two inputs " + inputName);
    }
    if ((long) rows * columns != at.length || at.length == 0) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%s has %d elements, expected %d × %d, and one at least",
              inputName,
              at.length,
              rows,
              columns));
    }
    for (int i = 0; i < at.length; i++) {
      if (!Double.isFinite(at[i])) {
        throw new IllegalArgumentException(
            inputName + "[" + i + "] is " + at[i] + ": there is no step from it");
      }
    }
    names.add(inputName);
    values.add(at);
    shapes.add(new int[] {rows, columns});
    counts.addAll(List.of(rows, columns));
    return this;
  }

  /**
   * A forward mode of the same function, which must agree: ⟨upstream, J·v⟩ = ⟨Jᵀ·upstream, v⟩.
   *
   * @param product J·v of the inputs and a direction for each, all outputs one after the other
   */
  public GradCheck jvp(BiFunction<double[][], double[][], double[]> product) {
    present("product", product);
    jvp = product;
    return this;
  }

  /** The upstream gradient, all outputs one after the other; random unless said. */
  public GradCheck upstream(double... gradient) {
    givenUpstream = gradient.clone();
    return this;
  }

  /** One absolute step for all elements, as 1e-4, instead of one that follows from each. */
  public GradCheck step(double step) {
    if (!(step > 0 && step < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("step is " + step + ", expected a positive number");
    }
    fixedStep = step;
    return this;
  }

  /** What upstream gradient, directions and samples follow from; 1 unless said. */
  public GradCheck seed(long value) {
    seed = value;
    return this;
  }

  /** Up to how many elements of an input are looked at one by one; 1,000 unless said. */
  public GradCheck elements(int most) {
    if (most < 1) {
      throw new IllegalArgumentException("most is " + most + ", expected 1 or more");
    }
    elements = most;
    return this;
  }

  /** Which share of the points may be undecidable; 0.05 unless said, 0.3 of networks. */
  public GradCheck undecided(double most) {
    if (!(most >= 0 && most <= 1)) {
      throw new IllegalArgumentException("most is " + most + ", expected 0 … 1");
    }
    mostUndecided = most;
    return this;
  }

  /** Looks at one element alone: what a report prints to see a failure again. */
  public GradCheck only(String inputName, int index) {
    int v = names.indexOf(inputName);
    if (v < 0 || index < 0 || index >= values.get(v).length) {
      throw new IllegalArgumentException(
          inputName + "[" + index + "] is no element of the inputs " + names);
    }
    onlyInput = inputName;
    onlyIndex = index;
    return this;
  }

  /** Runs the check. */
  public GradCheckReport check() {
    if (names.isEmpty()) {
      throw new IllegalStateException("there is no input, expected one at least");
    }
    List<String> faults = new ArrayList<>();
    List<InputReport> reports = new ArrayList<>();
    try {
      run(faults, reports);
    } catch (GradCheckFault fault) {
      String text = fault.getMessage();
      for (int v = 0; v < names.size(); v++) {
        text = text.replace("{" + v + "}", names.get(v));
      }
      faults.add(text);
    }
    return new GradCheckReport(name, reports, faults, target.notes(), mostUndecided, seed);
  }

  private void run(List<String> faults, List<InputReport> reports) {
    double[][] inputs = values.toArray(double[][]::new);
    double[] y = target.forward(inputs);
    requireOutputs(y, target.forward(inputs));
    double[] upstream = upstream(y.length);
    double[][] gradients = gradients(inputs, upstream);
    requireSame(gradients, gradients(inputs, upstream), "backward, called twice,");
    counts.add(y.length);
    SplittableRandom random = new SplittableRandom(seed);
    Probe probe = new Probe(target, inputs, upstream, y, gradients, fixedStep, random.split());
    for (int v = 0; v < inputs.length; v++) {
      SplittableRandom own = random.split();
      if (onlyInput == null || names.get(v).equals(onlyInput)) {
        reports.add(new Search(probe, v, gradients[v], own).run());
      }
    }
    if (jvp != null) {
      requireForwardMode(inputs, upstream, gradients, random);
    }
    target.forward(inputs);
    try {
      requireSame(
          gradients, gradients(inputs, upstream), "backward, after calls with other inputs,");
    } catch (GradCheckFault fault) {
      faults.add(fault.getMessage());
    }
  }

  private void requireForwardMode(
      double[][] inputs, double[] upstream, double[][] gradients, SplittableRandom random) {
    double[][] direction = new double[inputs.length][];
    double reverse = 0;
    double sizes = 0;
    for (int v = 0; v < inputs.length; v++) {
      direction[v] = new double[inputs[v].length];
      for (int i = 0; i < direction[v].length; i++) {
        direction[v][i] = random.nextBoolean() ? 1 : -1;
        reverse += gradients[v][i] * direction[v][i];
        sizes += Math.abs(gradients[v][i]);
      }
    }
    double[] moved = jvp.apply(inputs, direction);
    double forward = 0;
    for (int i = 0; i < upstream.length; i++) {
      forward += upstream[i] * moved[i];
      sizes += Math.abs(upstream[i] * moved[i]);
    }
    double allowed = 16 * target.unit() * sizes;
    if (!(Math.abs(forward - reverse) <= allowed)) {
      throw new GradCheckFault(
          String.format(
              Locale.ROOT,
              "forward and reverse mode disagree: ⟨upstream, J·v⟩ is %.9g and ⟨Jᵀ·upstream, v⟩ %.9g,"
                  + " off by %.3g, allowed %.3g",
              forward,
              reverse,
              Math.abs(forward - reverse),
              allowed));
    }
  }

  private static void requireOutputs(double[] y, double[] again) {
    if (y.length == 0) {
      throw new GradCheckFault("forward has no outputs: nothing can be checked");
    }
    for (int i = 0; i < y.length; i++) {
      if (!Double.isFinite(y[i])) {
        throw new GradCheckFault("output[" + i + "] is " + y[i] + ": it has no slope");
      }
    }
    if (!Arrays.equals(y, again)) {
      throw new GradCheckFault("forward, called twice, gives two results");
    }
  }

  private double[] upstream(int length) {
    if (givenUpstream != null) {
      if (givenUpstream.length != length) {
        throw new IllegalArgumentException(
            "the upstream gradient has "
                + givenUpstream.length
                + " elements, and the outputs "
                + length);
      }
      return givenUpstream.clone();
    }
    double[] upstream = new double[length];
    SplittableRandom random = new SplittableRandom(~seed);
    // none of them 1, none near 0: a factor that is forgotten shows
    Arrays.setAll(
        upstream, i -> (float) (random.nextDouble(0.5, 1.5) * (random.nextBoolean() ? 1 : -1)));
    return upstream;
  }

  private double[][] gradients(double[][] inputs, double[] upstream) {
    double[][] gradients = target.backward(inputs, upstream);
    if (gradients.length != inputs.length) {
      throw new GradCheckFault(
          "backward returned "
              + gradients.length
              + " gradients, expected one for each of "
              + names);
    }
    for (int v = 0; v < inputs.length; v++) {
      if (gradients[v] == null) {
        throw new GradCheckFault("the gradient of " + names.get(v) + " is null");
      }
      if (gradients[v].length != inputs[v].length) {
        throw new GradCheckFault(
            "the gradient of "
                + names.get(v)
                + " has "
                + gradients[v].length
                + " elements, expected "
                + inputs[v].length);
      }
      for (int i = 0; i < gradients[v].length; i++) {
        if (!Double.isFinite(gradients[v][i])) {
          throw new GradCheckFault(
              "the gradient of " + names.get(v) + "[" + i + "] is " + gradients[v][i]);
        }
      }
    }
    return gradients;
  }

  private void requireSame(double[][] first, double[][] again, String when) {
    for (int v = 0; v < first.length; v++) {
      boolean isTwice = true;
      int different = -1;
      for (int i = 0; i < first[v].length; i++) {
        isTwice &= again[v][i] == 2 * first[v][i];
        different = different < 0 && again[v][i] != first[v][i] ? i : different;
      }
      if (different >= 0) {
        throw new GradCheckFault(
            String.format(
                Locale.ROOT,
                "%s gives another gradient of %s[%d]: %.9g, and %.9g before%s",
                when,
                names.get(v),
                different,
                again[v][different],
                first[v][different],
                isTwice ? "; it looks accumulated instead of overwritten" : ""));
      }
    }
  }

  /** One input: elements one by one, or directions over blocks of them, down to the guilty one. */
  private final class Search {
    private final Probe probe;
    private final int variable;
    private final double[] gradient;
    private final SplittableRandom random;
    private final Map<Integer, Reading> readings = new TreeMap<>();
    private final List<Element> found = new ArrayList<>();
    private final Map<Kind, Integer> kinds = new EnumMap<>(Kind.class);
    private int blocks;

    Search(Probe probe, int variable, double[] gradient, SplittableRandom random) {
      this.probe = probe;
      this.variable = variable;
      this.gradient = gradient;
      this.random = random;
    }

    InputReport run() {
      int size = gradient.length;
      if (onlyInput != null) {
        element(onlyIndex);
      } else if (size <= elements) {
        for (int i = 0; i < size; i++) {
          element(i);
        }
      } else {
        int sampled = Math.min(SAMPLED, elements);
        element(0);
        element(size - 1);
        for (int s = 2; s < sampled; s++) {
          element(random.nextInt(size));
        }
        int each = Math.max(2, (size + BLOCKS - 1) / BLOCKS);
        for (int from = 0; from < size; from += each) {
          block(from, Math.min(each, size - from));
        }
      }
      return report();
    }

    private Reading element(int index) {
      Reading known = readings.get(index);
      if (known != null) {
        return known;
      }
      double scale = probe.scale(variable, index);
      Reading reading = probe.read(variable, index, new double[] {scale}).over(scale);
      readings.put(index, reading);
      kinds.merge(reading.kind(), 1, Integer::sum);
      return reading;
    }

    private void block(int from, int count) {
      for (int k = 0; k < DIRECTIONS; k++) {
        Reading reading = along(from, count);
        blocks++;
        kinds.merge(reading.kind(), 1, Integer::sum);
        if (!reading.passes()) {
          if (found.size() < MOST_FOUND) {
            bisect(from, count, reading);
          }
          return;
        }
      }
    }

    private Reading along(int from, int count) {
      return probe.read(variable, from, probe.signs(variable, from, count, random));
    }

    /** Finds the elements that a range fails for. */
    private void bisect(int from, int count, Reading failed) {
      if (count == 1) {
        element(from);
        return;
      }
      boolean isFound = false;
      int half = count / 2;
      for (int part = 0; part < 2; part++) {
        int start = part == 0 ? from : from + half;
        int length = part == 0 ? half : count - half;
        Reading reading =
            length == 1 ? element(start) : worse(along(start, length), along(start, length));
        if (!reading.passes() && readings.size() < SAMPLED + 2 * MOST_FOUND) {
          isFound = true;
          bisect(start, length, reading);
        }
      }
      if (isFound) {
        return;
      }
      if (failed.error() > TOGETHER * failed.allowed() && !hasKinks(from, count)) {
        found.add(shown(from, count, failed));
      } else {
        kinds.merge(Kind.UNDECIDED, 1, Integer::sum);
      }
    }

    /**
     * Whether elements of a range stand on kinks, as some of them say: across several a direction
     * may have a slope that is neither that of one side nor the gradient.
     */
    private boolean hasKinks(int from, int count) {
      int asked = Math.min(ASKED, count);
      for (int k = 0; k < asked; k++) {
        if (element(from + (int) ((long) count * k / asked)).kind() == Kind.KINK) {
          return true;
        }
      }
      return false;
    }

    private Reading worse(Reading a, Reading b) {
      return a.error() / a.allowed() >= b.error() / b.allowed() ? a : b;
    }

    private InputReport report() {
      List<Element> all = new ArrayList<>(found);
      readings.forEach((index, reading) -> all.add(shown(index, 1, reading)));
      all.sort((a, b) -> Double.compare(b.ratio(), a.ratio()));
      List<Element> failing = all.stream().filter(e -> !e.passes()).toList();
      int[] shape = shapes.get(variable);
      return new InputReport(
          names.get(variable),
          gradient.length,
          kinds.getOrDefault(Kind.SMOOTH, 0),
          kinds.getOrDefault(Kind.KINK, 0),
          kinds.getOrDefault(Kind.UNDECIDED, 0),
          blocks,
          all.isEmpty() ? null : all.get(0),
          failing.subList(0, Math.min(SHOWN, failing.size())),
          failing.size(),
          new Suspicion(gradient, shape[0], shape[1], counts, readings).text());
    }

    private Element shown(int index, int count, Reading r) {
      double ulp = target.unit() > 0x1p-30 ? Math.ulp((float) r.numeric()) : Math.ulp(r.numeric());
      return new Element(
          index,
          count,
          r.analytic(),
          r.low(),
          r.high(),
          r.allowed(),
          r.kind().name().toLowerCase(Locale.ROOT),
          r.error() / ulp);
    }
  }
}
