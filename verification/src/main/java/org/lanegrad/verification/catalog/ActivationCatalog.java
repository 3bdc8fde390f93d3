package org.lanegrad.verification.catalog;

import static org.lanegrad.reference.gate.ExponentialLinear.celu;
import static org.lanegrad.reference.gate.ExponentialLinear.elu;
import static org.lanegrad.reference.gate.ExponentialLinear.selu;
import static org.lanegrad.reference.gate.HardSwish.hardSwish;
import static org.lanegrad.reference.gate.PiecewiseLinear.clip;
import static org.lanegrad.reference.gate.PiecewiseLinear.hardSigmoid;
import static org.lanegrad.reference.gate.PiecewiseLinear.identity;
import static org.lanegrad.reference.gate.PiecewiseLinear.leakyRelu;
import static org.lanegrad.reference.gate.PiecewiseLinear.relu;
import static org.lanegrad.reference.gate.PiecewiseLinear.threshold;
import static org.lanegrad.reference.gate.PiecewiseLinear.thresholdedRelu;
import static org.lanegrad.reference.gate.Swish.swish;

import java.util.List;
import org.lanegrad.Lanegrad;
import org.lanegrad.activation.ExponentialLinear;
import org.lanegrad.activation.Gelu;
import org.lanegrad.activation.GeluTanh;
import org.lanegrad.activation.HardSwish;
import org.lanegrad.activation.Identity;
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
import org.lanegrad.elementwise.Affine;
import org.lanegrad.elementwise.Erf;
import org.lanegrad.elementwise.Expm1;
import org.lanegrad.elementwise.Exponential;
import org.lanegrad.elementwise.Log1p;
import org.lanegrad.elementwise.Logarithm;
import org.lanegrad.elementwise.Reciprocal;
import org.lanegrad.elementwise.Square;
import org.lanegrad.elementwise.SquareRoot;
import org.lanegrad.reference.gate.Elementary;
import org.lanegrad.reference.gate.Power;
import org.lanegrad.reference.gate.Smooth;
import org.lanegrad.verification.compare.Mixed;
import org.lanegrad.verification.compare.Ulps;
import org.lanegrad.verification.compare.UlpsOrAbsolute;
import org.lanegrad.verification.gradcheck.Kinks;

/** All activations of one number, a row each. */
public final class ActivationCatalog {
  private static final Kinks SMOOTH = Kinks.NONE;
  private static final Kinks KINKED = Kinks.SUBGRADIENT;

  private ActivationCatalog() {}

