package org.lanegrad.bench.accuracy;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.lanegrad.verification.accuracy.SweepResult;
import org.lanegrad.verification.accuracy.UlpSweep;
import org.lanegrad.verification.catalog.ActivationCatalog;
import org.lanegrad.verification.catalog.UnarySpec;

/** Sweeps every activation, forward and derivative. */
public final class AccuracyJob {
  private final PrintWriter out;
  private final long stride;

  /**
   * A job that prints a line for each function.
   *
   * @param stride 1 for all 2³² floats, n for every n-th block of 4,096 neighbours
   */
  public AccuracyJob(PrintWriter out, long stride) {
    this.out = out;
    this.stride = stride;
  }

  /**
   * One function's line.
   *
   * @param function its name
   * @param result the worst of its sweep
   * @param exhaustive whether all floats were looked at
   */
  public record Line(String function, SweepResult result, boolean exhaustive) {
    /** Whether values and derivatives stay within their bounds. */
    public boolean passes() {
      return result.forwardRatio() <= 1 && result.backwardRatio() <= 1;
    }
  }

  /** Runs all sweeps, on all processors. */
  public List<Line> run() {
    List<Line> lines = new ArrayList<>();
    for (UnarySpec spec : ActivationCatalog.all()) {
      Line line = new Line(spec.name(), new UlpSweep(spec).run(stride), stride == 1);
      SweepResult r = line.result();
      out.printf(
          Locale.ROOT,
          "%-18s %,14d floats: %.3f ULP at %s, tail %.1e, derivative %.2f · 2^-24 at %s, %s%n",
          line.function(),
          r.floats(),
          r.ulps(),
          r.ulpsAt(),
          r.tail(),
          r.slopeError(),
          r.slopeErrorAt(),
          line.passes() ? "pass" : "FAIL");
      out.flush();
      lines.add(line);
    }
    return lines;
  }
}
