package org.lanegrad.bench.model;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.commons.math3.stat.descriptive.rank.Percentile;
import org.lanegrad.Matrix;
import org.lanegrad.bench.machine.PeakFma;
import org.lanegrad.bench.peer.NativeOps;
import org.lanegrad.bench.peer.Peers;
import org.lanegrad.model.Model;
import org.lanegrad.model.ModelSession;
import org.lanegrad.model.SessionPool;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Measures a model at several batches, beside the native runtimes that load its file. */
@Command(
    name = "bench-model",
    description = "Measures an ONNX model at several batches, and native runtimes beside it.",
    footer = {"", "Example:", "  lanegrad bench-model digits.onnx --batches=1,32,256"},
    mixinStandardHelpOptions = true)
public final class BenchModelCommand implements Callable<Integer> {
  private static final double ROUND_NANOS = 4e6;
  private static final double TAIL_NANOS = 2e9;
  private static final int LEAST_CALLS = 200;
  private static final int MOST_CALLS = 10_000;
  private static final String OURS = "Lanegrad";
  private static final int LEAST_ROWS_TO_PART = 64;

  @Parameters(paramLabel = "MODEL", description = "an ONNX file")
  private Path file;

  @Option(names = "--batches", split = ",", description = "rows a run (default: 1,32,256)")
  private List<Integer> batches = List.of(1, 32, 256);

  @Option(names = "--rounds", description = "rounds, each with all in turns (default: 60)")
  private int rounds = 60;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    if (rounds < 1 || batches.stream().anyMatch(rows -> rows < 1)) {
      throw new ParameterException(
          spec.commandLine(),
          "--rounds is " + rounds + " and --batches " + batches + ", expected 1 or more");
    }
    Model model = LoadedModel.read(file).model();
    if (model.takesInts()) {
      throw new IOException(file + " reads ints, expected a model of numbers");
    }
    PrintWriter out = spec.commandLine().getOut();
    out.println(model.warmUp());
    List<NativeOps> natives = Peers.ops();
    // the caller's thread is the second one
    try (ExecutorService another = Executors.newSingleThreadExecutor()) {
      for (int rows : batches) {
        measure(out, model, natives, rows, another);
      }
    }
    out.flush();
    return 0;
  }

  private static FloatBuffer direct(int size) {
    return ByteBuffer.allocateDirect(size * Float.BYTES)
        .order(ByteOrder.nativeOrder())
        .asFloatBuffer();
  }

  private void measure(
      PrintWriter out, Model model, List<NativeOps> natives, int rows, Executor another)
      throws IOException {
    Matrix x = Matrix.zeros(rows, model.inputs());
    Matrix y = Matrix.zeros(rows, model.outputs());
    FloatBuffer peerX = direct(x.array().length);
    for (int i = 0; i < x.array().length; i++) {
      x.array()[i] = (float) Math.sin(i) * 0.5f;
      peerX.put(i, x.array()[i]);
    }
    ModelSession session = model.session(rows);
    Map<String, Runnable> calls = new LinkedHashMap<>();
    calls.put(OURS, () -> session.run(x, y));
    if (rows >= LEAST_ROWS_TO_PART) {
      SessionPool pool = model.sessions(2);
      Matrix parted = Matrix.zeros(rows, model.outputs());
      calls.put("two threads", () -> pool.run(x, parted, another, 2));
    }
    session.run(x, y);
    double largest = 0;
    for (float value : y.array()) {
      largest = Math.max(largest, Math.abs(value));
    }
    for (NativeOps library : natives) {
      FloatBuffer peerY = direct(y.array().length);
      Optional<Runnable> call = library.model(file, rows, peerX, peerY);
      if (call.isEmpty()) {
        continue;
      }
      call.get().run();
      double worst = 0;
      for (int i = 0; i < y.array().length; i++) {
        worst = Math.max(worst, Math.abs(y.array()[i] - peerY.get(i)));
      }
      out.printf(
          Locale.ROOT,
          "batch %d: %s's answers are within %.2g of ours, which go up to %.3g%n",
          rows,
          library.name(),
          worst,
          largest);
      if (!(worst <= 1e-3 * largest)) {
        throw new IllegalStateException(library.name() + " has other answers than ours");
      }
      calls.put(library.name(), call.get());
    }
    Map<String, double[]> times = times(calls);
    print(out, rows, times);
    out.printf(
        Locale.ROOT,
        "batch %-4d %-14s %.0f %% of the FMA peak of one core%n",
        rows,
        OURS,
        100 * model.flops(rows) / median(times.get(OURS)) / PeakFma.gflops());
    times.forEach((name, nanos) -> printTail(out, rows, name, calls.get(name), median(nanos)));
  }

  /** How much longer than the median of single calls the slowest hundredth take. */
  private static void printTail(
      PrintWriter out, int rows, String name, Runnable call, double expected) {
    int count = (int) Math.clamp(TAIL_NANOS / expected, LEAST_CALLS, MOST_CALLS);
    double[] nanos = new double[count];
    for (int i = 0; i < count; i++) {
      long start = System.nanoTime();
      call.run();
      nanos[i] = System.nanoTime() - start;
    }
    double tail = new Percentile().evaluate(nanos, 99);
    out.printf(
        Locale.ROOT,
        "batch %-4d %-14s %,d single calls: median %.1f µs, 99th percentile %.1f µs, %.2f times that%n",
        rows,
        name,
        count,
        median(nanos) / 1e3,
        tail / 1e3,
        tail / median(nanos));
  }

  /** Nanoseconds of each call in each round, all in turns. */
  private Map<String, double[]> times(Map<String, Runnable> calls) {
    Map<String, Integer> repeats = new LinkedHashMap<>();
    Map<String, double[]> times = new LinkedHashMap<>();
    calls.forEach(
        (name, call) -> {
          long start = System.nanoTime();
          int count = 0;
          for (; System.nanoTime() - start < 20 * ROUND_NANOS; count++) {
            call.run();
          }
          repeats.put(name, Math.max(1, count / 20));
          times.put(name, new double[rounds]);
        });
    for (int round = 0; round < rounds; round++) {
      int at = round;
      List<Map.Entry<String, Runnable>> order = new ArrayList<>(calls.entrySet());
      java.util.Collections.rotate(order, round);
      order.forEach(
          entry -> {
            int count = repeats.get(entry.getKey());
            long start = System.nanoTime();
            for (int i = 0; i < count; i++) {
              entry.getValue().run();
            }
            times.get(entry.getKey())[at] = (System.nanoTime() - start) / (double) count;
          });
    }
    return times;
  }

  private static void print(PrintWriter out, int rows, Map<String, double[]> times) {
    double ours = median(times.get(OURS));
    times.forEach(
        (name, nanos) ->
            out.printf(
                Locale.ROOT,
                "batch %-4d %-14s %9.1f µs (quartiles %.1f … %.1f), %,.0f rows/s%s%n",
                rows,
                name,
                median(nanos) / 1e3,
                new Percentile().evaluate(nanos, 25) / 1e3,
                new Percentile().evaluate(nanos, 75) / 1e3,
                rows / (median(nanos) / 1e9),
                name.equals(OURS)
                    ? ""
                    : String.format(
                        Locale.ROOT, "; Lanegrad is %.2f times as fast", median(nanos) / ours)));
  }

  private static double median(double[] values) {
    return new Percentile().evaluate(values, 50);
  }
}
