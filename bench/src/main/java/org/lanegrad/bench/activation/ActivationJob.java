package org.lanegrad.bench.activation;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.lanegrad.activation.Activation;
import org.lanegrad.bench.op.BoundOp;
import org.lanegrad.bench.op.PeerComparison;
import org.lanegrad.bench.peer.OneDnnEltwise;
import org.lanegrad.bench.peer.OneDnnEltwise.Function;
import org.lanegrad.verification.catalog.ActivationCatalog;
import org.lanegrad.verification.catalog.OpCatalog;
import org.lanegrad.verification.catalog.Shape;
import org.lanegrad.verification.catalog.UnarySpec;

/**
 * Measures each activation at a size of the L1 cache and one of the L2 cache, in rounds in which
 * ours and the peer take turns, with all of our ops compiled before; then all of them in memory.
 */
public final class ActivationJob {
  private static final int[] SIZES = {4_096, 262_144};
  private static final int IN_MEMORY = 1 << 24;

  private final PrintWriter out;
  private final int rounds;

  /** A job that prints its table as it goes. */
  public ActivationJob(PrintWriter out, int rounds) {
    this.out = out;
    this.rounds = rounds;
  }

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
  public List<PeerComparison.Line> run() {
    BoundOp.warmUpAll();
    Optional<OneDnnEltwise> oneDnn = OneDnnEltwise.find();
    PeerComparison comparison = new PeerComparison(out, rounds);
    for (Map.Entry<String, Function> peer : peers().entrySet()) {
      for (int n : SIZES) {
        BoundOp op = new BoundOp(OpCatalog.named(peer.getKey()), Shape.of(n));
        Function f = peer.getValue();
        Runnable theirs = oneDnn.map(library -> library.forward(f, n)).orElse(null);
        comparison.measure(peer.getKey() + " forward", n, op::forward, theirs);
        theirs = oneDnn.map(library -> library.backward(f, n)).orElse(null);
        comparison.measure(peer.getKey() + " backward", n, op::backward, theirs);
      }
    }
    comparison.printMean();
    inMemory(comparison);
    return comparison.lines();
  }

  /** At 16 million elements memory is the limit: held against plain loops of as many streams. */
  private static void inMemory(PeerComparison comparison) {
    float[] a = new float[IN_MEMORY];
    float[] b = new float[IN_MEMORY];
    float[] c = new float[IN_MEMORY];
    for (UnarySpec spec : ActivationCatalog.all()) {
      Activation f = spec.kernel();
      comparison.measure(
          spec.name() + " forward, peer: one stream in, one out",
          IN_MEMORY,
          () -> f.forward(a, 0, b, 0, IN_MEMORY),
          () -> copy(a, b));
      comparison.measure(
          spec.name() + " backward, peer: two streams in, one out",
          IN_MEMORY,
          () -> f.backward(a, 0, b, 0, c, 0, IN_MEMORY),
          () -> add(a, b, c));
    }
  }

  private static void copy(float[] from, float[] to) {
    for (int i = 0; i < from.length; i++) {
      to[i] = from[i] + 1f;
    }
  }

  private static void add(float[] a, float[] b, float[] to) {
    for (int i = 0; i < a.length; i++) {
      to[i] = a[i] + b[i];
    }
  }
}
