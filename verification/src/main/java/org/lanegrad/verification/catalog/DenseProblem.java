package org.lanegrad.verification.catalog;

import org.lanegrad.Matrix;
import org.lanegrad.dense.Dense;
import org.lanegrad.dense.DenseBackward;
import org.lanegrad.dense.DenseGradients;
import org.lanegrad.dense.DenseTape;
import org.lanegrad.matmul.Workspace;
import org.lanegrad.reference.diff.Evaluate;
import org.lanegrad.reference.diff.Vjp;
import org.lanegrad.reference.gate.PiecewiseLinear;
import org.lanegrad.reference.op.DenseLayer;
import org.lanegrad.reference.op.Op;
import org.lanegrad.verification.compare.DotProductBound;
import org.lanegrad.verification.gradcheck.Kinks;

/**
 * A dense layer, forward and backward, for an activation with |f′| ≤ 1.13 (GELU's) and, away from
 * kinks, |f″| ≤ 1.
 *
 * <p>The bounds: Z has an error δ ≤ γ(inputs + 2)·Z⁺, Z⁺ = Σ|x||w| + |b|; Y = f(Z) that of Z and
 * f's own, at most 4 ULP. dZ = dY·f′ has |dY|·(δ + 8u), and |dY| in full where Z lies within δ of a
 * kink, since then either slope is right. dX, dW and db are dot products of dZ.
 */
public final class DenseProblem implements DifferentiableProblem {
  private static final double UNIT = 0x1p-24;
  private static final double STEEPEST = 1.13;

  private final DenseLayer op;
  private final DenseLayer linear;
  private final Kinks kinks;
  private final DenseTape tape;
  private final Workspace workspace = new Workspace();
  private final float[] bias;
  private DenseGradients places;

  /** A layer of m rows, k inputs and n outputs. */
  public DenseProblem(UnarySpec activation, Shape shape) {
    this.op = new DenseLayer(activation.reference(), shape.m(), shape.k(), shape.n());
    this.linear = new DenseLayer(PiecewiseLinear.identity(), shape.m(), shape.k(), shape.n());
    this.kinks = activation.kinks();
    this.bias = new float[shape.n()];
    this.tape = new DenseTape(activation.kernel(), shape.m(), shape.n());
  }

  @Override
  public Op reference() {
    return op;
  }

  @Override
  public Kinks kinks() {
    return kinks;
  }

  @Override
  public void forward(Slice[] inputs, Slice output) {
    inputs[2].copyTo(bias);
    Dense.forward(
        inputs[0].matrix(op.batch(), op.inputs()),
        inputs[1].matrix(op.inputs(), op.outputs()),
        bias,
        output.matrix(op.batch(), op.outputs()),
        tape,
        workspace);
  }

  @Override
  public void backward(Slice[] inputs, Slice output, Slice upstream, Slice[] gradients) {
    DenseBackward.backward(
        upstream.matrix(op.batch(), op.outputs()),
        inputs[0].matrix(op.batch(), op.inputs()),
        inputs[1].matrix(op.inputs(), op.outputs()),
        output.matrix(op.batch(), op.outputs()),
        tape,
        into(gradients),
        workspace);
  }

  @Override
  public double[] forwardAllowed(double[][] inputs, double[] expected) {
    double[] delta = errorOfSums(inputs);
    return Bounds.each(expected, i -> STEEPEST * delta[i] + 4 * Math.ulp((float) expected[i]));
  }

  @Override
  public double[] backwardAllowed(
      int variable, double[][] inputs, double[] upstream, double[] expected) {
    double[] delta = errorOfSums(inputs);
    double[] z = Evaluate.of(linear, inputs);
    double[] dz = Bounds.each(upstream, i -> STEEPEST * Math.abs(upstream[i]));
    double[] dzError =
        Bounds.each(
            dz,
            i -> {
              boolean eitherSlope = kinks == Kinks.SUBGRADIENT && Math.abs(z[i]) <= delta[i];
              return dz[i] * (eitherSlope ? 1 : delta[i] + 8 * UNIT);
            });
    int terms = variable == 0 ? op.outputs() : op.batch();
    DotProductBound rounding = new DotProductBound(terms + 2);
    double[] magnitude = throughSums(variable, inputs, dz);
    double[] propagated = throughSums(variable, inputs, dzError);
    return Bounds.each(expected, i -> rounding.allowed(expected[i], magnitude[i]) + propagated[i]);
  }

  /** δ for each element of Z. */
  private double[] errorOfSums(double[][] inputs) {
    double[] magnitude = Bounds.magnitudes(linear, inputs);
    DotProductBound bound = new DotProductBound(op.inputs() + 2);
    return Bounds.each(magnitude, i -> bound.allowed(0, magnitude[i]));
  }

  /**
   * |∂Z/∂variable|ᵀ · dz: the reference's own Jacobian of the linear layer, over absolute values.
   */
  private double[] throughSums(int variable, double[][] inputs, double[] dz) {
    double[][] absolute = {Bounds.abs(inputs[0]), Bounds.abs(inputs[1]), Bounds.abs(inputs[2])};
    return Vjp.of(linear, variable, absolute, dz);
  }

  /** Made once for the same slices: a pass allocates nothing of its own. */
  private DenseGradients into(Slice[] gradients) {
    Matrix dx = gradients[0].matrix(op.batch(), op.inputs());
    if (places == null || places.dx() != dx) {
      Matrix dw = gradients[1].matrix(op.inputs(), op.outputs());
      places = new DenseGradients(dx, dw, gradients[2].matrix(1, op.outputs()), false);
    }
    return places;
  }
}
