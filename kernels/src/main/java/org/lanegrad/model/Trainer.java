package org.lanegrad.model;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.lanegrad.Matrix;
import org.lanegrad.check.Check;
import org.lanegrad.graph.Graph;
import org.lanegrad.graph.Node;
import org.lanegrad.graph.Session;
import org.lanegrad.optimizer.GradientClipping;
import org.lanegrad.optimizer.LearningRate;

/**
 * Trains the parameters of a graph: shuffled batches of examples, the gradient of a loss, a step of
 * an optimizer.
 *
 * <pre>{@code
 * Trainer trainer =
 *     Trainer.of(loss)                                  // a number; penalties are part of it
 *         .examples(x, images)                          // a row for each example
 *         .examples(labels, classes)                    // or ints
 *         .batch(64)
 *         .optimizer(Optimizer.of(Adam.standard()), LearningRate.constant(1e-3f))
 *         .seed(1)
 *         .build();
 * trainer.train(10, report -> report.loss() > 0.01);    // ten epochs, or until the loss is small
 * }</pre>
 *
 * <p>The parameters are those that the loss depends on; they are changed where they are, in the
 * matrices that the graph was given. The same seed gives the same bits, from any checkpoint on. A
 * step allocates nothing once it has met the sizes of its batches. One thread.
 */
public final class Trainer {
  private static final long GOLDEN = 0x9e3779b97f4a7c15L;

  private final Node loss;
  private final Optimizer optimizer;
  private final LearningRate rate;
  private final float mostNorm;
  private final long seed;
  private final int batch;
  private final int count;

  private final Session session;
  private final List<Feed> feeds = new ArrayList<>();
  private final Map<String, Matrix> parameters = new LinkedHashMap<>();
  private final Map<String, Matrix> gradients = new LinkedHashMap<>();

  /** One for each array that holds parameters: two may share one. */
  private final List<Companions> companions = new ArrayList<>();

  private final float[][] gradientArrays;
  private final int[] order;
  private long orderOf = -1;
  private long steps;
  private float lastNorm = Float.NaN;

  private Trainer(Builder builder) {
    loss = builder.loss;
    Graph graph = loss.graph();
    optimizer = builder.optimizer;
    rate = builder.rate;
    mostNorm = builder.mostNorm;
    seed = builder.seed;
    count = builder.count();
    batch = Math.min(builder.batch, count);
    Set<Node> reached = reached(loss);
    // in the order in which they were made
    List<Node> found =
        graph.nodes().stream().filter(n -> n.isParameter() && reached.contains(n)).toList();
    if (found.isEmpty()) {
      throw new IllegalArgumentException(loss.name() + " depends on no parameter");
    }
    checkInputs(reached, builder);
    for (Node node : found) {
      check(node);
    }
    checkStateNames();
    // all is checked: from here on the graph grows
    List<Node> gradientNodes = graph.gradient(loss, found.toArray(Node[]::new));
    session = graph.session(loss, gradientNodes);
    IdentityHashMap<float[], Companions> byArray = new IdentityHashMap<>();
    for (int i = 0; i < found.size(); i++) {
      Node node = found.get(i);
      Matrix p = node.value();
      Companions arrays =
          byArray.computeIfAbsent(
              p.array(),
              array -> {
                companions.add(new Companions(array, optimizer.states()));
                return companions.get(companions.size() - 1);
              });
      arrays.ranges.add(new int[] {p.offset(), p.rows() * p.columns()});
      Matrix gradient = like(p, arrays.gradient);
      gradients.put(node.name(), gradient);
      session.bind(gradientNodes.get(i), gradient);
    }
    gradientArrays = companions.stream().map(c -> c.gradient).toArray(float[][]::new);
    builder.feeds.forEach((node, source) -> feeds.add(new Feed(node, source, batch)));
    order = new int[count];
  }

  /** What goes with one array of parameters, element by element. */
  private static final class Companions {
    private final float[] parameters;
    private final float[] gradient;
    private final float[][] states;
    private final List<int[]> ranges = new ArrayList<>();

    Companions(float[] parameters, int states) {
      this.parameters = parameters;
      gradient = new float[parameters.length];
      this.states = new float[states][parameters.length];
    }
  }

  /** The examples of one input, and the places that a batch of them is gathered into. */
  private static final class Feed {
    private final Node node;
    private final Object source;
    private final int perExample;
    private final Matrix[] rows;
    private final int[][] ints;

