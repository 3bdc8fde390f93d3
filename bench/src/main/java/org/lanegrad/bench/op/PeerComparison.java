package org.lanegrad.bench.op;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.commons.math3.stat.descriptive.rank.Percentile;

/** Measures calls of ours against a peer's, in rounds in which they take turns. */
public final class PeerComparison {
  private static final long BATCH_NANOS = 3_000_000;

  /**
   * C2 takes its time for the longer formulas, and on one core it shares that with the benchmark.
   */
  private static final long WARM_UP_NANOS = 600_000_000;

  private final PrintWriter out;
  private final int rounds;
  private final List<Line> lines = new ArrayList<>();

  /** A comparison that prints its lines as it goes. */
  public PeerComparison(PrintWriter out, int rounds) {
    this.out = out;
    this.rounds = rounds;
  }

  /** Something to hold ours against. */
  public record Peer(String name, Runnable call) {}

  /**
   * One measured line.
   *
   * @param name the op and the direction
   * @param n the number of elements
   * @param ours nanoseconds an element, the median of the rounds
   * @param low the fastest round
   * @param high the slowest round
   * @param peers the median of each peer, by its name
   */
  public record Line(
      String name, int n, double ours, double low, double high, Map<String, Double> peers) {
    /** How many times as fast as the fastest peer; NaN where there is none. */
    public double ratio() {
      return peers.values().stream().mapToDouble(d -> d).min().orElse(Double.NaN) / ours;
    }
  }

  /** What was measured so far. */
  public List<Line> lines() {
    return List.copyOf(lines);
  }

  /** Prints how the lines with a peer compare on the whole. */
  public void printMean() {
    double logarithms = 0;
    int compared = 0;
    for (Line line : lines) {
      if (!line.peers().isEmpty()) {
        logarithms += Math.log(line.ratio());
        compared++;
      }
    }
    if (compared > 0) {
      double mean = Math.exp(logarithms / compared);
      out.printf(Locale.ROOT, "geometric mean of %d: %.2f times the best peer%n", compared, mean);
      out.flush();
    }
  }

  /** Measures one line. */
  public void measure(String name, int n, Runnable ours, List<Peer> peers) {
    List<Runnable> calls = new ArrayList<>(List.of(ours));
    peers.forEach(peer -> calls.add(peer.call()));
    double[][] nanos = new double[calls.size()][rounds];
    int[] repeats = calls.stream().mapToInt(PeerComparison::repeats).toArray();
    for (int r = 0; r < rounds; r++) {
      for (int c = 0; c < calls.size(); c++) {
        long start = System.nanoTime();
        for (int i = 0; i < repeats[c]; i++) {
          calls.get(c).run();
        }
        nanos[c][r] = (System.nanoTime() - start) / ((double) repeats[c] * n);
      }
    }
    add(name, n, nanos, peers);
  }

  private void add(String name, int n, double[][] nanos, List<Peer> peers) {
    Percentile percentile = new Percentile();
    Map<String, Double> medians = new LinkedHashMap<>();
    StringBuilder text = new StringBuilder();
    for (int p = 0; p < peers.size(); p++) {
      double median = percentile.evaluate(nanos[p + 1], 50);
      medians.put(peers.get(p).name(), median);
      text.append(String.format(Locale.ROOT, ", %s %.4f", peers.get(p).name(), median));
    }
    double ours = percentile.evaluate(nanos[0], 50);
    double low = percentile.evaluate(nanos[0], 1e-9);
    double high = percentile.evaluate(nanos[0], 100);
    Line line = new Line(name, n, ours, low, high, medians);
    if (!peers.isEmpty()) {
      text.append(String.format(Locale.ROOT, "; %.2f times", line.ratio()));
    }
    out.printf(Locale.ROOT, "%-32s %,10d  %.4f ns an element%s%n", name, n, ours, text);
    out.flush();
    lines.add(line);
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
