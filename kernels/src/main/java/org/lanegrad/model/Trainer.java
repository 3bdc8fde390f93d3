package org.lanegrad.model;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import org.lanegrad.Matrix;
import org.lanegrad.check.Check;
import org.lanegrad.graph.Graph;
import org.lanegrad.graph.Node;
import org.lanegrad.graph.Session;
import org.lanegrad.optimizer.GradientClipping;
import org.lanegrad.optimizer.LearningRate;
import org.lanegrad.reduction.Reductions;

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
 * step on one thread allocates nothing once it has met the sizes of its batches.
 *
 * <p>One thread, unless the builder's {@link Builder#parts} says otherwise: then a batch is dealt
 * out in so many parts, which any number of threads may compute, and the bits depend on the number
 * of parts, not on that of threads.
 */
public final class Trainer {
  private static final long GOLDEN = 0x9e3779b97f4a7c15L;

  /**
   * Of the largest part's loss: a hundred roundings. A sum, or statistics of a batch, differ by
   * more, beside a large penalty as well.
   */
  private static final double MEAN_TOLERANCE = 1e-5;

  private final Node loss;
  private final Optimizer optimizer;
  private final LearningRate rate;
  private final float mostNorm;
  private final long seed;
  private final int batch;
  private final int count;

  private final Examples examples;
  private final Executor executor;
  private final Part[] parts;
  private final SharedWork work = new SharedWork();
  private final SharedWork.Part compute = this::compute;
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
    List<Node> reached = graph.reached(true, loss);
    List<Node> found = reached.stream().filter(Node::isParameter).toList();
    if (found.isEmpty()) {
      throw new IllegalArgumentException(loss.name() + " depends on no parameter");
    }
    checkInputs(reached, builder);
    for (Node node : found) {
      check(node);
    }
    checkStateNames();
    examples = builder.examples;
    executor = builder.executor;
    order = new int[count];
    int dealt = Math.min(builder.parts, batch);
    if (dealt > 1) {
      checkIsMean(builder.examples, dealt);
    }
    // all is checked: from here on the graph grows
    List<Node> gradientNodes = graph.gradient(loss, found.toArray(Node[]::new));
    IdentityHashMap<float[], Companions> byArray = new IdentityHashMap<>();
    for (Node node : found) {
      Matrix p = node.value();
      Companions arrays =
          byArray.computeIfAbsent(
              p.array(),
              array -> {
                companions.add(new Companions(array, optimizer.states()));
                return companions.get(companions.size() - 1);
              });
      arrays.ranges.add(new int[] {p.offset(), p.rows() * p.columns()});
      gradients.put(node.name(), like(p, arrays.gradient));
    }
    gradientArrays = companions.stream().map(c -> c.gradient).toArray(float[][]::new);
    parts = new Part[dealt];
    for (int k = 0; k < dealt; k++) {
      Session session = graph.session(loss, gradientNodes);
      float[][] own =
          k == 0
              ? gradientArrays
              : companions.stream().map(c -> new float[c.gradient.length]).toArray(float[][]::new);
      for (int i = 0; i < found.size(); i++) {
        Matrix p = found.get(i).value();
        session.bind(
            gradientNodes.get(i), like(p, own[companions.indexOf(byArray.get(p.array()))]));
      }
      parts[k] = new Part(session, builder.examples.feeder(graph, batch), builder.draws(), own);
    }
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

  /** Computes loss and gradients of some examples of a batch. */
  private static final class Part {
    private final Session session;
    private final Examples.Feeder feeder;
    private final Node[] draws;
    private final int[][][] drawn;
    private final float[][] gradients;
    private int first;
    private int examples;
    private float loss;

    Part(Session session, Examples.Feeder feeder, Node[] draws, float[][] gradients) {
      this.session = session;
      this.feeder = feeder;
      this.draws = draws;
      this.gradients = gradients;
      drawn = new int[draws.length][][];
    }