    Feed(Node node, Object source, int batch) {
      this.node = node;
      this.source = source;
      perExample = node.shape().columns();
      boolean isMatrix = source instanceof Matrix;
      rows = isMatrix ? new Matrix[batch + 1] : null;
      ints = isMatrix ? null : new int[batch + 1][];
    }

    /** Gathers examples and binds them. */
    void feed(Session session, int[] order, int from, int examples) {
      if (source instanceof Matrix all) {
        if (rows[examples] == null) {
          rows[examples] = Matrix.zeros(examples, perExample);
        }
        Matrix batch = rows[examples];
        for (int i = 0; i < examples; i++) {
          int row = order[from + i];
          for (int j = 0; all.columnStep() != 1 && j < perExample; j++) {
            batch.array()[i * perExample + j] = all.array()[all.index(row, j)];
          }
          if (all.columnStep() == 1) {
            System.arraycopy(
                all.array(), all.index(row, 0), batch.array(), i * perExample, perExample);
          }
        }
        session.bind(node, batch);
        return;
      }
      if (ints[examples] == null) {
        ints[examples] = new int[examples * perExample];
      }
      for (int i = 0; i < examples; i++) {
        int at = order[from + i] * perExample;
        System.arraycopy((int[]) source, at, ints[examples], i * perExample, perExample);
      }
      session.bind(node, ints[examples]);
    }
  }

  /** All that a node depends on. */
  private static Set<Node> reached(Node from) {
    Set<Node> seen = new LinkedHashSet<>(List.of(from));
    Deque<Node> open = new ArrayDeque<>(seen);
    while (!open.isEmpty()) {
      for (Node input : open.pop().inputs()) {
        if (seen.add(input)) {
          open.push(input);
        }
      }
    }
    return seen;
  }

  private void checkInputs(Set<Node> reached, Builder builder) {
    for (Node node : reached) {
      if (node.isInput() && !builder.feeds.containsKey(node)) {
        throw new IllegalArgumentException(
            loss.name() + " needs examples for " + node + ", and none are given");
      }
    }
  }

  /** Throws unless a parameter can be trained beside those before it, and adds it to them. */
  private void check(Node node) {
    Matrix p = node.value();
    if (!p.isContiguous()) {
      throw new IllegalArgumentException(
          "the parameter "
              + node.name()
              + ", "
              + p
              + ", has gaps or is transposed, expected its"
              + " elements row after row");
    }
    parameters.forEach(
        (name, other) -> Check.separate("the parameter " + node.name(), name, p.overlaps(other)));
    parameters.put(node.name(), p);
  }

  private void checkStateNames() {
    for (String name : parameters.keySet()) {
      for (int s = 0; s < optimizer.states(); s++) {
        String state = name + Checkpoint.STATE + s;
        if (parameters.containsKey(state)) {
          throw new IllegalArgumentException(
              "a parameter is named " + state + ", which is what a checkpoint names a state");
        }
      }
    }
  }

  private static Matrix like(Matrix p, float[] array) {
    return Matrix.of(array, p.offset(), p.rows(), p.columns(), p.columns());
  }

  /**
   * A trainer of what a loss depends on.
   *
   * @throws IllegalArgumentException if the loss is not one number
   */
  public static Builder of(Node loss) {
    Check.notNull("loss", loss, "a Node");
    if (!loss.shape().isNumber()) {
      throw new IllegalArgumentException("the loss is " + loss + ", expected a number");
    }
    return new Builder(loss);
  }

  /** How many steps are done. */
  public long steps() {
    return steps;
  }

  /** How many steps an epoch has: each example is met once, the last batch may be smaller. */
  public int stepsPerEpoch() {
    return (count - 1) / batch + 1;
  }

  /** How many epochs are done. */
  public long epoch() {
    return steps / stepsPerEpoch();
  }

  /** The parameters that are trained, by name. */
  public Map<String, Matrix> parameters() {
    return Map.copyOf(parameters);
  }

