package org.lanegrad.graph;

import java.util.List;
import java.util.Map;
import org.lanegrad.Matrix;
import org.lanegrad.matmul.Gemm;

/**
 * C = A·B, either operand transposed if wanted, or C = A·B + D; dA = dC·Bᵀ, dB = Aᵀ·dC, dD = dC.
 *
 * @param transposeA whether input 0 is Aᵀ
 * @param transposeB whether input 1 is Bᵀ
 * @param accumulates whether there is an input D, in whose memory C is computed if nobody else
 *     reads it
 */
record ProductOp(boolean transposeA, boolean transposeB, boolean accumulates) implements Op {
  @Override
  public String name() {
    return "product";
  }

  ProductOp accumulating() {
    return new ProductOp(transposeA, transposeB, true);
  }

  @Override
  public Map<String, Object> settings() {
    return Map.of("transposeA", transposeA, "transposeB", transposeB, "accumulates", accumulates);
  }

  @Override
  public List<Shape> shapes(List<Shape> inputs) {
    Shapes.count(inputs, accumulates ? 3 : 2);
    Shape a = Shapes.floats(inputs, 0);
    Shape b = Shapes.floats(inputs, 1);
    Shape inner = transposeB ? Shape.of(b.columns(), 1) : b.withColumns(1);
    Shape given = transposeA ? a.withColumns(1) : Shape.of(a.columns(), 1);
    if (!inner.equals(given)) {
      throw new IllegalArgumentException(
          "input 0 is "
              + a
              + (transposeA ? " (transposed)" : "")
              + " and input 1 is "
              + b
              + (transposeB ? " (transposed)" : "")
              + ", expected as many columns of the first as rows of the second");
    }
    if (transposeB && b.isBatch()) {
      throw new IllegalArgumentException(
          "input 1 is " + b + " (transposed), expected columns that do not depend on the batch");
    }
    Shape rows = transposeA ? Shape.of(a.columns(), 1) : a;
    Shape c = rows.withColumns(transposeB ? b.rows() : b.columns());
    if (accumulates) {
      Shapes.expect(inputs, 2, c, "as the product");
    }
    return List.of(c);
  }

  @Override
  public void run(Operands in, Operands out, Scratch scratch) {
    Matrix a = transposeA ? in.matrix(0).transposed() : in.matrix(0);
    Matrix b = transposeB ? in.matrix(1).transposed() : in.matrix(1);
    Matrix c = out.matrix(0);
    if (accumulates) {
      Matrix d = in.matrix(2);
      if (d.array() != c.array() || d.offset() != c.offset()) {
        ScaleOp.multiply(1f, d, c);
      }
    }
    Gemm.multiply(1f, a, b, accumulates ? 1f : 0f, c, scratch.workspace());
  }

  @Override
  public void gradient(Gradient g) {
    Graph graph = g.input(0).graph();
    g.add(
        0,
        () ->
            transposeA
                ? graph.apply(new ProductOp(transposeB, true, false), g.input(1), g.upstream())
                : graph.apply(new ProductOp(false, !transposeB, false), g.upstream(), g.input(1)));
    g.add(
        1,
        () ->
            transposeB
                ? graph.apply(new ProductOp(true, transposeA, false), g.upstream(), g.input(0))
                : graph.apply(new ProductOp(!transposeA, false, false), g.input(0), g.upstream()));
    if (accumulates) {
      g.add(2, g::upstream);
    }
  }

  @Override
  public Op prepared(List<Matrix> fixed, boolean halved) {
    if (transposeA || accumulates || fixed.get(0) != null || fixed.get(1) == null) {
      return null;
    }
    Matrix b = transposeB ? fixed.get(1).transposed() : fixed.get(1);
    return PackedDenseOp.of(b, halved);
  }

  @Override
  public int inPlace() {
    return accumulates ? 2 : -1;
  }

  @Override
  public boolean takesViews(int input) {
    return input < 2;
  }

  @Override
  public double flops(List<Shape> inputs, List<Shape> outputs, int batch) {
    Shape a = inputs.get(0);
    double inner = transposeA ? a.rowsAt(batch) : a.columns();
    return 2 * inner * outputs.get(0).sizeAt(batch);
  }
}
