package org.lanegrad.graph;

import static java.util.Map.entry;
import static org.lanegrad.graph.Ops.abs;
import static org.lanegrad.graph.Ops.activation;
import static org.lanegrad.graph.Ops.add;
import static org.lanegrad.graph.Ops.erf;
import static org.lanegrad.graph.Ops.exp;
import static org.lanegrad.graph.Ops.expm1;
import static org.lanegrad.graph.Ops.minimum;
import static org.lanegrad.graph.Ops.multiply;
import static org.lanegrad.graph.Ops.negate;
import static org.lanegrad.graph.Ops.power;
import static org.lanegrad.graph.Ops.reciprocal;
import static org.lanegrad.graph.Ops.scale;
import static org.lanegrad.graph.Ops.shift;
import static org.lanegrad.graph.Ops.sigmoid;
import static org.lanegrad.graph.Ops.softplus;
import static org.lanegrad.graph.Ops.square;
import static org.lanegrad.graph.Ops.subtract;
import static org.lanegrad.graph.Ops.tanh;

import java.util.Map;
import org.lanegrad.activation.Activation;
import org.lanegrad.activation.ExponentialLinear;
import org.lanegrad.activation.Gelu;
import org.lanegrad.activation.GeluTanh;
import org.lanegrad.activation.HardSwish;
import org.lanegrad.activation.Mish;
import org.lanegrad.activation.PiecewiseLinear;
import org.lanegrad.activation.Relu;
import org.lanegrad.activation.Sigmoid;
import org.lanegrad.activation.Softplus;
import org.lanegrad.activation.Softsign;
import org.lanegrad.activation.Swish;
import org.lanegrad.activation.Tanh;
import org.lanegrad.activation.Threshold;
import org.lanegrad.elementwise.Absolute;
import org.lanegrad.elementwise.Erf;
import org.lanegrad.elementwise.Expm1;
import org.lanegrad.elementwise.Exponential;
import org.lanegrad.elementwise.Log1p;
import org.lanegrad.elementwise.Logarithm;
import org.lanegrad.elementwise.Reciprocal;
import org.lanegrad.elementwise.Square;
import org.lanegrad.elementwise.SquareRoot;

/**
 * f′ in gates, from what f saves (x or y): what the fused backward pass of an activation computes,
 * in a form that has a derivative of its own.
 */
final class Slopes {
  private static final float ROOT_HALF = (float) Math.sqrt(0.5);
  private static final float DENSITY = (float) (1 / Math.sqrt(2 * Math.PI));
  private static final float TWO_BY_ROOT_PI = (float) (2 / Math.sqrt(Math.PI));

  /** GELU's tanh formula: tanh(√(2/π)·(x + 0.044715·x³)). */
  private static final float INNER = (float) Math.sqrt(2 / Math.PI);

  private static final float CUBE = 0.044715f;

  /** f′ of f, from what f saves. */
  private interface Formula {
    Node of(Activation f, Node saved);
  }

  private static final Map<Class<?>, Formula> FORMULAS =
      Map.ofEntries(
          entry(Sigmoid.class, (f, s) -> subtract(s, square(s))),
          entry(Tanh.class, (f, s) -> shift(1f, negate(square(s)))),
          entry(Softplus.class, (f, s) -> negate(expm1(negate(s)))),
          entry(Softsign.class, (f, s) -> square(shift(1f, negate(abs(s))))),
          entry(ExponentialLinear.class, (f, s) -> exponentialLinear((ExponentialLinear) f, s)),
          entry(HardSwish.class, (f, s) -> hardSwish(s)),
          entry(Swish.class, (f, s) -> swish(((Swish) f).beta(), s)),
          entry(Mish.class, (f, s) -> mish(s)),
          entry(Gelu.class, (f, s) -> gelu(s)),
          entry(GeluTanh.class, (f, s) -> geluTanh(s)),
          entry(Exponential.class, (f, s) -> s),
          entry(Expm1.class, (f, s) -> shift(1f, s)),
          entry(Logarithm.class, (f, s) -> reciprocal(s)),
          entry(Log1p.class, (f, s) -> reciprocal(shift(1f, s))),
          entry(Erf.class, (f, s) -> scale(TWO_BY_ROOT_PI, exp(negate(square(s))))),
          entry(Square.class, (f, s) -> scale(2f, s)),
          entry(SquareRoot.class, (f, s) -> scale(0.5f, reciprocal(s))),
          entry(Reciprocal.class, (f, s) -> negate(square(s))));

  private Slopes() {}

  /** Whether f′ is constant wherever there is a derivative: the second derivative is 0. */
  static boolean isConstant(Activation f) {
    return f instanceof Relu
        || f instanceof PiecewiseLinear
        || f instanceof Threshold
        || f instanceof Absolute;
  }

  /** Null if there is no such form. */
  static Node of(Activation f, Node saved) {
    Formula formula = FORMULAS.get(f.getClass());
    return formula == null ? null : formula.of(f, saved);
  }

  /** σ + βx·σ·(1 − σ) with σ = σ(βx). */
  private static Node swish(float beta, Node x) {
    Node scaled = scale(beta, x);
    Node s = sigmoid(scaled);
    return add(s, multiply(scaled, subtract(s, square(s))));
  }

  /** t + x·σ·(1 − t²) with t = tanh(softplus x). */
  private static Node mish(Node x) {
    Node t = tanh(softplus(x));
    return add(t, multiply(multiply(x, sigmoid(x)), shift(1f, negate(square(t)))));
  }

  /** s where y > 0, else (y + s·α) / w. */
  private static Node exponentialLinear(ExponentialLinear e, Node y) {
    float left = e.scale() * e.alpha() / e.width();
    Node right = scale(e.scale() - left, activation(new Threshold(0f), y));
    Node rise = scale(1 / e.width(), minimum(y, y.graph().constant(0f)));
    return shift(left, add(right, rise));
  }

  /** 0, (2x + 3) / 6 and 1, parted at −3 and 3. */
  private static Node hardSwish(Node x) {
    Node above = activation(new Threshold(3f), x);
    Node between = subtract(activation(new Threshold(-3f), x), above);
    return add(above, multiply(between, shift(0.5f, scale(1 / 3f, x))));
  }

  /** Φ + x·φ. */
  private static Node gelu(Node x) {
    Node cumulative = shift(0.5f, scale(0.5f, erf(scale(ROOT_HALF, x))));
    Node density = scale(DENSITY, exp(scale(-0.5f, square(x))));
    return add(cumulative, multiply(x, density));
  }

  /** (1 + t)/2 + x/2·(1 − t²)·u′ with t = tanh u. */
  private static Node geluTanh(Node x) {
    Node u = scale(INNER, add(x, scale(CUBE, power(x, 3))));
    Node du = shift(INNER, scale(3 * CUBE * INNER, square(x)));
    Node t = tanh(u);
    Node rise = multiply(multiply(scale(0.5f, x), shift(1f, negate(square(t)))), du);
    return add(shift(0.5f, scale(0.5f, t)), rise);
  }
}
