package org.lanegrad.bench.peer;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.lanegrad.bench.peer.OneDnnEltwise.Function;

/** oneDNN's elementwise and row primitives. */
final class OneDnnOps implements NativeOps {
  private static final Map<String, Function> FUNCTIONS =
      Map.ofEntries(
          Map.entry("relu", new Function(0x20, 0x100, true, 0, 0)),
          Map.entry("leaky relu", new Function(0x20, 0x100, true, 0.125f, 0)),
          Map.entry("hard tanh", new Function(0x2f, 0x106, true, -1, 1)),
          Map.entry("hard sigmoid", new Function(0x28, 0x28, false, 0.25f, 0.5f)),
          Map.entry("hard swish", new Function(0x34, 0x34, false, 1 / 6f, 0.5f)),
          Map.entry("sigmoid", new Function(0x29, 0x104, true, 0, 0)),
          Map.entry("tanh", new Function(0x21, 0x101, true, 0, 0)),
          Map.entry("elu", new Function(0x22, 0x102, true, 1, 0)),
          Map.entry("softplus", new Function(0x27, 0x27, false, 1, 0)),
          Map.entry("silu", new Function(0x2c, 0x2c, false, 1, 0)),
          Map.entry("mish", new Function(0x33, 0x33, false, 0, 0)),
          Map.entry("gelu", new Function(0x31, 0x31, false, 0, 0)),
          Map.entry("gelu, tanh", new Function(0x2b, 0x2b, false, 0, 0)),
          Map.entry("exp", new Function(0x2a, 0x105, true, 0, 0)),
          Map.entry("log", new Function(0x2d, 0x2d, false, 0, 0)));

  private final OneDnnEltwise elementwise;
  private final OneDnnRows byRows;
  private final OneDnnDense dense;

  OneDnnOps(OneDnnEltwise elementwise, OneDnnRows byRows, OneDnnDense dense) {
    this.elementwise = elementwise;
    this.byRows = byRows;
    this.dense = dense;
  }

  @Override
  public String name() {
    return "oneDNN";
  }

  @Override
  public Optional<Runnable> forward(String op, int rows, int columns) {
    Function f = FUNCTIONS.get(op);
    if (f != null) {
      return Optional.of(elementwise.forward(f, rows * columns));
    }
    return switch (op) {
      case "softmax" -> Optional.of(byRows.softmax(OneDnnRows.SOFTMAX, rows, columns));
      case "log-softmax" -> Optional.of(byRows.softmax(OneDnnRows.LOG_SOFTMAX, rows, columns));
      case "layer norm" -> Optional.of(byRows.norm(false, rows, columns));
      case "rms norm" -> Optional.of(byRows.norm(true, rows, columns));
      default -> Optional.empty();
    };
  }

  @Override
  public Runnable network(int rows, int... sizes) {
    List<Runnable> layers = new ArrayList<>();
    for (int i = 1; i < sizes.length; i++) {
      layers.add(dense.layer(rows, sizes[i - 1], sizes[i], i + 1 < sizes.length));
    }
    return () -> layers.forEach(Runnable::run);
  }

  /** Its products and ReLUs, forward and backward; it has no loss, and no step. */
  @Override
  public Optional<Runnable> trainingStep(int rows, int... sizes) {
    List<Runnable> calls = new ArrayList<>();
    for (int i = 1; i < sizes.length; i++) {
      calls.add(dense.training(rows, sizes[i - 1], sizes[i], i + 1 < sizes.length));
    }
    for (int i = sizes.length - 1; i > 0; i--) {
      if (i + 1 < sizes.length) {
        calls.add(elementwise.backward(FUNCTIONS.get("relu"), rows * sizes[i]));
      }
      calls.add(dense.weightsBackward(rows, sizes[i - 1], sizes[i]));
      if (i > 1) {
        calls.add(dense.inputBackward(rows, sizes[i - 1], sizes[i]));
      }
    }
    return Optional.of(() -> calls.forEach(Runnable::run));
  }

  @Override
  public Optional<Runnable> backward(String op, int rows, int columns) {
    Function f = FUNCTIONS.get(op);
    if (f != null) {
      return Optional.of(elementwise.backward(f, rows * columns));
    }
    return switch (op) {
      case "softmax" -> Optional.of(byRows.softmaxBackward(OneDnnRows.SOFTMAX, rows, columns));
      case "log-softmax" ->
          Optional.of(byRows.softmaxBackward(OneDnnRows.LOG_SOFTMAX, rows, columns));
      case "layer norm" -> Optional.of(byRows.normBackward(false, rows, columns));
      case "rms norm" -> Optional.of(byRows.normBackward(true, rows, columns));
      default -> Optional.empty();
    };
  }
}
