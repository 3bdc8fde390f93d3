package org.lanegrad.bench.peer;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;

/** oneDNN's inner product with a bias, ReLU fused, and its backward passes. */
final class OneDnnDense extends OneDnn {
  private static final int INFERENCE = 96;
  private static final int WEIGHTS = 33;
  private static final int BIAS = 41;
  private static final int DIFF_WEIGHTS = 161;
  private static final int DIFF_BIAS = 169;
  private static final int RELU = 0x20;
  private static final int WEIGHTS_LAYOUT = 131;

  OneDnnDense(SymbolLookup library) {
    super(library);
  }

  /** Inference of one layer on memory of its own. */
  Runnable layer(int rows, int inputs, int outputs, boolean relu) {
    return forward(INFERENCE, anyShape(outputs, inputs), rows, inputs, outputs, relu);
  }

  /** The same for training: the weights, which change with each step, as they are. */
  Runnable training(int rows, int inputs, int outputs, boolean relu) {
    return forward(TRAINING, shape(outputs, inputs), rows, inputs, outputs, relu);
  }

  private Runnable forward(
      int kind, MemorySegment weights, int rows, int inputs, int outputs, boolean relu) {
    MemorySegment descriptor = descriptor(kind, weights, rows, inputs, outputs, relu);
    MemorySegment w = layout(descriptor, WEIGHTS_LAYOUT);
    return primitive(
        descriptor,
        new Argument(SOURCE, shape(rows, inputs), rows * inputs),
        new Argument(WEIGHTS, w, elements(w)),
        new Argument(BIAS, shape(outputs), outputs),
        new Argument(DESTINATION, shape(rows, outputs), rows * outputs));
  }

  private MemorySegment descriptor(
      int kind, MemorySegment weights, int rows, int inputs, int outputs, boolean relu) {
    return created(
        "dnnl_inner_product_forward_primitive_desc_create",
        new MemoryLayout[] {ADDRESS, JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS},
        engine(),
        kind,
        shape(rows, inputs),
        weights,
        shape(outputs),
        shape(rows, outputs),
        relu ? fusedRelu() : MemorySegment.NULL);
  }

  /** The gradients of weights and bias. */
  Runnable weightsBackward(int rows, int inputs, int outputs) {
    MemorySegment x = shape(rows, inputs);
    MemorySegment y = shape(rows, outputs);
    MemorySegment w = shape(outputs, inputs);
    MemorySegment b = shape(outputs);
    MemorySegment descriptor =
        created(
            "dnnl_inner_product_backward_weights_primitive_desc_create",
            new MemoryLayout[] {ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS},
            engine(),
            x,
            w,
            b,
            y,
            descriptor(TRAINING, w, rows, inputs, outputs, false),
            MemorySegment.NULL);
    return primitive(
        descriptor,
        new Argument(SOURCE, x, rows * inputs),
        new Argument(DIFF_DESTINATION, y, rows * outputs),
        new Argument(DIFF_WEIGHTS, w, inputs * outputs),
        new Argument(DIFF_BIAS, b, outputs));
  }

  /** The gradient of the input. */
  Runnable inputBackward(int rows, int inputs, int outputs) {
    MemorySegment x = shape(rows, inputs);
    MemorySegment y = shape(rows, outputs);
    MemorySegment w = shape(outputs, inputs);
    MemorySegment descriptor =
        created(
            "dnnl_inner_product_backward_data_primitive_desc_create",
            new MemoryLayout[] {ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS},
            engine(),
            x,
            w,
            y,
            descriptor(TRAINING, w, rows, inputs, outputs, false),
            MemorySegment.NULL);
    return primitive(
        descriptor,
        new Argument(WEIGHTS, w, inputs * outputs),
        new Argument(DIFF_DESTINATION, y, rows * outputs),
        new Argument(DIFF_SOURCE, x, rows * inputs));
  }

  private MemorySegment fusedRelu() {
    MemorySegment operations = created("dnnl_post_ops_create", new MemoryLayout[0]);
    call(
        "dnnl_post_ops_append_eltwise",
        new MemoryLayout[] {ADDRESS, JAVA_INT, JAVA_FLOAT, JAVA_FLOAT},
        operations,
        RELU,
        0f,
        0f);
    MemorySegment attributes = created("dnnl_primitive_attr_create", new MemoryLayout[0]);
    call(
        "dnnl_primitive_attr_set_post_ops",
        new MemoryLayout[] {ADDRESS, ADDRESS},
        attributes,
        operations);
    return attributes;
  }
}
