package org.lanegrad.bench.peer;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;

/** oneDNN's softmax, log-softmax, layer and RMS normalization over rows of a matrix. */
final class OneDnnRows extends OneDnn {
  /** Softmax. */
  static final int SOFTMAX = 0x30000;

  /** Log-softmax. */
  static final int LOG_SOFTMAX = 0x30001;

  private static final int BACKWARD = 128;
  private static final int MEAN = 49;
  private static final int VARIANCE = 50;
  private static final int SCALE = 51;
  private static final int SHIFT = 52;
  private static final int DIFF_SCALE = 255;
  private static final int DIFF_SHIFT = 256;
  private static final int USE_SCALE = 0x2;
  private static final int USE_SHIFT = 0x4;
  private static final int RMS = 0x20;
  private static final float EPSILON = 1e-5f;

  OneDnnRows(SymbolLookup library) {
    super(library);
  }

  /** Softmax or log-softmax forward. */
  Runnable softmax(int algorithm, int rows, int columns) {
    MemorySegment x = shape(rows, columns);
    int n = rows * columns;
    return primitive(
        softmaxDescriptor(algorithm, x),
        new Argument(SOURCE, x, n),
        new Argument(DESTINATION, x, n));
  }

  private MemorySegment softmaxDescriptor(int algorithm, MemorySegment x) {
    return created(
        "dnnl_softmax_forward_primitive_desc_create",
        new MemoryLayout[] {ADDRESS, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, JAVA_INT, ADDRESS},
        engine(),
        TRAINING,
        algorithm,
        x,
        x,
        1,
        MemorySegment.NULL);
  }

  /** Softmax or log-softmax backward, from the output. */
  Runnable softmaxBackward(int algorithm, int rows, int columns) {
    MemorySegment x = shape(rows, columns);
    int n = rows * columns;
    MemorySegment descriptor =
        created(
            "dnnl_softmax_backward_primitive_desc_create",
            new MemoryLayout[] {
              ADDRESS, JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_INT, ADDRESS, ADDRESS
            },
            engine(),
            algorithm,
            x,
            x,
            x,
            1,
            softmaxDescriptor(algorithm, x),
            MemorySegment.NULL);
    return primitive(
        descriptor,
        new Argument(DESTINATION, x, n),
        new Argument(DIFF_DESTINATION, x, n),
        new Argument(DIFF_SOURCE, x, n));
  }

  /** Layer or RMS normalization forward, with scale, and shift if it is not RMS. */
  Runnable norm(boolean rms, int rows, int columns) {
    MemorySegment x = shape(rows, columns);
    MemorySegment row = shape(columns);
    MemorySegment statistic = shape(rows);
    int n = rows * columns;
    return primitive(
        normDescriptor(rms, x, statistic),
        new Argument(SOURCE, x, n),
        new Argument(DESTINATION, x, n),
        new Argument(MEAN, statistic, rows),
        new Argument(VARIANCE, statistic, rows),
        new Argument(SCALE, row, columns),
        new Argument(SHIFT, row, columns));
  }

  private static int flags(boolean rms) {
    return rms ? USE_SCALE | RMS : USE_SCALE | USE_SHIFT;
  }

  private MemorySegment normDescriptor(boolean rms, MemorySegment x, MemorySegment statistic) {
    return created(
        "dnnl_layer_normalization_forward_primitive_desc_create",
        new MemoryLayout[] {
          ADDRESS, JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_FLOAT, JAVA_INT, ADDRESS
        },
        engine(),
        TRAINING,
        x,
        x,
        statistic,
        EPSILON,
        flags(rms),
        MemorySegment.NULL);
  }

  /** Layer or RMS normalization backward, with the gradients of scale and shift. */
  Runnable normBackward(boolean rms, int rows, int columns) {
    MemorySegment x = shape(rows, columns);
    MemorySegment row = shape(columns);
    MemorySegment statistic = shape(rows);
    int n = rows * columns;
    MemorySegment descriptor =
        created(
            "dnnl_layer_normalization_backward_primitive_desc_create",
            new MemoryLayout[] {
              ADDRESS,
              JAVA_INT,
              ADDRESS,
              ADDRESS,
              ADDRESS,
              ADDRESS,
              JAVA_FLOAT,
              JAVA_INT,
              ADDRESS,
              ADDRESS
            },
            engine(),
            BACKWARD,
            x,
            x,
            x,
            statistic,
            EPSILON,
            flags(rms),
            normDescriptor(rms, x, statistic),
            MemorySegment.NULL);
    return primitive(
        descriptor,
        new Argument(SOURCE, x, n),
        new Argument(DIFF_DESTINATION, x, n),
        new Argument(DIFF_SOURCE, x, n),
        new Argument(MEAN, statistic, rows),
        new Argument(VARIANCE, statistic, rows),
        new Argument(SCALE, row, columns),
        new Argument(SHIFT, row, columns),
        new Argument(DIFF_SCALE, row, columns),
        new Argument(DIFF_SHIFT, row, columns));
  }
}