  /**
   * One step on the next batch.
   *
   * @return the loss of the batch before the step
   * @throws IllegalStateException if the loss is NaN or infinite: nothing has been changed, and the
   *     message says which gradient is not finite, if one is
   */
  public float step() {
    int inEpoch = (int) (steps % stepsPerEpoch());
    shuffle(steps / stepsPerEpoch());
    int from = inEpoch * batch;
    int examples = Math.min(batch, count - from);
    for (int i = 0; i < feeds.size(); i++) {
      feeds.get(i).feed(session, order, from, examples);
    }
    float value = session.run().number(loss);
    if (!Float.isFinite(value)) {
      throw new IllegalStateException(
          "the loss of step " + (steps + 1) + " is " + value + notFinite());
    }
    lastNorm = Float.NaN;
    if (mostNorm < Float.POSITIVE_INFINITY) {
      lastNorm = GradientClipping.byNorm(mostNorm, gradientArrays);
    }
    float eta = rate.at((int) Math.min(steps, Integer.MAX_VALUE));
    int t = (int) Math.min(steps + 1, Integer.MAX_VALUE);
    for (int i = 0; i < companions.size(); i++) {
      Companions c = companions.get(i);
      for (int r = 0; r < c.ranges.size(); r++) {
        int[] range = c.ranges.get(r);
        optimizer.kernel().step(eta, t, c.gradient, c.states, c.parameters, range[0], range[1]);
      }
    }
    steps++;
    return value;
  }

  private String notFinite() {
    for (Map.Entry<String, Matrix> gradient : gradients.entrySet()) {
      if (!Float.isFinite(norm(gradient.getValue()))) {
        return ", and the gradient of " + gradient.getKey() + " is not finite";
      }
    }
    return "";
  }

