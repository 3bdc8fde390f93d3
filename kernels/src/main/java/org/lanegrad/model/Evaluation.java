package org.lanegrad.model;

import java.util.Arrays;
import org.lanegrad.Matrix;
import org.lanegrad.check.Check;
import org.lanegrad.graph.Graph;
import org.lanegrad.graph.Node;
import org.lanegrad.graph.Session;
import org.lanegrad.graph.Shape;
import org.lanegrad.reduction.Reductions;

/**
 * How good a network is on some examples, with its parameters as they are when asked: a mean loss,
 * or the share of right answers. {@linkplain org.lanegrad.graph.Ops#dropout Dropout} is left out.
 *
 * <pre>{@code
 * Evaluation validation = Evaluation.accuracy(logits, labels, split.rest());
 * trainer.train(100, report -> validation.value() < 0.98);
 * }</pre>
 */
public final class Evaluation {
  private static final int BATCH = 256;

  private final Node output;
  private final Examples examples;
  private final int batch;

  /** The label of each example; null for a loss. */
  private final int[] labels;

  private Evaluation(Node output, Examples examples, int batch, int[] labels) {
    this.output = output;
    this.examples = examples;
    this.batch = batch;
    this.labels = labels;
  }

  /**
   * The mean of a number over batches of examples, each counted by its size.
   *
   * @param loss one number, as {@link Trainer} takes it
   */
  public static Evaluation loss(Node loss, Examples examples) {
    return loss(loss, examples, BATCH);
  }

  static Evaluation loss(Node loss, Examples examples, int batch) {
    Check.notNull("loss", loss, "a Node");
    if (!loss.shape().isNumber()) {
      throw new IllegalArgumentException("the loss is " + loss + ", expected a number");
    }
    return new Evaluation(loss, some(examples), batch, null);
  }

  /**
   * The share of examples whose label has the highest score, the first of several.
   *
   * @param scores a column for each class
   * @param labels the input of ints that the examples have labels for; a negative one is ignored,
   *     as in the losses
   */
  public static Evaluation accuracy(Node scores, Node labels, Examples examples) {
    Check.notNull("scores", scores, "a Node");
    Shape shape = scores.shape();
    if (!shape.isBatch() || shape.rows() != 1 || shape.kind() != Shape.Kind.FLOATS) {
      throw new IllegalArgumentException(
          "the scores are " + scores + ", expected a row of numbers for each example");
    }
    Examples.checkInput(labels, true);
    if (!some(examples).has(labels) || labels.shape().columns() != 1) {
      throw new IllegalArgumentException(
          "the labels are " + labels + ", expected an input that the examples have an int for");
    }
    return new Evaluation(scores, examples, BATCH, examples.ints(labels));
  }

  private static Examples some(Examples examples) {
    Check.notNull("examples", examples, "Examples");
    if (examples.count() == 0) {
      throw new IllegalArgumentException("there are no examples");
    }
    return examples;
  }

  /** Whether a higher value is better. */
  public boolean isHigherBetter() {
    return labels != null;
  }

  /** The loss, or the share of right answers, from 0 to 1; NaN if all labels are ignored. */
  public double value() {
    return value(0, examples.count());
  }

  /** The same over a range of the examples. */
  double value(int from, int length) {
    Graph graph = output.graph().frozen(false, output);
    Node copy = graph.node(output.name());
    Session session = graph.session(copy);
    Examples.Feeder feeder = examples.feeder(graph, batch);
    int[] order = new int[examples.count()];
    Arrays.setAll(order, i -> i);
    double sum = 0;
    int counted = 0;
    for (int first = from, count; first < from + length; first += count) {
      count = Math.min(batch, from + length - first);
      feeder.feed(session, order, first, count);
      session.run();
      if (labels == null) {
        sum += (double) session.number(copy) * count;
        counted += count;
      } else {
        Matrix scores = session.value(copy);
        int[] answers = new int[count];
        Reductions.argmax(scores, answers);
        for (int i = 0; i < count; i++) {
          int label = labels[first + i];
          counted += label >= 0 ? 1 : 0;
          sum += label >= 0 && answers[i] == label ? 1 : 0;
        }
      }
    }
    return sum / counted;
  }
}
