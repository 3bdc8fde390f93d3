package org.lanegrad.verification.catalog;

import org.lanegrad.Matrix;
import org.lanegrad.matmul.Gemm;
import org.lanegrad.matmul.Workspace;
import org.lanegrad.reference.op.MatMul;
import org.lanegrad.reference.op.Op;
import org.lanegrad.verification.compare.DotProductBound;

/** Y = α·A·B + β·C; backward, dA = α·dY·Bᵀ and dB = α·Aᵀ·dY by the same kernel. */
public final class GemmProblem implements DifferentiableProblem {
  private final MatMul op;
  private final Workspace workspace = new Workspace();

  /** Binds the kernel to the reference, which says what is transposed and scaled. */
  public GemmProblem(MatMul op) {
    this.op = op;
  }

  @Override
  public Op reference() {
    return op;
  }

  @Override
  public int[] gradientVariables() {
    return new int[] {0, 1};
  }

  @Override
  public void forward(Slice[] inputs, Slice output) {
    if (op.beta() != 0) {
      Slice c = inputs[2];
      System.arraycopy(c.array(), c.offset(), output.array(), output.offset(), c.length());
    }
    float alpha = (float) op.alpha();
    Matrix y = output.matrix(op.m(), op.n());
    Gemm.multiply(alpha, a(inputs[0]), b(inputs[1]), (float) op.beta(), y, workspace);
  }

  @Override
  public void backward(Slice[] inputs, Slice output, Slice upstream, Slice[] gradients) {
    Matrix dy = upstream.matrix(op.m(), op.n());
    float alpha = (float) op.alpha();
    Gemm.multiply(alpha, dy, b(inputs[1]).transposed(), 0f, a(gradients[0]), workspace);
    Gemm.multiply(alpha, a(inputs[0]).transposed(), dy, 0f, b(gradients[1]), workspace);
  }

  @Override
  public double[] forwardAllowed(double[][] inputs, double[] expected) {
    double[] magnitude = Bounds.magnitudes(op, inputs[0], inputs[1], inputs[2]);
    DotProductBound bound = new DotProductBound(op.k() + 2);
    return Bounds.each(expected, i -> bound.allowed(expected[i], magnitude[i]));
  }

  @Override
  public double[] backwardAllowed(
      int variable, double[][] inputs, double[] upstream, double[] expected) {
    boolean ofA = variable == 0;
    DotProductBound bound = new DotProductBound((ofA ? op.n() : op.m()) + 2);
    double[] magnitude = ofA ? magnitudeOfA(inputs, upstream) : magnitudeOfB(inputs, upstream);
    return Bounds.each(expected, i -> bound.allowed(expected[i], magnitude[i]));
  }

  /** |α|·|dY|·|Bᵀ|, stored as variable a is. */
  private double[] magnitudeOfA(double[][] inputs, double[] upstream) {
    double[] zero = new double[op.m() * op.k()];
    if (op.transposeA()) {
      MatMul product = new MatMul(op.alpha(), op.transposeB(), true, 0, op.k(), op.n(), op.m());
      return Bounds.magnitudes(product, inputs[1], upstream, zero);
    }
    MatMul product = new MatMul(op.alpha(), false, !op.transposeB(), 0, op.m(), op.n(), op.k());
    return Bounds.magnitudes(product, upstream, inputs[1], zero);
  }

  /** |α|·|Aᵀ|·|dY|, stored as variable b is. */
  private double[] magnitudeOfB(double[][] inputs, double[] upstream) {
    double[] zero = new double[op.k() * op.n()];
    if (op.transposeB()) {
      MatMul product = new MatMul(op.alpha(), true, op.transposeA(), 0, op.n(), op.m(), op.k());
      return Bounds.magnitudes(product, upstream, inputs[0], zero);
    }
    MatMul product = new MatMul(op.alpha(), !op.transposeA(), false, 0, op.k(), op.m(), op.n());
    return Bounds.magnitudes(product, inputs[0], upstream, zero);
  }

  private Matrix a(Slice slice) {
    return op.transposeA()
        ? slice.matrix(op.k(), op.m()).transposed()
        : slice.matrix(op.m(), op.k());
  }

  private Matrix b(Slice slice) {
    return op.transposeB()
        ? slice.matrix(op.n(), op.k()).transposed()
        : slice.matrix(op.k(), op.n());
  }
}
