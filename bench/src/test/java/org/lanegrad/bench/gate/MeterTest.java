package org.lanegrad.bench.gate;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MeterTest {
  @Test
  void theBestMeterGrowsWithTheWork() {
    try (Meter meter = Meter.best()) {
      assertThat(meter.unit()).isIn("instructions", "nanoseconds");
      grows(meter);
    }
  }

  /** The system call is the same for a clock, which every Linux has, as for instructions. */
  @Test
  void theSystemCallWorksOnLinux() {
    boolean known = System.getProperty("os.name").equals("Linux");
    known &= System.getProperty("os.arch").matches("amd64|aarch64");
    var meter = PerfMeter.taskClock();
    assertThat(meter.isPresent()).as("on %s", System.getProperty("os.arch")).isEqualTo(known);
    meter.ifPresent(
        m -> {
          grows(m);
          m.close();
        });
  }

  private static void grows(Meter meter) {
    long start = meter.read();
    double x = work(20_000);
    long middle = meter.read();
    x += work(2_000_000);
    long end = meter.read();
    assertThat(x).isPositive();
    assertThat(middle).isGreaterThan(start);
    assertThat(end - middle).isGreaterThan(middle - start);
  }

  private static double work(int steps) {
    double x = 1;
    for (int i = 0; i < steps; i++) {
      x = Math.sqrt(x + i);
    }
    return x;
  }
}
