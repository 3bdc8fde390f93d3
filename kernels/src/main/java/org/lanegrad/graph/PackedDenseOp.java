package org.lanegrad.graph;

import java.util.List;
import org.lanegrad.Matrix;
import org.lanegrad.activation.Activation;
import org.lanegrad.dense.Dense;
import org.lanegrad.matmul.Gemm;
import org.lanegrad.matmul.PackedMatrix;

/** Y = f(X·W + b), or X·W, with weights that never change, packed once: for inference alone. */
final class PackedDenseOp implements Op {
  private final Activation f;
  private final PackedMatrix w;
  private final float[] b;

  private PackedDenseOp(Activation f, PackedMatrix w, float[] b) {
    this.f = f;
    this.w = w;
    this.b = b;
  }

  /** Packs the weights of a layer. */
  static PackedDenseOp of(Activation f, Matrix w, Matrix b, boolean halved) {
    float[] bias = new float[b.columns()];
    for (int j = 0; j < bias.length; j++) {
      bias[j] = b.get(0, j);
    }
    return new PackedDenseOp(f, pack(w, halved), bias);
  }

  /** Packs the second factor of a product. */
  static PackedDenseOp of(Matrix w, boolean halved) {
    return new PackedDenseOp(null, pack(w, halved), null);
  }

  private static PackedMatrix pack(Matrix w, boolean halved) {
    return halved ? PackedMatrix.halved(w) : PackedMatrix.of(w);
  }

  @Override
  public String name() {
    return b == null ? "packed product" : "packed dense";
  }

  @Override
  public List<Shape> shapes(List<Shape> inputs) {
    Shapes.count(inputs, 1);
    Shape x = Shapes.floats(inputs, 0);
    if (x.columns() != w.rows()) {
      throw new IllegalArgumentException("input 0 is " + x + ", expected " + w.rows() + " columns");
    }
    return List.of(x.withColumns(w.columns()));
  }

  @Override
  public void run(Operands in, Operands out, Scratch scratch) {
    if (b == null) {
      Gemm.multiply(1f, in.matrix(0), w, 0f, out.matrix(0), scratch.workspace());
    } else {
      Dense.forward(in.matrix(0), w, b, f, out.matrix(0), scratch.workspace());
    }
  }

  @Override
  public boolean takesViews(int input) {
    return true;
  }

  @Override
  public double flops(List<Shape> inputs, List<Shape> outputs, int batch) {
    return (2.0 * w.rows() + 2) * outputs.get(0).sizeAt(batch);
  }
}
