package org.lanegrad.verification.catalog;

import org.lanegrad.activation.Activation;
import org.lanegrad.activation.BitActivation;
import org.lanegrad.reference.op.Elementwise;
import org.lanegrad.reference.op.Op;
import org.lanegrad.verification.gradcheck.Kinks;

/** An activation over n elements, its backward from bits where it has them. */
public final class ElementwiseProblem implements DifferentiableProblem {
  private final UnarySpec spec;
  private final Activation activation;
  private final Elementwise reference;
  private final long[] bits;

  /** So many elements. */
  public ElementwiseProblem(UnarySpec spec, int size) {
    this.spec = spec;
    activation = spec.kernel();
    reference = new Elementwise(spec.reference(), size);
    bits = new long[(size + 63) / 64];
  }

  @Override
  public Op reference() {
    return reference;
  }

  @Override
  public void forward(Slice[] inputs, Slice output) {
    Slice x = inputs[0];
    if (activation instanceof BitActivation bit) {
      bit.forward(x.array(), x.offset(), output.array(), output.offset(), bits, 0, output.length());
    } else {
      activation.forward(x.array(), x.offset(), output.array(), output.offset(), output.length());
    }
  }

  @Override
  public void backward(Slice[] inputs, Slice output, Slice upstream, Slice[] gradients) {
    Slice dx = gradients[0];
    if (activation instanceof BitActivation bit) {
      bit.backward(
          upstream.array(), upstream.offset(), bits, 0, dx.array(), dx.offset(), upstream.length());
    } else {
      Slice saved = activation.saved() == Activation.Saved.INPUT ? inputs[0] : output;
      activation.backward(
          upstream.array(),
          upstream.offset(),
          saved.array(),
          saved.offset(),
          dx.array(),
          dx.offset(),
          upstream.length());
    }
  }

  @Override
  public double[] forwardAllowed(double[][] inputs, double[] expected) {
    return Bounds.each(expected, i -> spec.forward().allowed(expected[i], 0));
  }

  @Override
  public double[] backwardAllowed(
      int variable, double[][] inputs, double[] upstream, double[] expected) {
    return Bounds.each(expected, i -> spec.backward().allowed(expected[i], Math.abs(upstream[i])));
  }

  @Override
  public Kinks kinks() {
    return spec.kinks();
  }
}
