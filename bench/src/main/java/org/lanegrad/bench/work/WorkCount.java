package org.lanegrad.bench.work;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What both passes of one op do at growing sizes, in executed instructions.
 *
 * @param op the op's name
 * @param sizes the sizes, growing
 * @param forward the instructions of a forward pass at each size
 * @param backward those of a backward pass
 * @param forwardModel the flops of a forward pass by the op's work model
 * @param backwardModel those of a backward pass
 * @param ratioLimit the largest backward / forward that the model allows
 */
public record WorkCount(
    String op,
    List<String> sizes,
    List<Double> forward,
    List<Double> backward,
    List<Double> forwardModel,
    List<Double> backwardModel,
    List<Double> ratioLimit) {
  /** How far an exponent may lie from the work model's. */
  public static final double EXPONENT = 0.02;

  /** Counts every op of the catalog; takes a few seconds. */
  public static List<WorkCount> all() {
    return all(CatalogWorkload.class);
  }

  static List<WorkCount> all(Class<? extends CatalogWorkload> workload) {
    try {
      Class<?> anew = new CountingLoader(workload).loadClass(workload.getName());
      Workload ops = (Workload) anew.getDeclaredConstructor().newInstance();
      return ops.ops().stream().map(op -> count(ops, op)).toList();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static WorkCount count(Workload ops, String op) {
    List<Double> forward = new ArrayList<>();
    List<Double> backward = new ArrayList<>();
    List<Double> forwardModel = new ArrayList<>();
    List<Double> backwardModel = new ArrayList<>();
    List<Double> limits = new ArrayList<>();
    for (int size = 0; size < ops.sizes(op).size(); size++) {
      Runnable[] passes = ops.passes(op, size);
      forward.add(count(passes[0]));
      backward.add(count(passes[1]));
      double[] model = ops.model(op, size);
      forwardModel.add(model[0]);
      backwardModel.add(model[1]);
      limits.add(model[2]);
    }
    return new WorkCount(op, ops.sizes(op), forward, backward, forwardModel, backwardModel, limits);
  }

  /** A pass runs once before it counts: a first one makes rooms and initializes classes. */
  private static double count(Runnable pass) {
    pass.run();
    Counters.reset();
    pass.run();
    return Counters.work();
  }

  /** The exponent of the forward pass's work in its model's. */
  public double forwardExponent() {
    return exponent(forwardModel, forward);
  }

  /** The exponent of the backward pass's work in its model's. */
  public double backwardExponent() {
    return exponent(backwardModel, backward);
  }

  /** The largest backward / forward, as a fraction of what the model allows at that size. */
  public double ratioOfLimit() {
    double largest = 0;
    for (int s = 0; s < forward.size(); s++) {
      largest = Math.max(largest, backward.get(s) / forward.get(s) / ratioLimit.get(s));
    }
    return largest;
  }

  /** The largest backward / forward of all sizes. */
  public double ratio() {
    double largest = 0;
    for (int s = 0; s < forward.size(); s++) {
      largest = Math.max(largest, backward.get(s) / forward.get(s));
    }
    return largest;
  }

  /** Whether the backward pass is O(forward), and both are what the model says. */
  public boolean passes() {
    return ratioOfLimit() <= 1 && fits(forwardExponent()) && fits(backwardExponent());
  }

  /** A pass that executes none of our instructions has no exponent, which is right by the model. */
  private static boolean fits(double exponent) {
    return Double.isNaN(exponent) || Math.abs(exponent - 1) <= EXPONENT;
  }

  /**
   * Between the two largest sizes: what an activation adds to a product, or a call to a short loop,
   * weighs less and less.
   */
  private static double exponent(List<Double> model, List<Double> work) {
    int last = work.size() - 1;
    return work.get(last) == 0
        ? Double.NaN
        : Math.log(work.get(last) / work.get(last - 1))
            / Math.log(model.get(last) / model.get(last - 1));
  }

  @Override
  public String toString() {
    String verdict = passes() ? "pass" : "FAIL, the backward pass of " + op + " is not O(forward)";
    if (!passes() && ratioOfLimit() <= 1 && fits(backwardExponent())) {
      verdict = "FAIL, the forward pass of " + op + " does not grow as its work model";
    }
    return String.format(
        Locale.ROOT,
        "%-32s work: backward/forward %.2f, %.2f of its limit; exponents %.3f forward, %.3f backward: %s",
        op,
        ratio(),
        ratioOfLimit(),
        forwardExponent(),
        backwardExponent(),
        verdict);
  }
}
