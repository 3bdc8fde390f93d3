package org.lanegrad.bench.work;

import java.util.List;

/** Ops to count, as seen from outside of the loader that counts them. */
public interface Workload {
  /** The names of the ops that have a backward pass. */
  List<String> ops();

  /** The sizes of an op, growing. */
  List<String> sizes(String op);

  /** Flops forward, flops backward, and the largest backward / forward that the model allows. */
  double[] model(String op, int size);

  /** The forward pass, and the backward pass after it, each a call. */
  Runnable[] passes(String op, int size);
}