  /** The order of an epoch follows from seed and number alone, so that any step can be resumed. */
  private void shuffle(long epoch) {
    if (epoch == orderOf) {
      return;
    }
    long state = mixed(seed + mixed(epoch));
    for (int i = 0; i < count; i++) {
      state += GOLDEN;
      int j = (int) Math.unsignedMultiplyHigh(mixed(state), i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    orderOf = epoch;
  }

  /**
   * A number's bits, mixed. (G. Steele et al., Fast Splittable Pseudorandom Number Generators,
   * 2014.)
   */
  private static long mixed(long number) {
    long z = (number ^ number >>> 30) * 0xbf58476d1ce4e5b9L;
    z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
    return z ^ z >>> 31;
  }

  /** What an epoch came to. */
  public interface Listener {
    /** Is told of each epoch; returns whether to go on. */
    boolean goOn(Report report);
  }

  /**
   * After an epoch.
   *
   * @param epoch how many are done
   * @param steps how many steps are done
   * @param loss the mean over the epoch's batches, each taken before its step; after a resume in
   *     the middle of an epoch over those since then
   * @param gradientNorms of the last batch, by parameter: where they vanish or explode is seen here
   */
  public record Report(long epoch, long steps, float loss, Map<String, Float> gradientNorms) {}

  /**
   * Trains to the end of so many more epochs, or until the listener has enough.
   *
   * @throws IllegalStateException as {@link #step}
   */
  public void train(int epochs, Listener listener) {
    Check.size("epochs", epochs);
    Check.notNull("listener", listener, "a Listener");
    for (int e = 0; e < epochs; e++) {
      double sum = 0;
      long first = steps;
      do {
        sum += step();
      } while (steps % stepsPerEpoch() != 0);
      float mean = (float) (sum / (steps - first));
      if (!listener.goOn(new Report(epoch(), steps, mean, gradientNorms()))) {
        return;
      }
    }
  }

  /** The same without a listener. */
  public void train(int epochs) {
    train(epochs, report -> true);
  }

  /** ‖∂L/∂p‖ of the latest batch for each parameter, after clipping. */
  public Map<String, Float> gradientNorms() {
    Map<String, Float> norms = new LinkedHashMap<>();
    gradients.forEach((name, gradient) -> norms.put(name, norm(gradient)));
    return norms;
  }

  /** ‖∂L/∂p‖ over all parameters of the latest batch before clipping; NaN if nothing is clipped. */
  public float clippedNorm() {
    return lastNorm;
  }

  private static float norm(Matrix gradient) {
    // in double: where gradients vanish or explode, their squares leave fp32
    double squares = 0;
    for (int i = 0; i < gradient.rows() * gradient.columns(); i++) {
      double v = gradient.array()[gradient.offset() + i];
      squares += v * v;
    }
    return (float) Math.sqrt(squares);
  }

  Map<String, String> settings() {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("optimizer", optimizer.toString());
    settings.put("seed", Long.toString(seed));
    settings.put("batch", Integer.toString(batch));
    settings.put("examples", Integer.toString(count));
    return settings;
  }

  /** All that a checkpoint keeps besides the step: views of what is trained. */
  Map<String, Matrix> state() {
    Map<String, Matrix> state = new LinkedHashMap<>(parameters);
    parameters.forEach(
        (name, p) -> {
          for (Companions c : companions) {
            for (int s = 0; c.parameters == p.array() && s < c.states.length; s++) {
              state.put(name + Checkpoint.STATE + s, like(p, c.states[s]));
            }
          }
        });
    return state;
  }

  void resumeAt(long at) {
    steps = at;
  }

  /** Collects what a trainer needs. */
  public static final class Builder {
    private final Node loss;
    private final Map<Node, Object> feeds = new LinkedHashMap<>();
    private Optimizer optimizer = Optimizer.sgd();
    private LearningRate rate = LearningRate.constant(0.1f);
    private float mostNorm = Float.POSITIVE_INFINITY;
    private long seed;
    private int batch = 64;

    private Builder(Node loss) {
      this.loss = loss;
    }

    /**
     * The examples for an input, a row for each; read, never written.
     *
     * @throws IllegalArgumentException if the node is no input of that many columns
     */
    public Builder examples(Node input, Matrix rows) {
      Check.notNull("rows", rows, "a Matrix");
      return put(input, rows, rows.columns());
    }

    /** The same for an input of ints, as many as its columns for each example. */
    public Builder examples(Node input, int[] values) {
      Check.notNull("values", values, "an int[]");
      Check.notNull("input", input, "a Node");
      int columns = input.shape().columns();
      if (columns == 0 || values.length % columns != 0) {
        throw new IllegalArgumentException(
            values.length + " ints are given for " + input + ", expected a multiple of " + columns);
      }
      return put(input, values, columns);
    }

    private Builder put(Node input, Object source, int columns) {
      Check.notNull("input", input, "a Node");
      if (input.graph() != loss.graph()) {
        throw new IllegalArgumentException(input + " is of another graph than " + loss);
      }
      boolean isInts = input.shape().kind() == org.lanegrad.graph.Shape.Kind.INTS;
      if (!input.isInput()
          || !input.shape().isBatch()
          || input.shape().rows() != 1
          || isInts == source instanceof Matrix) {
        throw new IllegalArgumentException(
            input
                + " can't be fed "
                + (isInts ? "rows of numbers" : "these")
                + ", expected an"
                + " input with a row for each example");
      }
      Check.equal(
          "columns of the examples", columns, "those of " + input.name(), input.shape().columns());
      feeds.put(input, source);
      return this;
    }

    /** How many examples a step takes, 64 unless said; all if there are fewer. */
    public Builder batch(int examples) {
      if (examples < 1) {
        throw new IllegalArgumentException("examples is " + examples + ", expected 1 or more");
      }
      batch = examples;
      return this;
    }

    /** The optimizer and its rate; gradient descent at 0.1 unless said. */
    public Builder optimizer(Optimizer kernel, LearningRate schedule) {
      Check.notNull("kernel", kernel, "an Optimizer");
      Check.notNull("schedule", schedule, "a LearningRate");
      optimizer = kernel;
      rate = schedule;
      return this;
    }

    /** Scales all gradients down to a norm of at most {@code norm}, taken over all together. */
    public Builder clip(float norm) {
      Check.positive("norm", norm);
      mostNorm = norm;
      return this;
    }

    /** What the order of the examples follows from, 0 unless said. */
    public Builder seed(long value) {
      seed = value;
      return this;
    }

    private int count() {
      int count = -1;
      Node first = null;
      for (Map.Entry<Node, Object> feed : feeds.entrySet()) {
        int own =
            feed.getValue() instanceof Matrix rows
                ? rows.rows()
                : ((int[]) feed.getValue()).length / feed.getKey().shape().columns();
        if (count >= 0 && own != count) {
          throw new IllegalArgumentException(
              first.name()
                  + " has "
                  + count
                  + " examples, but "
                  + feed.getKey().name()
                  + " has "
                  + own);
        }
        count = own;
        first = feed.getKey();
      }
      if (count <= 0) {
        throw new IllegalArgumentException("there are no examples to train on");
      }
      return count;
    }

    /**
     * The trainer; its backward pass is added to the graph.
     *
     * @throws IllegalArgumentException if there are no examples, inputs have different numbers of
     *     them, the loss depends on no parameter, or a parameter's elements have gaps
     */
    public Trainer build() {
      return new Trainer(this);
    }
  }
}
