package org.lanegrad.verification.jit;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.lanegrad.verification.jit.JitCase.Bound;

/**
 * Runs in a fresh JVM and prints a {@link JitReading} a line: all cases in one order of warm-up,
 * one case alone, or what happens in the first moments after a change.
 */
public final class JitProbe {
  /** In which order sizes are warmed up. */
  enum Sizes {
    LONG_FIRST,
    SHORT_FIRST,
    MIXED
  }

  private static final int CALLS = 60;
  private static final long WARM_UP_NANOS = 12_000_000;
  private static final long PATIENCE_NANOS = 1_000_000_000L;
  private static final long BATCH_NANOS = 300_000;
  private static final int BATCHES = 9;

  /**
   * Where arrays lie, relative to cache lines and to each other, moves a time by half and more (a
   * store 4 kB behind a load stalls it, and arrays of 4,096 floats made one after the other lie
   * so); it is not what a guard of the JIT looks for. So the best of so many more places counts.
   */
  private static final int LAYOUTS = 3;

  /**
   * The first moments after a warm-up or a change: as long as the stall of a request would be
   * noticed.
   */
  private static final long FIRST_NANOS = 20_000_000;

  /** From a size to another, by their indices: with a remainder, longer, shorter, few, many. */
  private static final int[][] CHANGES = {
    {0, 1}, {1, 0}, {0, 2}, {0, 3}, {3, 0}, {0, 4}, {4, 0}, {0, 5}
  };

  /** A NaN, an infinity, an exponential that overflows, one that vanishes, a subnormal. */
  private static final float[] VALUES = {
    Float.NaN, Float.POSITIVE_INFINITY, 100f, -100f, -42f, 1e-40f
  };

