package org.lanegrad.reference.op;

import java.util.List;
import org.apache.commons.math3.RealFieldElement;

/**
 * The update rule of an optimizer for one parameter p with gradient g and some numbers of state,
 * all as their papers have them.
 */
public sealed interface Update {
  /** How many numbers of state a parameter has. */
  int states();

  /** The next p, and after it the next state; {@code now} is p, g and the state. */
  <T extends RealFieldElement<T>> List<T> next(List<T> now);

  /**
   * g ← g + λp; v ← μv + (1 − d)g; p ← p − ηv, or p − η(g + μv) with Nesterov's look-ahead.
   *
   * @param rate η
   * @param momentum μ
   * @param dampening d
   * @param l2 λ
   * @param nesterov whether to look ahead
   */
  record Momentum(double rate, double momentum, double dampening, double l2, boolean nesterov)
      implements Update {
    @Override
    public int states() {
      return 1;
    }

    @Override
    public <T extends RealFieldElement<T>> List<T> next(List<T> now) {
      T p = now.get(0);
      T g = now.get(1).add(p.multiply(l2));
      T v = now.get(2).multiply(momentum).add(g.multiply(1 - dampening));
      T direction = nesterov ? g.add(v.multiply(momentum)) : v;
      return List.of(p.subtract(direction.multiply(rate)), v);
    }
  }

  /**
   * g ← g + λp; s ← ρs + (1 − ρ)g²; p ← p − ηg / (√s + ε).
   *
   * @param rate η
   * @param decay ρ
   * @param epsilon ε
   * @param l2 λ
   */
  record RmsProp(double rate, double decay, double epsilon, double l2) implements Update {
    @Override
    public int states() {
      return 1;
    }

    @Override
    public <T extends RealFieldElement<T>> List<T> next(List<T> now) {
      T p = now.get(0);
      T g = now.get(1).add(p.multiply(l2));
      T s = now.get(2).multiply(decay).add(g.multiply(g).multiply(1 - decay));
      return List.of(p.subtract(g.divide(s.sqrt().add(epsilon)).multiply(rate)), s);
    }
  }

  /**
   * g ← g + λp; s ← s + g²; p ← p − ηg / (√s + ε).
   *
   * @param rate η
   * @param epsilon ε
   * @param l2 λ
   */
  record AdaGrad(double rate, double epsilon, double l2) implements Update {
    @Override
    public int states() {
      return 1;
    }

    @Override
    public <T extends RealFieldElement<T>> List<T> next(List<T> now) {
      T p = now.get(0);
      T g = now.get(1).add(p.multiply(l2));
      T s = now.get(2).add(g.multiply(g));
      return List.of(p.subtract(g.divide(s.sqrt().add(epsilon)).multiply(rate)), s);
    }
  }

  /**
   * g ← g + λp; m ← β₁m + (1 − β₁)g; v ← β₂v + (1 − β₂)g²; p ← (1 − ηω)p − η·m̂ / (√v̂ + ε), m̂ = m
   * / (1 − β₁ᵗ), v̂ = v / (1 − β₂ᵗ).
   *
   * @param rate η
   * @param step t, from 1 on
   * @param beta1 β₁
   * @param beta2 β₂
   * @param epsilon ε
   * @param l2 λ
   * @param decay ω
   */
  record Adam(
      double rate, int step, double beta1, double beta2, double epsilon, double l2, double decay)
      implements Update {
    @Override
    public int states() {
      return 2;
    }

    @Override
    public <T extends RealFieldElement<T>> List<T> next(List<T> now) {
      T p = now.get(0);
      T g = now.get(1).add(p.multiply(l2));
      T m = now.get(2).multiply(beta1).add(g.multiply(1 - beta1));
      T v = now.get(3).multiply(beta2).add(g.multiply(g).multiply(1 - beta2));
      T mean = m.divide(1 - Math.pow(beta1, step));
      T squares = v.divide(1 - Math.pow(beta2, step));
      T direction = mean.divide(squares.sqrt().add(epsilon));
      T kept = p.multiply(1 - rate * decay);
      return List.of(kept.subtract(direction.multiply(rate)), m, v);
    }
  }
}
