package org.lanegrad.bench.matmul;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.commons.math3.stat.descriptive.rank.Percentile;
import org.lanegrad.Lanegrad;
import org.lanegrad.bench.machine.PeakFma;
import org.lanegrad.bench.peer.Peers;

/**
 * Measures the table: each line in several rounds, in each round the FMA peak, ours and the peers
 * in turns, so that a slow moment of the machine meets all of them.
 */
public final class MatmulJob {
  private static final long BATCH_NANOS = 6_000_000;

  /**
   * C2 takes its time for the larger kernels, and on one core it shares that with the benchmark.
   */
  private static final long WARM_UP_NANOS = 500_000_000;

  private final PrintWriter out;
  private final int rounds;

  /** A job that prints its table as it goes. */
  public MatmulJob(PrintWriter out, int rounds) {
    this.out = out;
    this.rounds = rounds;
  }

  /**
   * One measured line.
   *
   * @param name what was multiplied
   * @param shape m × k × n
   * @param threads on how many threads
   * @param median GFLOP/s, the median of the rounds
   * @param low the slowest round
   * @param high the fastest round
   * @param peak the median FMA peak of the same rounds, of one thread
   * @param peers GFLOP/s of each peer, the medians
   */
  public record Line(
      String name,
      String shape,
      int threads,
      double median,
      double low,
      double high,
      double peak,
      Map<String, Double> peers) {
    /** Percent of the FMA peak of as many threads. */
    public double percentOfPeak() {
      return 100 * median / (peak * threads);
    }
  }

  /** Runs all lines. */
  public List<Line> run() {
    Lanegrad.warmUp();
    List<Line> lines = new ArrayList<>();
    ExecutorService executor = Executors.newSingleThreadExecutor();
    try {
      List<MatmulCase> cases = MatmulCases.all(Peers.all(), Peers.ops(), executor);
      for (MatmulCase matmul : cases) {
        Line line = measure(matmul);
        lines.add(line);
        print(line);
      }
    } finally {
      executor.shutdown();
    }
    return lines;
  }

  private void print(Line line) {
    StringBuilder peers = new StringBuilder();
    line.peers.forEach(
        (name, gflops) -> peers.append(String.format(Locale.ROOT, ", %s %.0f", name, gflops)));
    out.printf(
        Locale.ROOT,
        "%-36s %-16s %d thread%s %6.1f GFLOP/s, %5.1f %% of peak%s%n",
        line.name,
        line.shape,
        line.threads,
        line.threads == 1 ? " " : "s",
        line.median,
        line.percentOfPeak(),
        peers);
    out.flush();
  }

  private Line measure(MatmulCase matmul) {
    Map<String, Runnable> calls = new LinkedHashMap<>();
    calls.put("ours", matmul.ours());
    calls.putAll(matmul.peers());
    Map<String, Integer> repeats = new LinkedHashMap<>();
    Map<String, double[]> gflops = new LinkedHashMap<>();
    calls.forEach((name, call) -> repeats.put(name, repeats(call)));
    calls.keySet().forEach(name -> gflops.put(name, new double[rounds]));
    double[] peaks = new double[rounds];
    for (int r = 0; r < rounds; r++) {
      peaks[r] = PeakFma.gflops();
      for (Map.Entry<String, Runnable> call : calls.entrySet()) {
        int count = repeats.get(call.getKey());
        long start = System.nanoTime();
        for (int i = 0; i < count; i++) {
          call.getValue().run();
        }
        double nanos = (System.nanoTime() - start) / (double) count;
        gflops.get(call.getKey())[r] = matmul.flops() / nanos;
      }
    }
    Map<String, Double> peers = new LinkedHashMap<>();
    matmul.peers().keySet().forEach(name -> peers.put(name, median(gflops.get(name))));
    double[] ours = gflops.get("ours");
    Percentile percentile = new Percentile();
    return new Line(
        matmul.name(),
        matmul.shape(),
        matmul.threads(),
        median(ours),
        percentile.evaluate(ours, 1e-9),
        percentile.evaluate(ours, 100),
        median(peaks),
        peers);
  }

  private static double median(double[] values) {
    return new Percentile().evaluate(values, 50);
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