  /** The rows, in the order of the reports. */
  public static List<UnarySpec> all() {
    Ulps exact = new Ulps(0);
    // GeluTanh by the exponential, on 4 lanes, passes the rounding of z on
    double tail = Lanegrad.lanes() == 4 ? 0x1p-23 : 0x1p-30;
    // without lanes C2 makes vectors of |x|, not of a sign that is flipped (measured: 3.7 to 4.1)
    int signFlops = Lanegrad.lanes() > 1 ? 3 : 5;
    // without lanes three indices an element, two of them moved between registers, where the
    // forward loop has two (C2's loops; measured: 2.4 to 2.6)
    int squareFlops = Lanegrad.lanes() > 1 ? 2 : 3;
    // spotless:off
    return List.of(
        //            name               kernel                               reference             range    forward                           backward           kinks   flops forward, backward
        new UnarySpec("identity",         new Identity(),                      identity(),           -4, 4,   exact,                            exact,             SMOOTH, 1, 1),
        new UnarySpec("relu",             new Relu(),                          relu(),               -4, 4,   exact,                            exact,             KINKED, 2, 3),
        new UnarySpec("leaky relu",       PiecewiseLinear.leakyRelu(0.125f),   leakyRelu(0.125),     -4, 4,   new Ulps(0.5),                    new Ulps(0.5),     KINKED, 6, 2),
        new UnarySpec("thresholded relu", PiecewiseLinear.thresholdedRelu(1f), thresholdedRelu(1),   -4, 4,   exact,                            exact,             KINKED, 6, 2),
        new UnarySpec("threshold",        new Threshold(0.5f),                 threshold(0.5),       -4, 4,   exact,                            exact,             KINKED, 2, 1),
        new UnarySpec("hard tanh",        PiecewiseLinear.hardTanh(),          clip(-1, 1),          -4, 4,   exact,                            exact,             KINKED, 6, 2),
        new UnarySpec("clip",             PiecewiseLinear.clip(-2f, 1.5f),     clip(-2, 1.5),        -4, 4,   exact,                            exact,             KINKED, 6, 2),
        new UnarySpec("hard sigmoid",     PiecewiseLinear.hardSigmoid(0.25f, 0.5f), hardSigmoid(0.25, 0.5), -4, 4, new Ulps(0.5),                new Ulps(0.5),     KINKED, 6, 2),
        new UnarySpec("hard swish",       new HardSwish(),                     hardSwish(),          -5, 5,   new Ulps(2.5),                    new Mixed(1, 2),   KINKED, 4, 4),
        new UnarySpec("sigmoid",          new Sigmoid(),                       Smooth.SIGMOID,       -30, 30, new Ulps(2.5),                    new Mixed(2, 2.5), SMOOTH, 20, 3),
        new UnarySpec("tanh",             new Tanh(),                          Smooth.TANH,          -10, 10, new Ulps(2.5),                    new Mixed(2, 5),   SMOOTH, 20, 3),
        new UnarySpec("elu",              ExponentialLinear.elu(1f),           elu(1),               -20, 5,  new Ulps(2.5),                    new Mixed(2, 3),   SMOOTH, 20, 4),
        new UnarySpec("elu, α = 10",      ExponentialLinear.elu(10f),          elu(10),              -20, 5,  new Ulps(2.5),                    new Mixed(2, 60),  KINKED, 20, 4),
        new UnarySpec("selu",             ExponentialLinear.selu(),            selu(),               -20, 5,  new Ulps(2.5),                    new Mixed(2, 4),   KINKED, 20, 4),
        new UnarySpec("celu",             ExponentialLinear.celu(2f),          celu(2),              -40, 5,  new Ulps(2.5),                    new Mixed(2, 3),   SMOOTH, 20, 4),
        new UnarySpec("softplus",         new Softplus(),                      Smooth.SOFTPLUS,      -30, 30, new Ulps(2.5),                    new Mixed(2, 2),   SMOOTH, 30, 17),
        new UnarySpec("softsign",         new Softsign(),                      Smooth.SOFTSIGN,      -30, 30, new Ulps(1.5),                    new Mixed(2, 3),   SMOOTH, 12, 4),
        new UnarySpec("silu",             Swish.silu(),                        swish(1),             -30, 30, new Ulps(2.5),                    new Mixed(2, 5),   SMOOTH, 25, 25),
        new UnarySpec("swish, β = 1.5",   new Swish(1.5f),                     swish(1.5),           -20, 20, new UlpsOrAbsolute(2.5, 0x1p-24), new Mixed(2, 5),   SMOOTH, 25, 25),
        new UnarySpec("mish",             new Mish(),                          Smooth.MISH,          -30, 30, new Ulps(4),                      new Mixed(2, 5),   SMOOTH, 26, 29),
        new UnarySpec("gelu",             new Gelu(),                          Smooth.GELU,          -12, 12, new UlpsOrAbsolute(4, 0x1p-30),   new Mixed(2, 3),   SMOOTH, 24, 24),
        new UnarySpec("gelu, tanh",       new GeluTanh(),                      Smooth.GELU_TANH,     -9, 9,   new UlpsOrAbsolute(4, tail),      new Mixed(2, 6),   SMOOTH, 24, 24),
        new UnarySpec("exp",              new Exponential(),                   Elementary.EXP,       -20, 20, new Ulps(1),                      new Ulps(2),       SMOOTH, 22, 1),
        new UnarySpec("expm1",            new Expm1(),                         Elementary.EXPM1,     -20, 20, new Ulps(2.5),                    new Mixed(3, 2),   SMOOTH, 23, 2),
        new UnarySpec("log",              new Logarithm(),                     Elementary.LOG,       0.5, 20, new Ulps(1),                      new Ulps(0.5),     SMOOTH, 34, 12),
        new UnarySpec("log1p",            new Log1p(),                         Elementary.LOG1P,    -0.5, 20, new Ulps(2.5),                    new Ulps(1.5),     SMOOTH, 36, 13),
        new UnarySpec("erf",              new Erf(),                           Elementary.ERF,       -4, 4,   new Ulps(2.5),                    new Mixed(2, 2),   SMOOTH, 22, 22),
        new UnarySpec("negate",           Affine.negation(),                   Elementary.NEGATE,    -4, 4,   exact,                            exact,             SMOOTH, 2, 1),
        new UnarySpec("affine",           new Affine(1.5f, 0.25f),             line(1.5, 0.25),      -4, 4,   new Ulps(0.5),                    new Ulps(0.5),     SMOOTH, 2, 1),
        new UnarySpec("reciprocal",       new Reciprocal(),                    Elementary.RECIPROCAL, 0.5, 4, new Ulps(0.5),                    new Ulps(2.5),     SMOOTH, 1, 3),
        new UnarySpec("square",           new Square(),                        new Power(2),         -4, 4,   new Ulps(0.5),                    new Ulps(1),       SMOOTH, 1, squareFlops),
        new UnarySpec("square root",      new SquareRoot(),                    Elementary.SQRT,      0.5, 20, new Ulps(0.5),                    new Ulps(1.5),     SMOOTH, 1, 2),
        new UnarySpec("absolute",         new Absolute(),                      Elementary.ABS,       -4, 4,   exact,                            exact,             KINKED, 1, signFlops));
    // spotless:on
  }

  private static org.lanegrad.reference.gate.PiecewiseLinear line(double slope, double shift) {
    return new org.lanegrad.reference.gate.PiecewiseLinear(
        List.of(), List.of(slope), List.of(shift));
  }

  /**
   * The row of that name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static UnarySpec named(String name) {
    return all().stream()
        .filter(spec -> spec.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no activation \"" + name + "\""));
  }
}
