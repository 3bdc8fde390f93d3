package org.lanegrad.bench.gate;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import org.lanegrad.bench.work.WorkCount;
import org.lanegrad.verification.catalog.OpCatalog;

/** Both gates over the catalog: counted work decides the order, time the constant. */
public final class CostGates {
  private final PrintWriter out;
  private final int iterations;

  /** Gates that print a line for each op and gate as they go. */
  public CostGates(PrintWriter out, int iterations) {
    this.out = out;
    this.iterations = iterations;
  }

  /** What both say of one op. */
  public record Cost(WorkCount work, TimeResult time) {
    /** Whether neither is above its limit; undecided time is not above. */
    public boolean passes() {
      return work.passes() && time.verdict() != Verdict.ABOVE;
    }

    /** Whether the time could not be judged. */
    public boolean isUndecided() {
      return time.verdict() == Verdict.UNDECIDED;
    }
  }

  /** Runs both on every op that has a backward pass. */
  public List<Cost> run() {
    List<Cost> costs = new ArrayList<>();
    TimeGate times = new TimeGate(iterations);
    for (WorkCount work : WorkCount.all()) {
      TimeResult time = times.measure(OpCatalog.named(work.op()));
      out.println(work);
      out.println(time);
      out.flush();
      costs.add(new Cost(work, time));
    }
    return costs;
  }
}
