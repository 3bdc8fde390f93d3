package org.lanegrad.bench.normalization;

import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.lanegrad.Matrix;
import org.lanegrad.bench.op.BoundOp;
import org.lanegrad.bench.op.PeerComparison;
import org.lanegrad.bench.peer.OneDnnRows;
import org.lanegrad.loss.SoftmaxCrossEntropy;
import org.lanegrad.optimizer.Adam;
import org.lanegrad.verification.catalog.OpCatalog;
import org.lanegrad.verification.catalog.Shape;

/**
 * Measures softmax and its kin, the normalizations and cross-entropy at rows of 10, 1000 and 1024
 * elements, and Adam at 16 million parameters against a loop that moves as many bytes.
 */
public final class NormalizationJob {
  private static final Shape[] SHAPES = {
    new Shape(64, 1, 10), new Shape(64, 1, 1000), new Shape(1024, 1, 1024)
  };

  private static final int PARAMETERS = 1 << 24;

  private final PrintWriter out;
  private final int rounds;

  /** A job that prints its table as it goes. */
  public NormalizationJob(PrintWriter out, int rounds) {
    this.out = out;
    this.rounds = rounds;
  }

  /** Runs all lines; prints the geometric mean of the ratios to the peer. */
  public List<PeerComparison.Line> run() {
    BoundOp.warmUpAll();
    Optional<OneDnnRows> oneDnn = OneDnnRows.find();
    PeerComparison comparison = new PeerComparison(out, rounds);
    for (String name : List.of("softmax", "log-softmax", "layer norm", "rms norm")) {
      for (Shape s : SHAPES) {
        BoundOp op = new BoundOp(OpCatalog.named(name), s);
        String at = " %d×%d".formatted(s.m(), s.n());
        int n = s.m() * s.n();
        Runnable forward = oneDnn.map(peer -> forward(peer, name, s)).orElse(null);
        comparison.measure(name + at + " forward", n, op::forward, forward);
        Runnable backward = oneDnn.map(peer -> backward(peer, name, s)).orElse(null);
        comparison.measure(name + at + " backward", n, op::backward, backward);
      }
    }
    comparison.printMean();
    for (Shape s : SHAPES) {
      crossEntropy(comparison, s.m(), s.n());
    }
    adam(comparison);
    return comparison.lines();
  }

  private static Runnable forward(OneDnnRows peer, String name, Shape s) {
    return switch (name) {
      case "softmax" -> peer.softmax(OneDnnRows.SOFTMAX, s.m(), s.n());
      case "log-softmax" -> peer.softmax(OneDnnRows.LOG_SOFTMAX, s.m(), s.n());
      default -> peer.norm(name.equals("rms norm"), s.m(), s.n());
    };
  }

  private static Runnable backward(OneDnnRows peer, String name, Shape s) {
    return switch (name) {
      case "softmax" -> peer.softmaxBackward(OneDnnRows.SOFTMAX, s.m(), s.n());
      case "log-softmax" -> peer.softmaxBackward(OneDnnRows.LOG_SOFTMAX, s.m(), s.n());
      default -> peer.normBackward(name.equals("rms norm"), s.m(), s.n());
    };
  }

  /** The kernel itself: the catalog's row multiplies by an upstream gradient besides. */
  private static void crossEntropy(PeerComparison comparison, int rows, int classes) {
    SplittableRandom random = new SplittableRandom(rows);
    Matrix logits = Matrix.zeros(rows, classes);
    for (int i = 0; i < logits.array().length; i++) {
      logits.array()[i] = (float) random.nextDouble(-8, 8);
    }
    int[] labels = random.ints(rows, 0, classes).toArray();
    Matrix gradient = Matrix.zeros(rows, classes);
    comparison.measure(
        "cross-entropy and gradient %d×%d".formatted(rows, classes),
        rows * classes,
        () -> SoftmaxCrossEntropy.lossAndGradient(logits, labels, gradient),
        null);
  }

  /** Adam reads four arrays and writes three of them; so does the loop that it is held against. */
  private static void adam(PeerComparison comparison) {
    float[] g = new float[PARAMETERS];
    float[] m = new float[PARAMETERS];
    float[] v = new float[PARAMETERS];
    float[] p = new float[PARAMETERS];
    Adam adam = Adam.standard();
    comparison.measure(
        "adam, peer: the same streams",
        PARAMETERS,
        () -> adam.step(1e-3f, 10, g, m, v, p),
        () -> streams(g, m, v, p));
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
