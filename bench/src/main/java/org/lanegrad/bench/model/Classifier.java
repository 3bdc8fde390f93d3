package org.lanegrad.bench.model;

import static org.lanegrad.graph.Ops.add;
import static org.lanegrad.graph.Ops.broadcast;
import static org.lanegrad.graph.Ops.crossEntropy;
import static org.lanegrad.graph.Ops.dense;
import static org.lanegrad.graph.Ops.dropout;
import static org.lanegrad.graph.Ops.logSoftmax;
import static org.lanegrad.graph.Ops.mean;
import static org.lanegrad.graph.Ops.multiply;
import static org.lanegrad.graph.Ops.penalty;
import static org.lanegrad.graph.Ops.scale;
import static org.lanegrad.graph.Ops.subtract;

import org.lanegrad.Matrix;
import org.lanegrad.activation.Activation;
import org.lanegrad.activation.Identity;
import org.lanegrad.activation.Relu;
import org.lanegrad.graph.Graph;
import org.lanegrad.graph.Node;
import org.lanegrad.graph.Over;
import org.lanegrad.loss.Regularizer;
import org.lanegrad.model.Initial;

/**
 * Dense layers that tell classes apart: standardized inputs, hidden layers with an activation and
 * dropout, a score for each class, and the cross-entropy with smoothed labels and a penalty on the
 * weights.
 */
public final class Classifier {
  private final Node x;
  private final Node labels;
  private final Node draws;
  private final Node logits;
  private final Node loss;

  /**
   * What it is made of.
   *
   * @param hidden the sizes of the hidden layers
   * @param activation theirs
   * @param dropout how many of their units are left out while training, 0 for none
   * @param l2 the weight of ½·Σw²
   * @param smoothing how much of a label is spread over all classes
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Settings(
      int[] hidden, Activation activation, float dropout, float l2, float smoothing, long seed) {}

  /**
   * For so many columns and classes.
   *
   * @param like examples whose means and deviations the inputs are brought to 0 and 1 by; null for
   *     inputs as they are
   */
  public Classifier(Settings settings, int columns, int classes, Matrix like) {
    Graph graph = new Graph();
    x = graph.input("x", columns);
    labels = graph.ints("labels", 1);
    draws = settings.dropout > 0 ? graph.ints("draws", 1) : null;
    Node layer = like == null ? x : standardized(graph, like);
    Node penalties = null;
    int inputs = columns;
    for (int i = 0; i <= settings.hidden.length; i++) {
      boolean isLast = i == settings.hidden.length;
      int outputs = isLast ? classes : settings.hidden[i];
      long seed = settings.seed + i;
      boolean passesHalf = !isLast && settings.activation instanceof Relu;
      Matrix weights =
          passesHalf ? Initial.he(inputs, outputs, seed) : Initial.glorot(inputs, outputs, seed);
      Node w = graph.parameter("w" + (i + 1), weights);
      Node b = graph.parameter("b" + (i + 1), Matrix.zeros(1, outputs));
      layer = dense(layer, w, b, isLast ? new Identity() : settings.activation);
      if (!isLast && draws != null) {
        layer = dropout(layer, settings.dropout, draws);
      }
      if (settings.l2 > 0) {
        Node own = penalty(Regularizer.l2(settings.l2), w);
        penalties = penalties == null ? own : add(penalties, own);
      }
      inputs = outputs;
    }
    logits = layer.named("scores");
    float smoothing = settings.smoothing;
    Node entropy = crossEntropy(logits, labels);
    if (smoothing > 0) {
      Node spread = mean(logSoftmax(logits), Over.ALL);
      entropy = add(scale(1 - smoothing, entropy), scale(-smoothing, spread));
    }
    loss = (penalties == null ? entropy : add(entropy, penalties)).named("loss");
  }

  private Node standardized(Graph graph, Matrix like) {
    Matrix means = Matrix.zeros(1, like.columns());
    Matrix factors = Matrix.zeros(1, like.columns());
    for (int j = 0; j < like.columns(); j++) {
      double sum = 0;
      double squares = 0;
      for (int i = 0; i < like.rows(); i++) {
        sum += like.get(i, j);
      }
      double mean = sum / like.rows();
      for (int i = 0; i < like.rows(); i++) {
        squares += Math.pow(like.get(i, j) - mean, 2);
      }
      double deviation = Math.sqrt(squares / like.rows());
      means.set(0, j, (float) mean);
      // a column that never changes says nothing, and stays near 0
      factors.set(
          0, j, deviation > 1e-6 * Math.max(1, Math.abs(mean)) ? (float) (1 / deviation) : 1);
    }
    Node centred = subtract(x, broadcast(graph.constant("means", means), x.shape()));
    return multiply(centred, broadcast(graph.constant("factors", factors), x.shape()));
  }

  /** What it reads. */
  public Node x() {
    return x;
  }

  /** The class of each example. */
  public Node labels() {
    return labels;
  }

  /** What dropout draws from; null without it. */
  public Node draws() {
    return draws;
  }

  /** A score for each class. */
  public Node logits() {
    return logits;
  }

  /** What training makes small. */
  public Node loss() {
    return loss;
  }
}
