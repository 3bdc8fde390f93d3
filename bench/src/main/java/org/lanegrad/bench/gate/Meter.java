package org.lanegrad.bench.gate;

/** Something that grows with the work a thread does. */
public interface Meter extends AutoCloseable {
  /** The reading now, for the calling thread. */
  long read();

  /** What it counts: "instructions" or "nanoseconds". */
  String unit();

  @Override
  void close();

  /** Instructions where the machine counts them, time where it doesn't. */
  static Meter best() {
    return PerfMeter.instructions().orElseGet(TimeMeter::new);
  }

  /** Wall-clock time. */
  final class TimeMeter implements Meter {
    @Override
    public long read() {
      return System.nanoTime();
    }

    @Override
    public String unit() {
      return "nanoseconds";
    }

    @Override
    public void close() {}
  }
}
