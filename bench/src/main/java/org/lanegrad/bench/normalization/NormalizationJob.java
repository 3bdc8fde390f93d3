package org.lanegrad.bench.normalization;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import org.lanegrad.Lanegrad;
import org.lanegrad.bench.op.PeerComparison;
import org.lanegrad.bench.op.PeerComparison.Peer;
import org.lanegrad.bench.peer.NativeOps;
import org.lanegrad.bench.peer.Peers;
import org.lanegrad.optimizer.Adam;

/**
 * Measures softmax and its kin, the normalizations and cross-entropy at rows of 10, 1000 and 1024
 * elements, and Adam at 16 million parameters against a loop that moves as many bytes.
 */
public final class NormalizationJob {
  private static final int[][] SHAPES = {{64, 10}, {64, 1000}, {1024, 1024}};

  private static final int PARAMETERS = 1 << 24;

  private final PrintWriter out;
  private final int rounds;

  /** A job that prints its table as it goes. */
  public NormalizationJob(PrintWriter out, int rounds) {
    this.out = out;
    this.rounds = rounds;
  }

  /** Runs all lines; prints the geometric mean of the ratios to the best peer. */
  public List<PeerComparison.Line> run() {
    Lanegrad.warmUp();
    List<NativeOps> libraries = Peers.ops();
    PeerComparison comparison = new PeerComparison(out, rounds);
    for (String op : List.of("softmax", "log-softmax", "layer norm", "rms norm")) {
      for (int[] shape : SHAPES) {
        int rows = shape[0];
        int columns = shape[1];
        RowKernels ours = new RowKernels(rows, columns);
        String line = String.format(Locale.ROOT, "%s %d×%d ", op, rows, columns);
        List<Peer> peers = Peers.forward(libraries, op, rows, columns);
        comparison.measure(line + "forward", rows * columns, ours.forward(op), peers);
        peers = Peers.backward(libraries, op, rows, columns);
        comparison.measure(line + "backward", rows * columns, ours.backward(op), peers);
      }
    }
    for (int[] shape : SHAPES) {
      List<Peer> peers = Peers.forward(libraries, "cross-entropy", shape[0], shape[1]);
      Runnable ours = new RowKernels(shape[0], shape[1]).forward("cross-entropy");
      String line =
          String.format(Locale.ROOT, "cross-entropy and gradient %d×%d", shape[0], shape[1]);
      comparison.measure(line, shape[0] * shape[1], ours, peers);
    }
    comparison.printMean();
    adam(comparison);
    return comparison.lines();
  }

  /** Adam reads four arrays and writes three of them; so does the loop that it is held against. */
  private static void adam(PeerComparison comparison) {
    float[] g = new float[PARAMETERS];
    float[] m = new float[PARAMETERS];
    float[] v = new float[PARAMETERS];
    float[] p = new float[PARAMETERS];
    Adam adam = Adam.standard();
    comparison.measure(
        "adam",
        PARAMETERS,
        () -> adam.step(1e-3f, 10, g, m, v, p),
        List.of(new Peer("the same streams", () -> streams(g, m, v, p))));
  }

  private static void streams(float[] g, float[] m, float[] v, float[] p) {
    for (int i = 0; i < g.length; i++) {
      float x = g[i];
      m[i] += x;
      v[i] += x;
      p[i] += x;
    }
  }
}
