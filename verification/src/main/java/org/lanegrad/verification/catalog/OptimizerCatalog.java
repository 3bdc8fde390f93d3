package org.lanegrad.verification.catalog;

import java.util.List;
import java.util.function.IntFunction;
import org.lanegrad.optimizer.AdaGrad;
import org.lanegrad.optimizer.Adam;
import org.lanegrad.optimizer.Momentum;
import org.lanegrad.optimizer.RmsProp;
import org.lanegrad.optimizer.Sgd;
import org.lanegrad.reference.op.Update;

/** One step of each optimizer over n parameters. An update has no backward pass. */
public final class OptimizerCatalog {
  private static final float RATE = 0.125f;
  private static final int STEP = 3;

  private OptimizerCatalog() {}

  /** The rows. */
  public static List<OpSpec> all() {
    Momentum momentum = new Momentum(0.875f, 0.25f, 0.0625f, false);
    Momentum nesterov = new Momentum(0.875f, 0.25f, 0.0625f, true);
    RmsProp rmsProp = new RmsProp(0.875f, 0x1p-10f, 0.0625f);
    AdaGrad adaGrad = new AdaGrad(0x1p-10f, 0.0625f);
    Adam adam = new Adam(0.875f, 0.96875f, 0x1p-10f, 0.0625f, 0f);
    Adam adamW = new Adam(0.875f, 0.96875f, 0x1p-10f, 0f, 0.0625f);
    return List.of(
        row("sgd", Sgd.class, SgdProblem::new, 2, 12),
        row(
            "momentum",
            Momentum.class,
            n -> one(reference(momentum), n, (g, s, p) -> momentum.step(RATE, g, s, p)),
            8,
            20),
        row(
            "nesterov",
            Momentum.class,
            n -> one(reference(nesterov), n, (g, s, p) -> nesterov.step(RATE, g, s, p)),
            8,
            20),
        row(
            "rmsprop",
            RmsProp.class,
            n ->
                one(
                    new Update.RmsProp(RATE, 0.875, 0x1p-10, 0.0625),
                    n,
                    (g, s, p) -> rmsProp.step(RATE, g, s, p)),
            12,
            20),
        row(
            "adagrad",
            AdaGrad.class,
            n ->
                one(
                    new Update.AdaGrad(RATE, 0x1p-10, 0.0625),
                    n,
                    (g, s, p) -> adaGrad.step(RATE, g, s, p)),
            11,
            20),
        row("adam", Adam.class, n -> two(reference(adam), n, adam), 16, 28),
        row("adamw", Adam.class, n -> two(reference(adamW), n, adamW), 16, 28));
  }

  private static Update reference(Momentum m) {
    return new Update.Momentum(RATE, m.momentum(), m.dampening(), m.l2(), m.nesterov());
  }

  private static Update reference(Adam a) {
    return new Update.Adam(RATE, STEP, a.beta1(), a.beta2(), a.epsilon(), a.l2(), a.decay());
  }

  /** A kernel with one array of state. */
  private interface Step {
    void run(float[] gradient, float[] state, float[] parameters);
  }

  private static Problem one(Update update, int n, Step step) {
    return new OptimizerProblem(update, n, (g, states, p) -> step.run(g, states[0], p));
  }

  private static Problem two(Update update, int n, Adam adam) {
    return new OptimizerProblem(
        update, n, (g, states, p) -> adam.step(RATE, STEP, g, states[0], states[1], p));
  }

  private static OpSpec row(
      String name, Class<?> kernel, IntFunction<Problem> problem, double flops, double bytes) {
    return new OpSpec(
        name,
        List.of(kernel),
        s -> problem.apply(s.n()),
        // squares of gradients are states, so states are not negative
        new Domain(0, 4, new float[0]),
        Shapes.lengths(),
        Shapes.shortLengths(),
        Shapes.benchmarkLengths(),
        s -> Cost.forwardOnly(flops * s.n(), bytes * s.n()));
  }
}