    void feed(int[] order, int most, long random) {
      feeder.feed(session, order, first, examples);
      for (int k = 0; k < draws.length; k++) {
        int columns = draws[k].shape().columns();
        drawn[k] = drawn[k] == null ? new int[most + 1][] : drawn[k];
        if (drawn[k][examples] == null) {
          drawn[k][examples] = new int[examples * columns];
        }
        int[] values = drawn[k][examples];
        for (int i = 0; i < values.length; i++) {
          values[i] = (int) mixed(random + GOLDEN * ((long) first * columns + i) + k);
        }
        session.bind(draws[k], values);
      }
    }
  }

  private void checkInputs(List<Node> reached, Builder builder) {
    for (Node node : builder.draws) {
      if (builder.examples.has(node)) {
        throw new IllegalArgumentException(
            node + " is given examples and draws, expected one of them");
      }
    }
    for (Node node : reached) {
      if (node.isInput() && !builder.examples.has(node) && !builder.draws.contains(node)) {
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

  /** What is trained. */
  public Node loss() {
    return loss;
  }

  /** What it is trained on. */
  public Examples examples() {
    return examples;
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
    return Collections.unmodifiableMap(parameters);
  }

  /**
   * One step on the next batch.
   *
   * @return the loss of the batch before the step
   * @throws IllegalStateException if the loss or a gradient is NaN or infinite: no parameter has
   *     been changed, and the message says which gradient it is; or if a part failed on another
   *     thread, with its cause
   */
  public float step() {
    int inEpoch = (int) (steps % stepsPerEpoch());
    shuffle(steps / stepsPerEpoch());
    int from = inEpoch * batch;
    int examples = Math.min(batch, count - from);
    float value = run(from, examples);
    if (!Float.isFinite(value) || !areGradientsFinite()) {
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

  /** Loss and gradients of a batch: the means over its examples, from those over each part's. */
  private float run(int from, int examples) {
    int dealt = Math.min(parts.length, examples);
    for (int k = 0; k < dealt; k++) {
      int start = (int) ((long) examples * k / dealt);
      parts[k].first = from + start;
      parts[k].examples = (int) ((long) examples * (k + 1) / dealt) - start;
    }
    if (dealt == 1) {
      compute(0);
      return parts[0].loss;
    }
    if (executor == null) {
      for (int k = 0; k < dealt; k++) {
        compute(k);
      }
    } else {
      work.run(dealt, executor, compute);
    }
    double sum = 0;
    for (int k = 0; k < dealt; k++) {
      float share = parts[k].examples / (float) examples;
      sum += (double) parts[k].loss * parts[k].examples;
      for (int a = 0; a < gradientArrays.length; a++) {
        addShare(share, parts[k].gradients[a], gradientArrays[a], k > 0);
      }
    }
    return (float) (sum / examples);
  }

  private void compute(int number) {
    Part part = parts[number];
    part.feed(order, batch, mixed(seed + mixed(~steps)));
    part.loss = part.session.run().number(loss);
  }

  /** to = share · from, or to + share · from. */
  private static void addShare(float share, float[] from, float[] to, boolean isMore) {
    if (!isMore) {
      for (int i = 0; i < to.length; i++) {
        to[i] = share * from[i];
      }
      return;
    }
    for (int i = 0; i < to.length; i++) {
      to[i] += share * from[i];
    }
  }

  /** Throws unless the loss of a batch is the mean over that of its parts, but for rounding. */
  private void checkIsMean(Examples examples, int dealt) {
    Evaluation whole = Evaluation.loss(loss, examples, batch);
    double together = whole.value(0, batch);
    double sum = 0;
    double largest = Math.abs(together);
    for (int k = 0; k < dealt; k++) {
      int first = (int) ((long) batch * k / dealt);
      int length = (int) ((long) batch * (k + 1) / dealt) - first;
      double part = whole.value(first, length);
      sum += part * length;
      largest = Math.max(largest, Math.abs(part));
    }
    double apart = sum / batch;
    if (Math.abs(together - apart) > MEAN_TOLERANCE * largest) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%s of %d examples is %.9g, but its mean over %d parts is %.9g: only a loss that is a"
                  + " mean over the examples can be computed in parts",
              loss.name(),
              batch,
              together,
              dealt,
              apart));
    }
  }

  /** By the sums of their squares, and where such a sum is not finite element by element. */
  private boolean areGradientsFinite() {
    for (float[] gradient : gradientArrays) {
      float squares = Reductions.dot(gradient, 0, gradient, 0, gradient.length);
      if (!Float.isFinite(squares) && !isFinite(gradient, 0, gradient.length)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isFinite(float[] values, int from, int length) {
    for (int i = from; i < from + length; i++) {
      if (!Float.isFinite(values[i])) {
        return false;
      }
    }
    return true;
  }

  private String notFinite() {
    for (Map.Entry<String, Matrix> gradient : gradients.entrySet()) {
      Matrix g = gradient.getValue();
      if (!isFinite(g.array(), g.offset(), g.rows() * g.columns())) {
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
   * @param zeroGradients which share of the elements of each gradient was 0 in the last batch: in a
   *     layer's bias that of units that were dead for all examples
   */
  public record Report(
      long epoch,
      long steps,
      float loss,
      Map<String, Float> gradientNorms,
      Map<String, Float> zeroGradients) {}

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
      if (!listener.goOn(new Report(epoch(), steps, mean, gradientNorms(), zeroGradients()))) {
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

  /** Which share of the elements of ∂L/∂p was 0 in the latest batch, for each parameter. */
  public Map<String, Float> zeroGradients() {
    Map<String, Float> shares = new LinkedHashMap<>();
    gradients.forEach(
        (name, gradient) -> {
          int size = gradient.rows() * gradient.columns();
          int zeros = 0;
          for (int i = 0; i < size; i++) {
            zeros += gradient.array()[gradient.offset() + i] == 0 ? 1 : 0;
          }
          shares.put(name, size == 0 ? 0 : zeros / (float) size);
        });
    return shares;
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
    if (parts.length > 1) {
      settings.put("parts", Integer.toString(parts.length));
    }
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
    private final Set<Node> draws = new LinkedHashSet<>();
    private Examples examples;
    private Executor executor;
    private int parts = 1;
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
     * @throws IllegalArgumentException as {@link Examples#of}
     */
    public Builder examples(Node input, Matrix rows) {
      return examples(examples == null ? Examples.of(input, rows) : examples.and(input, rows));
    }

    /** The same for an input of ints, as many as its columns for each example. */
    public Builder examples(Node input, int[] values) {
      return examples(examples == null ? Examples.of(input, values) : examples.and(input, values));
    }

    /**
     * The examples of all inputs.
     *
     * @throws IllegalArgumentException if they are of another graph, or there are none
     */
    public Builder examples(Examples all) {
      Check.notNull("all", all, "Examples");
      Node other = all.anyInput();
      if (other.graph() != loss.graph()) {
        throw new IllegalArgumentException(other + " is of another graph than " + loss);
      }
      examples = all;
      return this;
    }

    /**
     * An input of ints that gets new random bits for each example and step, from the seed: what
     * {@link org.lanegrad.graph.Ops#dropout} reads.
     *
     * @throws IllegalArgumentException if it is no input of ints, a row for each example
     */
    public Builder draws(Node input) {
      Examples.checkInput(input, true);
      if (input.graph() != loss.graph()) {
        throw new IllegalArgumentException(input + " is of another graph than " + loss);
      }
      draws.add(input);
      return this;
    }

    private Node[] draws() {
      return draws.toArray(Node[]::new);
    }

    /**
     * Deals each batch out in so many parts, whose gradients are added in order: the bits depend on
     * this number. The loss must be a mean over the examples, as those of this library are;
     * penalties may be added to it.
     *
     * @param count how many, 1 or more
     * @param threads runs them beside this thread, in any number of threads; null for this one
     *     alone
     */
    public Builder parts(int count, Executor threads) {
      if (count < 1) {
        throw new IllegalArgumentException("count is " + count + ", expected 1 or more");
      }
      parts = count;
      executor = threads;
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
      if (examples == null || examples.count() == 0) {
        throw new IllegalArgumentException("there are no examples to train on");
      }
      return examples.count();
    }

    /**
     * The trainer; its backward pass is added to the graph.
     *
     * @throws IllegalArgumentException if there are no examples, the loss depends on no parameter,
     *     a parameter's elements have gaps, or the loss is no mean and is to be computed in parts
     */
    public Trainer build() {
      return new Trainer(this);
    }
  }
}
