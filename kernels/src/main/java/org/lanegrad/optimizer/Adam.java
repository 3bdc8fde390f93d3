package org.lanegrad.optimizer;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.check.Check;
import org.lanegrad.simd.FloatLanes;
import org.lanegrad.simd.Fma;
import org.lanegrad.simd.Simd;

/**
 * g ← g + λ·p; m ← β₁·m + (1 − β₁)·g; v ← β₂·v + (1 − β₂)·g²; p ← (1 − η·ω)·p − η·m̂ / (√v̂ + ε)
 * with m̂ = m / (1 − β₁ᵗ), v̂ = v / (1 − β₂ᵗ) at step t. With ω above 0 it is AdamW.
 *
 * <ul>
 *   <li><b>Shapes</b>: the same elements of each array; m and v hold what the steps before left,
 *       zeros before the first.
 *   <li><b>Aliasing</b>: all arrays must be separate.
 *   <li><b>Accuracy</b>: 10 · 2^−24 of the terms' magnitudes; the corrections are computed in
 *       double.
 *   <li><b>Special values</b>: as the formula says; a NaN gradient makes its parameter and its
 *       state NaN.
 *   <li><b>Cost</b>: 16 flops (a root and a division among them) and 28 bytes an element.
 *   <li><b>Determinism</b>: the same bits on every width, and from any split into ranges.
 *   <li><b>Source</b>: D. Kingma, J. Ba, Adam (2014); I. Loshchilov, F. Hutter, Decoupled Weight
 *       Decay Regularization (2017).
 * </ul>
 *
 * @param beta1 β₁, 0 … 1
 * @param beta2 β₂, 0 … 1
 * @param epsilon ε, above 0
 * @param l2 λ, part of the gradient, 0 or more
 * @param decay ω, apart from the gradient, 0 or more
 */
public record Adam(float beta1, float beta2, float epsilon, float l2, float decay) {
  /** All as given. */
  public Adam {
    Steps.decay("beta1", beta1);
    Steps.decay("beta2", beta2);
    Check.positive("epsilon", epsilon);
    Check.atLeastZero("l2", l2);
    Check.atLeastZero("decay", decay);
  }

  /** β₁ = 0.9, β₂ = 0.999, ε = 1e−8. */
  public static Adam standard() {
    return new Adam(0.9f, 0.999f, 1e-8f, 0f, 0f);
  }

  /** AdamW: the same with a decoupled weight decay. */
  public static Adam withDecay(float decay) {
    return new Adam(0.9f, 0.999f, 1e-8f, 0f, decay);
  }

  /** One step over all elements. */
  public void step(
      float learningRate,
      int step,
      float[] gradient,
      float[] mean,
      float[] squares,
      float[] parameters) {
    Steps.whole(parameters, "gradient", gradient);
    Steps.whole(parameters, "mean", mean);
    Steps.whole(parameters, "squares", squares);
    step(learningRate, step, gradient, mean, squares, parameters, 0, parameters.length);
  }

  /** One step over {@code from … from + length − 1} of each array. */
  public void step(
      float learningRate,
      int step,
      float[] gradient,
      float[] mean,
      float[] squares,
      float[] parameters,
      int from,
      int length) {
    Check.atLeastZero("learningRate", learningRate);
    Check.range("gradient", gradient, from, length);
    Check.range("mean", mean, from, length);
    Check.range("squares", squares, from, length);
    Check.range("parameters", parameters, from, length);
    Steps.separate(parameters, gradient, mean, squares);
    if (step < 1) {
      throw new IllegalArgumentException("step is " + step + ", expected 1 or more");
    }
    double first = 1 - Math.pow(beta1, step);
    double second = Math.sqrt(1 - Math.pow(beta2, step));
    float rate = (float) (learningRate * second / first);
    float floor = (float) (epsilon * second);
    float keep = 1f - learningRate * decay;
    if (Simd.fills(length)) {
      Lanes.step(
          rate, floor, keep, beta1, beta2, l2, gradient, mean, squares, parameters, from, length);
      return;
    }
    for (int i = from; i < from + length; i++) {
      float g = Fma.of(l2, parameters[i], gradient[i]);
      float m = Fma.of(beta1, mean[i], (1f - beta1) * g);
      float v = Fma.of(beta2, squares[i], (1f - beta2) * g * g);
      mean[i] = m;
      squares[i] = v;
      float direction = m / ((float) Math.sqrt(v) + floor);
      parameters[i] = Fma.of(-rate, direction, keep * parameters[i]);
    }
  }

  private static final class Lanes {
    private static final VectorSpecies<Float> S = FloatLanes.SPECIES;
    private static final int L = FloatLanes.COUNT;

    static void step(
        float rate,
        float floor,
        float keep,
        float beta1,
        float beta2,
        float l2,
        float[] gradient,
        float[] mean,
        float[] squares,
        float[] parameters,
        int from,
        int length) {
      int last = from + length - L;
      FloatVector lastParameters = fromArray(S, parameters, last);
      FloatVector lastMean = fromArray(S, mean, last);
      FloatVector lastSquares = fromArray(S, squares, last);
      for (int pass = 0; pass < 2; pass++) {
        int start = pass == 0 ? from : last;
        int count = pass == 0 ? last - from : L;
        for (int j = 0; j < count; j += L) {
          int i = start + j;
          FloatVector p = pass == 0 ? fromArray(S, parameters, i) : lastParameters;
          FloatVector g = p.fma(broadcast(S, l2), fromArray(S, gradient, i));
          FloatVector m = pass == 0 ? fromArray(S, mean, i) : lastMean;
          m = m.fma(broadcast(S, beta1), g.mul(1f - beta1));
          FloatVector v = pass == 0 ? fromArray(S, squares, i) : lastSquares;
          v = v.fma(broadcast(S, beta2), g.mul(1f - beta2).mul(g));
          m.intoArray(mean, i);
          v.intoArray(squares, i);
          FloatVector direction = m.div(v.sqrt().add(floor));
          direction.fma(broadcast(S, -rate), p.mul(keep)).intoArray(parameters, i);
        }
      }
    }
  }
}
