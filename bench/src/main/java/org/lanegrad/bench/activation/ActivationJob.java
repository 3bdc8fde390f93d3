package org.lanegrad.bench.activation;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.math3.stat.descriptive.rank.Percentile;
import org.lanegrad.bench.op.BoundOp;
import org.lanegrad.bench.peer.OneDnnEltwise;
import org.lanegrad.bench.peer.OneDnnEltwise.Function;
import org.lanegrad.verification.catalog.OpCatalog;
import org.lanegrad.verification.catalog.Shape;

/**
 * Measures each activation at a size of the L1 cache and one of the L2 cache, in rounds in which
 * ours and the peer take turns, with all of our ops compiled before.
 */
public final class ActivationJob {
  private static final int[] SIZES = {4_096, 262_144};
  private static final long BATCH_NANOS = 3_000_000;

  /**
   * C2 takes its time for the longer formulas, and on one core it shares that with the benchmark.
   */
  private static final long WARM_UP_NANOS = 600_000_000;

  private final PrintWriter out;
  private final int rounds;

  /** A job that prints its table as it goes. */
  public ActivationJob(PrintWriter out, int rounds) {
    this.out = out;
    this.rounds = rounds;
  }

  /**
   * One measured line.
   *
   * @param name the activation and the direction
   * @param n the number of elements
   * @param ours nanoseconds an element, the median of the rounds
   * @param low the fastest round
   * @param high the slowest round
   * @param peer oneDNN's median, NaN where it has no such function or is not there
   */
  public record Line(String name, int n, double ours, double low, double high, double peer) {}

  /** oneDNN's functions by the names of our rows. */
  private static Map<String, Function> peers() {
    Map<String, Function> functions = new LinkedHashMap<>();
    functions.put("relu", new Function(0x20, 0x100, true, 0, 0));
    functions.put("leaky relu", new Function(0x20, 0x100, true, 0.125f, 0));
    functions.put("hard tanh", new Function(0x2f, 0x106, true, -1, 1));
    functions.put("hard sigmoid", new Function(0x28, 0x28, false, 0.25f, 0.5f));
    functions.put("hard swish", new Function(0x34, 0x34, false, 1 / 6f, 0.5f));
    functions.put("sigmoid", new Function(0x29, 0x104, true, 0, 0));
    functions.put("tanh", new Function(0x21, 0x101, true, 0, 0));
    functions.put("elu", new Function(0x22, 0x102, true, 1, 0));
    functions.put("softplus", new Function(0x27, 0x27, false, 1, 0));
    functions.put("silu", new Function(0x2c, 0x2c, false, 1, 0));
    functions.put("mish", new Function(0x33, 0x33, false, 0, 0));
    functions.put("gelu", new Function(0x31, 0x31, false, 0, 0));
    functions.put("gelu, tanh", new Function(0x2b, 0x2b, false, 0, 0));
    return functions;
  }

  /** Runs all lines; prints the geometric mean of the ratios to the peer. */
  public List<Line> run() {
    BoundOp.warmUpAll();
    Optional<OneDnnEltwise> oneDnn = OneDnnEltwise.find();
    List<Line> lines = new ArrayList<>();
    double logarithms = 0;
    int compared = 0;
    for (Map.Entry<String, Function> peer : peers().entrySet()) {
      for (int n : SIZES) {
        BoundOp op = new BoundOp(OpCatalog.named(peer.getKey()), Shape.of(n));
        Function f = peer.getValue();
        Runnable theirs = oneDnn.map(library -> library.forward(f, n)).orElse(null);
        lines.add(measure(peer.getKey() + " forward", n, op::forward, theirs));
        theirs = oneDnn.map(library -> library.backward(f, n)).orElse(null);
        lines.add(measure(peer.getKey() + " backward", n, op::backward, theirs));
      }
    }
    for (Line line : lines) {
      if (!Double.isNaN(line.peer())) {
        logarithms += Math.log(line.peer() / line.ours());
        compared++;
      }
    }
    if (compared > 0) {
      double mean = Math.exp(logarithms / compared);
      out.printf(Locale.ROOT, "geometric mean of %d: %.2f times oneDNN%n", compared, mean);
    }
    return lines;
  }

  private Line measure(String name, int n, Runnable ours, Runnable theirs) {
    List<Runnable> calls = theirs == null ? List.of(ours) : List.of(ours, theirs);
    double[][] nanos = new double[calls.size()][rounds];
    int[] repeats = calls.stream().mapToInt(ActivationJob::repeats).toArray();
    for (int r = 0; r < rounds; r++) {
      for (int c = 0; c < calls.size(); c++) {
        long start = System.nanoTime();
        for (int i = 0; i < repeats[c]; i++) {
          calls.get(c).run();
        }
        nanos[c][r] = (System.nanoTime() - start) / ((double) repeats[c] * n);
      }
    }
    Percentile percentile = new Percentile();
    Line line =
        new Line(
            name,
            n,
            percentile.evaluate(nanos[0], 50),
            percentile.evaluate(nanos[0], 1e-9),
            percentile.evaluate(nanos[0], 100),
            theirs == null ? Double.NaN : percentile.evaluate(nanos[1], 50));
    String peer =
        theirs == null
            ? ""
            : ", oneDNN %.4f, %.2f times".formatted(line.peer(), line.peer() / line.ours());
    out.printf(Locale.ROOT, "%-24s %,8d  %.4f ns an element%s%n", name, n, line.ours(), peer);
    out.flush();
    return line;
  }

  /** Warms a call up; returns how many of them fill a batch. */
  private static int repeats(Runnable call) {
    long start = System.nanoTime();
    int calls = 0;
    long passed = 0;
    while (passed < WARM_UP_NANOS || calls < 3) {
      call.run();
      calls++;
      passed = System.nanoTime() - start;
    }
    return (int) Math.max(1, BATCH_NANOS * calls / passed);
  }
}
