package org.lanegrad.graph;

import java.util.List;
import org.lanegrad.check.Check;
import org.lanegrad.embedding.EmbeddingWindow;

/**
 * The vectors of each row's words, one after the other: input 0 is the table, input 1 the words.
 *
 * @param isPadded whether −1 stands for no word, and gives zeros, or is refused
 */
record EmbeddingWindowOp(boolean isPadded) implements Op {
  @Override
  public String name() {
    return "embedding window";
  }

  @Override
  public List<Shape> shapes(List<Shape> inputs) {
    Shapes.count(inputs, 2);
    Shape table = Shapes.floats(inputs, 0);
    Shape words = inputs.get(1);
    if (words.kind() != Shape.Kind.INTS) {
      throw new IllegalArgumentException(
          "input 1 is " + words + ", expected words, which are ints");
    }
    return List.of(
        words
            .withColumns(Check.product("words · columns", words.columns(), table.columns()))
            .as(Shape.Kind.FLOATS));
  }

  @Override
  public void run(Operands in, Operands out, Scratch scratch) {
    int[] words = in.ints(1);
    for (int i = 0; !isPadded && i < words.length; i++) {
      if (words[i] < 0) {
        Check.index("words[" + i + "]", words[i], "rows", in.matrix(0).rows());
      }
    }
    EmbeddingWindow.forward(in.matrix(0), in.ints(1), out.matrix(0));
  }

  @Override
  public void gradient(Gradient g) {
    g.add(
        0,
        () ->
            g.upstream().graph().apply(new Backward(g.input(0).shape()), g.upstream(), g.input(1)));
  }

  @Override
  public boolean takesViews(int input) {
    return true;
  }

  /** dE from (dY, words): the parts of each word, added up. */
  record Backward(Shape table) implements Op {
    @Override
    public String name() {
      return "embedding window gradient";
    }

    @Override
    public List<Shape> shapes(List<Shape> inputs) {
      Shapes.count(inputs, 2);
      Shapes.floats(inputs, 0);
      return List.of(table);
    }

    @Override
    public void run(Operands in, Operands out, Scratch scratch) {
      EmbeddingWindow.backward(in.matrix(0), in.ints(1), out.matrix(0));
    }

    /** It is linear, and its transpose is the forward pass. */
    @Override
    public void gradient(Gradient g) {
      g.add(
          0,
          () -> g.upstream().graph().apply(new EmbeddingWindowOp(true), g.upstream(), g.input(1)));
    }

    @Override
    public boolean takesViews(int input) {
      return true;
    }

    @Override
    public double flops(List<Shape> inputs, List<Shape> outputs, int batch) {
      return inputs.get(0).sizeAt(batch);
    }
  }
}