  private final ThreadMXBean threads = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);

  private final JitCase.Provider provider;

  private JitProbe(JitCase.Provider provider) {
    this.provider = provider;
  }

  /**
   * Starts it.
   *
   * @param args the class of a {@link JitCase.Provider}, then {@code order SEED SIZES [warm]
   *     [untimed]}, or {@code alone NAME}, or {@code ready [NAME]}, or {@code changes [cold]
   *     [NAME]}
   */
  public static void main(String[] args) throws ReflectiveOperationException {
    JitCase.Provider provider =
        Class.forName(args[0])
            .asSubclass(JitCase.Provider.class)
            .getDeclaredConstructor()
            .newInstance();
    List<JitCase> cases = provider.cases();
    List<String> rest = List.of(args).subList(2, args.length);
    JitProbe probe = new JitProbe(provider);
    switch (args[1]) {
      case "order" -> probe.order(cases, rest);
      case "alone" -> probe.order(named(cases, rest.get(0)), List.of("1", "MIXED"));
      case "ready" -> probe.ready(rest.isEmpty() ? cases : named(cases, rest.get(0)));
      case "changes" -> probe.changes(cases, rest);
      default -> throw new IllegalArgumentException("no mode \"" + args[1] + "\"");
    }
  }

  private static List<JitCase> named(List<JitCase> cases, String name) {
    return cases.stream().filter(c -> c.name().equals(name)).toList();
  }

  private record Run(JitCase of, int size, Bound bound) {
    double elements() {
      return bound.elements();
    }
  }

  private void order(List<JitCase> cases, List<String> how) {
    Random random = new Random(Long.parseLong(how.get(0)));
    Sizes sizes = Sizes.valueOf(how.get(1));
    if (how.contains("warm")) {
      provider.warmUp();
    }
    List<Run> runs = new ArrayList<>();
    List<JitCase> shuffled = new ArrayList<>(cases);
    Collections.shuffle(shuffled, random);
    for (JitCase one : shuffled) {
      for (int size = 0; size < one.sizes().size(); size++) {
        runs.add(new Run(one, size, one.bind(size)));
      }
    }
    switch (sizes) {
      case LONG_FIRST -> runs.sort(Comparator.comparingDouble(Run::elements).reversed());
      case SHORT_FIRST -> runs.sort(Comparator.comparingDouble(Run::elements));
      case MIXED -> Collections.shuffle(runs, random);
    }
    boolean timed = !how.contains("untimed");
    // what is not timed waits for the compiler below, if it allocates
    long each = timed ? WARM_UP_NANOS : WARM_UP_NANOS / 3;
    runs.forEach(run -> warmUp(run.bound().call(), each));
    // several times, and the least counts: what ran first may still be waiting for the compiler
    double[] early = runs.stream().mapToDouble(run -> timed ? nanos(run.bound()) : 0).toArray();
    List<Run> allocating = runs.stream().filter(run -> bytes(run.bound()) > 0).toList();
    for (int r = 0; r < early.length; r++) {
      Run run = runs.get(r);
      // once more, since a kernel may have waited for the compiler behind all the others
      long bytes = allocating.contains(run) ? bytes(run.bound()) : 0;
      String where = bytes == 0 ? "" : BoxingSites.of(run.bound().call());
      double nanos = timed ? Math.min(early[r], leastNanos(run)) : 0;
      print(run.of(), run.of().sizes().get(run.size()), bytes, nanos, 0, where);
    }
  }

  private static double leastNanos(Run run) {
    double nanos = nanos(run.bound());
    for (int layout = 0; layout < LAYOUTS; layout++) {
      nanos = Math.min(nanos, nanos(run.of().bind(run.size())));
    }
    return nanos;
  }

  /** What comes at once after the library's warm-up, as in a service. */
  private void ready(List<JitCase> cases) {
    List<Bound> bounds = cases.stream().map(one -> one.bind(0)).toList();
    provider.warmUp();
    double[] first = bounds.stream().mapToDouble(this::firstNanos).toArray();
    for (int i = 0; i < first.length; i++) {
      String label = "warm-up → " + cases.get(i).sizes().get(0);
      settled(cases.get(i), label, bounds.get(i), first[i]);
    }
  }

  private void changes(List<JitCase> cases, List<String> how) {
    boolean cold = how.contains("cold");
    List<String> names = how.stream().filter(h -> !h.equals("cold")).toList();
    if (!cold) {
      provider.warmUp();
    }
    for (JitCase one : names.isEmpty() ? cases : named(cases, names.get(0))) {
      for (int[] change : CHANGES) {
        if (Math.max(change[0], change[1]) < one.sizes().size()) {
          settle(one.bind(change[0]));
          String label = one.sizes().get(change[0]) + " → " + one.sizes().get(change[1]);
          change(one, label, one.bind(change[1]));
        }
      }
      for (float value : VALUES) {
        settle(one.bind(0));
        Bound planted = one.bind(0);
        planted.plant().plant(value);
        change(one, one.sizes().get(0) + " → with " + value, planted);
      }
    }
  }

  private void change(JitCase one, String label, Bound after) {
    settled(one, label, after, firstNanos(after));
  }

  private void settled(JitCase one, String label, Bound bound, double first) {
    long bytes = settle(bound);
    String where = bytes == 0 ? "" : BoxingSites.of(bound.call());
    print(one, label, bytes, nanos(bound), first, where);
  }

  private double firstNanos(Bound bound) {
    long spent = ThreadTime.nanos();
    long start = System.nanoTime();
    long calls = 0;
    while (System.nanoTime() - start < FIRST_NANOS) {
      bound.call().run();
      calls++;
    }
    return (ThreadTime.nanos() - spent) / (calls * bound.elements());
  }

  private static void print(
      JitCase one, String size, long bytes, double nanos, double first, String where) {
    System.out.println(new JitReading(one.name(), size, bytes, nanos, first, where).line());
  }

  private static void warmUp(Runnable call, long nanos) {
    long end = System.nanoTime() + nanos;
    do {
      for (int i = 0; i < CALLS; i++) {
        call.run();
      }
    } while (System.nanoTime() < end);
  }

  /** Until it allocates nothing, as a kernel does that is compiled. */
  private long settle(Bound bound) {
    long bytes = bytes(bound);
    warmUp(bound.call(), WARM_UP_NANOS);
    return bytes;
  }

  /**
   * What a call allocates beyond what is its own, the least of all batches: until the JIT has
   * compiled a kernel, its vectors are objects.
   */
  private long bytes(Bound bound) {
    long start = System.nanoTime();
    long least = Long.MAX_VALUE;
    while (least > 0 && System.nanoTime() - start < PATIENCE_NANOS) {
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < CALLS; i++) {
        bound.call().run();
      }
      long bytes = (threads.getCurrentThreadAllocatedBytes() - before) / CALLS;
      least = Math.min(least, Math.max(0, bytes - bound.own()));
    }
    return least;
  }

  /** Nanoseconds an element, the median of some batches. */
  private static double nanos(Bound bound) {
    double[] batches = new double[BATCHES];
    for (int b = 0; b < BATCHES; b++) {
      long spent = ThreadTime.nanos();
      long start = System.nanoTime();
      long calls = 0;
      while (System.nanoTime() - start < BATCH_NANOS) {
        bound.call().run();
        calls++;
      }
      batches[b] = (ThreadTime.nanos() - spent) / (calls * bound.elements());
    }
    Arrays.sort(batches);
    return batches[BATCHES / 2];
  }
}
