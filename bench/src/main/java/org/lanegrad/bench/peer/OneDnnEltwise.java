package org.lanegrad.bench.peer;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;

/** oneDNN's elementwise primitives over vectors of floats. */
final class OneDnnEltwise extends OneDnn {
  OneDnnEltwise(SymbolLookup library) {
    super(library);
  }

  /**
   * A function by oneDNN's number for it.
   *
   * @param forward its algorithm forward
   * @param backward its algorithm backward
   * @param fromOutput whether the backward pass reads the output
   * @param alpha its first parameter
   * @param beta its second parameter
   */
  record Function(int forward, int backward, boolean fromOutput, float alpha, float beta) {}

  /** A forward pass over n elements. */
  Runnable forward(Function f, int n) {
    MemorySegment vector = shape(n);
    MemorySegment descriptor =
        created(
            "dnnl_eltwise_forward_primitive_desc_create",
            new MemoryLayout[] {
              ADDRESS, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, JAVA_FLOAT, JAVA_FLOAT, ADDRESS
            },
            engine(),
            TRAINING,
            f.forward,
            vector,
            vector,
            f.alpha,
            f.beta,
            MemorySegment.NULL);
    return primitive(
        descriptor, new Argument(SOURCE, vector, n), new Argument(DESTINATION, vector, n));
  }

  /** A backward pass over n elements. */
  Runnable backward(Function f, int n) {
    MemorySegment vector = shape(n);
    MemorySegment hint =
        created(
            "dnnl_eltwise_forward_primitive_desc_create",
            new MemoryLayout[] {
              ADDRESS, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, JAVA_FLOAT, JAVA_FLOAT, ADDRESS
            },
            engine(),
            TRAINING,
            f.backward,
            vector,
            vector,
            f.alpha,
            f.beta,
            MemorySegment.NULL);
    MemorySegment descriptor =
        created(
            "dnnl_eltwise_backward_primitive_desc_create",
            new MemoryLayout[] {
              ADDRESS, JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_FLOAT, JAVA_FLOAT, ADDRESS, ADDRESS
            },
            engine(),
            f.backward,
            vector,
            vector,
            vector,
            f.alpha,
            f.beta,
            hint,
            MemorySegment.NULL);
    int saved = f.fromOutput ? DESTINATION : SOURCE;
    return primitive(
        descriptor,
        new Argument(saved, vector, n),
        new Argument(DIFF_DESTINATION, vector, n),
        new Argument(DIFF_SOURCE, vector, n));
  }
}
