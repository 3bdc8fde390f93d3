package org.lanegrad.model;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.lanegrad.Matrix;
import org.lanegrad.check.Check;
import org.lanegrad.graph.Graph;
import org.lanegrad.graph.Node;
import org.lanegrad.graph.Session;
import org.lanegrad.graph.Shape;

/**
 * What a graph's inputs are fed while it is trained or tried: a row of a matrix, or so many ints,
 * for each example. The data are the caller's, read and never written.
 *
 * <pre>{@code
 * Examples all = Examples.of(x, images).and(labels, classes);
 * Examples.Split split = all.split(0.8, 1);        // shuffled by a seed
 * trainer.examples(split.first());
 * Evaluation.accuracy(logits, labels, split.rest());
 * }</pre>
 */
public final class Examples {
  private final Map<Node, Object> sources;

  /** The examples that are meant, of those that the sources hold. */
  private final int[] chosen;

  private Examples(Map<Node, Object> sources, int[] chosen) {
    this.sources = sources;
    this.chosen = chosen;
  }

  /**
   * Rows for an input.
   *
   * @throws IllegalArgumentException if the node is no input of that many columns
   */
  public static Examples of(Node input, Matrix rows) {
    checkRows(input, rows);
    return new Examples(Map.of(input, rows), every(rows.rows()));
  }

  /** The same for an input of ints, as many as its columns for each example. */
  public static Examples of(Node input, int[] values) {
    return new Examples(Map.of(input, values), every(checkInts(input, values)));
  }

  /**
   * The same examples with rows for one more input.
   *
   * @throws IllegalArgumentException if the node is no input of that many columns or of another
   *     graph, or there are not as many rows as examples
   */
  public Examples and(Node input, Matrix rows) {
    checkRows(input, rows);
    return with(input, rows, rows.rows());
  }

  /** The same for an input of ints. */
  public Examples and(Node input, int[] values) {
    return with(input, values, checkInts(input, values));
  }

  private Examples with(Node input, Object source, int own) {
    Node first = sources.keySet().iterator().next();
    if (input.graph() != first.graph()) {
      throw new IllegalArgumentException(input + " is of another graph than " + first);
    }
    if (own != chosen.length) {
      throw new IllegalArgumentException(
          first.name()
              + " has "
              + chosen.length
              + " examples, but "
              + input.name()
              + " has "
              + own);
    }
    Map<Node, Object> more = new LinkedHashMap<>(sources);
    more.put(input, source);
    return new Examples(more, chosen);
  }

  private static int[] every(int count) {
    int[] all = new int[count];
    Arrays.setAll(all, i -> i);
    return all;
  }

  private static void checkRows(Node input, Matrix rows) {
    Check.notNull("rows", rows, "a Matrix");
    checkInput(input, false);
    Check.equal(
        "columns of the examples", rows.columns(), "those of " + input.name(), columns(input));
  }

  private static int checkInts(Node input, int[] values) {
    Check.notNull("values", values, "an int[]");
    checkInput(input, true);
    int columns = columns(input);
    if (columns == 0 || values.length % columns != 0) {
      throw new IllegalArgumentException(
          values.length + " ints are given for " + input + ", expected a multiple of " + columns);
    }
    return values.length / columns;
  }

  private static int columns(Node input) {
    return input.shape().columns();
  }

  /** Throws unless a node is fed a row of numbers, or of ints, for each example. */
  static void checkInput(Node input, boolean ints) {
    Check.notNull("input", input, "a Node");
    Shape shape = input.shape();
    boolean isInts = shape.kind() == Shape.Kind.INTS;
    if (!input.isInput() || !shape.isBatch() || shape.rows() != 1 || isInts != ints) {
      throw new IllegalArgumentException(
          input
              + " can't be fed "
              + (ints ? "ints" : "rows of numbers")
              + ", expected an input with a row for each example");
    }
  }

  /** How many there are. */
  public int count() {
    return chosen.length;
  }

