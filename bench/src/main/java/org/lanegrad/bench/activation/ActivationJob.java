package org.lanegrad.bench.activation;

import java.io.PrintWriter;
import java.util.List;
import java.util.SplittableRandom;
import org.lanegrad.Lanegrad;
import org.lanegrad.activation.Activation;
import org.lanegrad.activation.BitActivation;
import org.lanegrad.bench.op.PeerComparison;
import org.lanegrad.bench.op.PeerComparison.Peer;
import org.lanegrad.bench.peer.NativeOps;
import org.lanegrad.bench.peer.Peers;
import org.lanegrad.verification.BoundOp;
import org.lanegrad.verification.catalog.ActivationCatalog;
import org.lanegrad.verification.catalog.OpCatalog;
import org.lanegrad.verification.catalog.Shape;
import org.lanegrad.verification.catalog.Slice;
import org.lanegrad.verification.catalog.UnarySpec;

/**
 * Measures each activation at a size of the L1 cache and one of the L2 cache, in rounds in which
 * ours and the peer take turns, with all of our ops compiled before; then all of them in memory.
 */
public final class ActivationJob {
  private static final int[] SIZES = {4_096, 262_144};
  private static final int IN_MEMORY = 1 << 24;

  /** Floats in a page. */
  private static final int PAGE = 1024;

  private static final int WARM_UP_CALLS = 20_000;

  private final PrintWriter out;
  private final int rounds;

  /** A job that prints its table as it goes. */
  public ActivationJob(PrintWriter out, int rounds) {
    this.out = out;
    this.rounds = rounds;
  }

  /** Runs all lines; prints the geometric mean of the ratios to the best peer. */
  public List<PeerComparison.Line> run() {
    Lanegrad.warmUp();
    List<NativeOps> libraries = Peers.ops();
    PeerComparison comparison = new PeerComparison(out, rounds);
    warmUpInference();
    for (UnarySpec spec : ActivationCatalog.all()) {
      for (int n : SIZES) {
        BoundOp op = new BoundOp(OpCatalog.named(spec.name()), Shape.of(n));
        List<Peer> forward = Peers.forward(libraries, spec.name(), 1, n);
        comparison.measure(spec.name() + " forward", n, inference(spec, n), forward);
        if (spec.kernel() instanceof BitActivation) {
          comparison.measure(spec.name() + " forward with bits", n, op::forward, List.of());
        }
        List<Peer> backward = Peers.backward(libraries, spec.name(), 1, n);
        comparison.measure(spec.name() + " backward", n, op::backward, backward);
      }
    }
    comparison.printMean();
    inMemory(comparison);
    return comparison.lines();
  }

  /**
   * The forward pass that keeps nothing, as the peers' does; a kernel with bits has another for
   * training, which is what {@link BoundOp} runs.
   */
  private static Runnable inference(UnarySpec spec, int n) {
    SplittableRandom random = new SplittableRandom(42);
    Slice x = Slice.of(spec.row().domain().sample(n, random), random.nextInt(PAGE));
    Slice y = Slice.room(n, random.nextInt(PAGE));
    Activation f = spec.kernel();
    return () -> f.forward(x.array(), x.offset(), y.array(), y.offset(), n);
  }

  private static void warmUpInference() {
    for (UnarySpec spec : ActivationCatalog.all()) {
      Runnable forward = inference(spec, SIZES[0]);
      for (int i = 0; i < WARM_UP_CALLS; i++) {
        forward.run();
      }
    }
  }

  /** At 16 million elements memory is the limit: held against plain loops of as many streams. */
  private static void inMemory(PeerComparison comparison) {
    float[] a = new float[IN_MEMORY];
    float[] b = new float[IN_MEMORY];
    float[] c = new float[IN_MEMORY];
    for (UnarySpec spec : ActivationCatalog.all()) {
      Activation f = spec.kernel();
      comparison.measure(
          spec.name() + " forward",
          IN_MEMORY,
          () -> f.forward(a, 0, b, 0, IN_MEMORY),
          List.of(new Peer("one stream in, one out", () -> copy(a, b))));
      comparison.measure(
          spec.name() + " backward",
          IN_MEMORY,
          () -> f.backward(a, 0, b, 0, c, 0, IN_MEMORY),
          List.of(new Peer("two streams in, one out", () -> add(a, b, c))));
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
