package org.lanegrad.bench.machine;

/**
 * The time that a piece of work must take: max(flops / peak, bytes / bandwidth of its working set).
 *
 * @param peakGflops the measured FMA peak
 * @param bandwidth the measured bandwidth
 */
public record Roofline(double peakGflops, Bandwidth bandwidth) {
  /** Measures this machine. */
  public static Roofline measure() {
    PeakFma.gflops();
    return new Roofline(PeakFma.gflops(), Bandwidth.measure());
  }

  /** Nanoseconds. */
  public double nanoseconds(double flops, double bytes) {
    return Math.max(flops / peakGflops, bytes / bandwidth.gigabytesPerSecond(bytes));
  }
}