  /**
   * Deals them out at random, by a seed.
   *
   * @param share how much of them the first part gets, from 0 to 1; the rest is the other's
   * @throws IllegalArgumentException if the share is not within 0 … 1
   */
  public Split split(double share, long seed) {
    if (!(share >= 0 && share <= 1)) {
      throw new IllegalArgumentException("share is " + share + ", expected 0 … 1");
    }
    int[] order = chosen.clone();
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = order.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int other = order[i];
      order[i] = order[j];
      order[j] = other;
    }
    int cut = (int) Math.round(share * order.length);
    return new Split(
        new Examples(sources, Arrays.copyOfRange(order, 0, cut)),
        new Examples(sources, Arrays.copyOfRange(order, cut, order.length)));
  }

  /** Two sets of examples that have none in common. */
  public record Split(Examples first, Examples rest) {}

  /** Those that come first, at most {@code most} of them. */
  public Examples first(int most) {
    Check.size("most", most);
    return new Examples(sources, Arrays.copyOf(chosen, Math.min(most, chosen.length)));
  }

  /** Binds all of them to a session's inputs of these names. */
  public void bind(Session session) {
    Check.notNull("session", session, "a Session");
    feeder(session.graph(), count()).feed(session, every(count()), 0, count());
  }

  /** One of the inputs that have values. */
  Node anyInput() {
    return sources.keySet().iterator().next();
  }

  /** Whether an input has values. */
  public boolean has(Node input) {
    return sources.containsKey(input);
  }

  /** The ints of an input, example by example. */
  int[] ints(Node input) {
    int[] all = (int[]) sources.get(input);
    int columns = columns(input);
    int[] own = new int[chosen.length * columns];
    for (int i = 0; i < chosen.length; i++) {
      System.arraycopy(all, chosen[i] * columns, own, i * columns, columns);
    }
    return own;
  }

  /** What feeds batches of at most so many examples to a session of a graph with these inputs. */
  Feeder feeder(Graph graph, int most) {
    return new Feeder(graph, most);
  }

  /** The places that batches are gathered into, one for each size that was met. */
  final class Feeder {
    private final Node[] inputs;
    private final Object[] from;
    private final Object[][] places;

    private Feeder(Graph graph, int most) {
      inputs = new Node[sources.size()];
      from = new Object[inputs.length];
      int k = 0;
      for (Map.Entry<Node, Object> source : sources.entrySet()) {
        // a graph that was cut back may not need it
        String name = source.getKey().name();
        inputs[k] = graph.has(name) ? graph.node(name) : null;
        from[k++] = source.getValue();
      }
      places = new Object[inputs.length][most + 1];
    }

    /** Binds {@code examples} of them, those that stand in {@code order} from a place on. */
    void feed(Session session, int[] order, int first, int examples) {
      for (int k = 0; k < inputs.length; k++) {
        Node input = inputs[k];
        if (input == null) {
          continue;
        }
        int columns = columns(input);
        if (from[k] instanceof Matrix all) {
          if (places[k][examples] == null) {
            places[k][examples] = Matrix.zeros(examples, columns);
          }
          Matrix rows = (Matrix) places[k][examples];
          for (int i = 0; i < examples; i++) {
            row(all, chosen[order[first + i]], rows.array(), i * columns, columns);
          }
          session.bind(input, rows);
        } else {
          if (places[k][examples] == null) {
            places[k][examples] = new int[examples * columns];
          }
          int[] ints = (int[]) places[k][examples];
          for (int i = 0; i < examples; i++) {
            int at = chosen[order[first + i]] * columns;
            System.arraycopy((int[]) from[k], at, ints, i * columns, columns);
          }
          session.bind(input, ints);
        }
      }
    }

    private static void row(Matrix all, int row, float[] to, int at, int columns) {
      if (all.columnStep() == 1) {
        System.arraycopy(all.array(), all.index(row, 0), to, at, columns);
        return;
      }
      for (int j = 0; j < columns; j++) {
        to[at + j] = all.array()[all.index(row, j)];
      }
    }
  }
}
