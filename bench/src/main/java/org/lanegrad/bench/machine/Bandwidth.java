package org.lanegrad.bench.machine;

import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * The bandwidth of one core by working set: c = a + b over arrays of one size, 12 bytes an element.
 * A plain loop, which C2 vectorizes by itself.
 */
public final class Bandwidth {
  private static final int[] ELEMENTS = {2 << 10, 32 << 10, 512 << 10, 8 << 20};

  private final NavigableMap<Long, Double> byWorkingSet;

  private Bandwidth(NavigableMap<Long, Double> byWorkingSet) {
    this.byWorkingSet = byWorkingSet;
  }

  /** Measures all working sets, about a second in total. */
  public static Bandwidth measure() {
    NavigableMap<Long, Double> measured = new TreeMap<>();
    for (int n : ELEMENTS) {
      float[] a = new float[n];
      float[] b = new float[n];
      float[] c = new float[n];
      int repeats = Math.max(1, (4 << 20) / n);
      double best = 0;
      for (int i = 0; i < 30; i++) {
        long start = System.nanoTime();
        for (int r = 0; r < repeats; r++) {
          add(a, b, c);
        }
        best = Math.max(best, 12.0 * n * repeats / (System.nanoTime() - start));
      }
      measured.put(12L * n, best);
    }
    return new Bandwidth(measured);
  }

  private static void add(float[] a, float[] b, float[] c) {
    for (int i = 0; i < c.length; i++) {
      c[i] = a[i] + b[i];
    }
  }

  /** GB/s for a working set: that of the smallest measured one that holds it. */
  public double gigabytesPerSecond(double workingSetBytes) {
    Map.Entry<Long, Double> entry = byWorkingSet.ceilingEntry((long) workingSetBytes);
    return entry == null ? byWorkingSet.lastEntry().getValue() : entry.getValue();
  }

  /** GB/s by the bytes of the working set. */
  public Map<Long, Double> all() {
    return Map.copyOf(byWorkingSet);
  }
}
