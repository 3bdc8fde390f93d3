package org.lanegrad.reference.model;

import org.lanegrad.reference.gate.PiecewiseLinear;
import org.lanegrad.reference.gate.Smooth;
import org.lanegrad.reference.gate.UnaryGate;
import org.lanegrad.reference.graph.Graph;
import org.lanegrad.reference.op.DenseLayer;
import org.lanegrad.reference.op.EmbeddingWindow;

/**
 * Is the word in the middle of a window of the wanted kind? x = the window's word vectors one after
 * the other, h = f(x·W + b), s = h·u, P = σ(s).
 */
public final class WindowClassifier {
  private final Graph graph = new Graph();

  /**
   * The graph, with inputs e (vocabulary × dimension), w, b and u, and nodes x, h, s and p.
   *
   * @param words the window's word numbers, −1 for padding
   * @param vocabulary how many words there are
   * @param dimension of a word vector
   * @param hidden the size of h
   * @param f the hidden layer's activation
   */
  public WindowClassifier(int[] words, int vocabulary, int dimension, int hidden, UnaryGate f) {
    int inputs = words.length * dimension;
    graph.input("e", vocabulary, dimension);
    graph.input("w", inputs, hidden).input("b", 1, hidden).input("u", hidden, 1);
    graph.constant("zero", 0);
    graph.node("x", new EmbeddingWindow(words, words.length, vocabulary, dimension), "e");
    graph.node("h", new DenseLayer(f, 1, inputs, hidden), "x", "w", "b");
    DenseLayer score = new DenseLayer(PiecewiseLinear.identity(), 1, hidden, 1);
    graph.node("s", score, "h", "u", "zero");
    graph.node("p", Smooth.SIGMOID, "s");
  }

  /** The graph, to feed and to run. */
  public Graph graph() {
    return graph;
  }
}
