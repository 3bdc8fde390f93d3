package org.lanegrad.graph;

import java.util.List;
import java.util.Map;
import org.lanegrad.Epilogue;
import org.lanegrad.Matrix;
import org.lanegrad.activation.Activation;
import org.lanegrad.activation.Activation.Saved;
import org.lanegrad.activation.BitActivation;
import org.lanegrad.activation.Identity;
import org.lanegrad.matmul.Gemm;

/**
 * Y = f(X·W + b), one product with bias and activation in its epilogue; with dZ = dY ∘ f′: dX =
 * dZ·Wᵀ, dW = Xᵀ·dZ, db = Σ dZ over the rows.
 *
 * <p>The second output is what f saves: bits, or Z = X·W + b; f that saves y has none.
 */
record DenseOp(Activation f) implements Op {
  @Override
  public String name() {
    return "dense";
  }

  @Override
  public Map<String, Object> settings() {
    return Map.of("activation", f);
  }

  @Override
  public List<Shape> shapes(List<Shape> inputs) {
    Shapes.count(inputs, 3);
    Shape x = Shapes.floats(inputs, 0);
    Shape w = Shapes.floats(inputs, 1);
    if (w.isBatch() || w.rows() != x.columns()) {
      throw new IllegalArgumentException(
          "input 1 is " + w + ", expected " + x.columns() + " rows, as input 0 has columns");
    }
    Shapes.expect(inputs, 2, Shape.of(1, w.columns()), "a bias for each column of input 1");
    Shape y = x.withColumns(w.columns());
    return switch (f.saved()) {
      case BITS -> List.of(y, y.as(Shape.Kind.BITS));
      case INPUT -> List.of(y, y);
      case OUTPUT -> List.of(y);
    };
  }

  @Override
  public void run(Operands in, Operands out, Scratch scratch) {
    Matrix y = out.matrix(0);
    boolean saves = out.count() == 2 && out.isWanted(1);
    Epilogue epilogue = f instanceof Identity ? null : f;
    Matrix z = y;
    if (saves) {
      Tail tail = scratch.get(Tail.class, Tail::new);
      tail.f = f;
      tail.y = y;
      tail.bits = out.bits(1);
      epilogue = tail;
      z = f.saved() == Saved.INPUT ? out.matrix(1) : y;
    }
    Matrix b = in.matrix(2);
    Gemm.multiplyOntoBias(
        in.matrix(0), in.matrix(1), b.array(), b.offset(), z, epilogue, scratch.workspace());
  }

  /** Y = f(Z) for one block, and its bits, row by row. */
  private static final class Tail implements Epilogue {
    private Activation f;
    private Matrix y;
    private long[] bits;

    @Override
    public void apply(Matrix z, int row, int column, int rows, int columns) {
      int words = (z.columns() + 63) >>> 6;
      for (int i = row; i < row + rows; i++) {
        int from = z.index(i, column);
        int to = y.index(i, column);
        if (bits == null) {
          f.forward(z.array(), from, y.array(), to, columns);
        } else {
          int word = i * words + (column >>> 6);
          ((BitActivation) f).forward(z.array(), from, y.array(), to, bits, word, columns);
        }
      }
    }
  }

  /** Z may have a gradient of its own: that of a backward pass, which reads it. */
  @Override
  public void gradient(Gradient g) {
    Graph graph = g.input(0).graph();
    Node up = g.upstream(0);
    Node saved = f.saved() == Saved.OUTPUT ? g.output(0) : g.output(1);
    Node dz = null;
    if (up != null) {
      dz = UnaryOp.backward(f, up, saved);
    }
    Node direct = f.saved() == Saved.INPUT ? g.upstream(1) : null;
    if (direct != null) {
      dz = dz == null ? direct : Ops.add(dz, direct);
    }
    Node sum = dz;
    g.add(0, () -> graph.apply(new ProductOp(false, true, false), sum, g.input(1)));
    g.add(1, () -> graph.apply(new ProductOp(true, false, false), g.input(0), sum));
    g.add(2, () -> Ops.sum(sum, Over.ROWS));
  }

  @Override
  public boolean takesViews(int input) {
    return true;
  }

  @Override
  public Op prepared(List<Matrix> fixed, boolean halved) {
    boolean isLayer = fixed.get(0) == null && fixed.get(1) != null && fixed.get(2) != null;
    return isLayer ? PackedDenseOp.of(f, fixed.get(1), fixed.get(2), halved) : null;
  }

  @Override
  public double flops(List<Shape> inputs, List<Shape> outputs, int batch) {
    double size = outputs.get(0).sizeAt(batch);
    return (2.0 * inputs.get(0).columns() + 2) * size;
  }
}
