package org.lanegrad.bench.peer;

import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A native library's kernels, by the names of the catalog's rows, each on memory of its own. Those
 * that need more than the JDK to be called stand behind {@link java.util.ServiceLoader}.
 */
public interface NativeOps {
  /** The library's name. */
  String name();

  /** A forward pass over so many elements, if the library has the op. */
  Optional<Runnable> forward(String op, int rows, int columns);

  /** Its backward pass. */
  Optional<Runnable> backward(String op, int rows, int columns);

  /**
   * Inference of fully connected layers with biases, and ReLU between them, the weights in the
   * layout that the library prefers.
   *
   * @param rows the batch
   * @param sizes of the input and of each layer's output
   */
  Runnable network(int rows, int... sizes);

  /** A step of training of the same layers, if the library can train. */
  Optional<Runnable> trainingStep(int rows, int... sizes);

  /**
   * A run of a model in a file of ONNX, if the library loads such files.
   *
   * @param x a direct buffer of rows
   * @param y another, for the answers
   */
  default Optional<Runnable> model(Path file, int rows, FloatBuffer x, FloatBuffer y) {
    return Optional.empty();
  }
}
