package org.lanegrad.bench.report;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.lanegrad.bench.machine.Roofline;
import org.lanegrad.bench.op.OpBenchmark;
import org.lanegrad.verification.catalog.Cost;
import org.lanegrad.verification.catalog.OpCatalog;
import org.lanegrad.verification.catalog.OpSpec;
import org.lanegrad.verification.catalog.Shape;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import org.openjdk.jmh.util.Statistics;

/**
 * Runs the JMH benchmarks of all ops in this very process, so that each is measured with all others
 * compiled beside it, and sets the results against the roofline of the same run.
 */
final class JmhRun {
  private final Roofline roofline;

  JmhRun(Roofline roofline) {
    this.roofline = roofline;
  }

  List<Report.Performance> run() throws RunnerException {
    List<Report.Performance> rows = new ArrayList<>();
    String[] all = OpCatalog.all().stream().map(OpSpec::name).toArray(String[]::new);
    String[] differentiable =
        OpCatalog.all().stream()
            .filter(OpSpec::isDifferentiable)
            .map(OpSpec::name)
            .toArray(String[]::new);
    for (RunResult result : run("forward", all)) {
      rows.add(row(result, true));
    }
    for (RunResult result : run("backward", differentiable)) {
      rows.add(row(result, false));
    }
    return rows;
  }

  private static Collection<RunResult> run(String method, String[] ops) throws RunnerException {
    Options options =
        new OptionsBuilder()
            .include(OpBenchmark.class.getName() + "\\." + method + "$")
            .param("op", ops)
            .forks(0)
            .warmupIterations(2)
            .warmupTime(TimeValue.milliseconds(60))
            .measurementIterations(7)
            .measurementTime(TimeValue.milliseconds(40))
            .verbosity(VerboseMode.SILENT)
            .build();
    return new Runner(options).run();
  }

  private Report.Performance row(RunResult result, boolean forward) {
    String op = result.getParams().getParam("op");
    OpSpec spec = OpCatalog.named(op);
    int size = Integer.parseInt(result.getParams().getParam("size"));
    Shape shape = spec.benchmarkShapes().get(size);
    Cost cost = spec.cost().apply(shape);
    double flops = forward ? cost.forwardFlops() : cost.backwardFlops();
    double bytes = forward ? cost.forwardBytes() : cost.backwardBytes();
    Statistics time = result.getPrimaryResult().getStatistics();
    double limitNanos = roofline.nanoseconds(flops, bytes);
    String kernel = op + (forward ? " forward" : " backward");
    double median = time.getPercentile(50);
    if (shape.k() > 1) {
      return new Report.Performance(
          kernel,
          shape.toString(),
          1,
          flops / median,
          flops / time.getMax(),
          flops / time.getMin(),
          "GFLOP/s",
          flops / limitNanos,
          100 * limitNanos / median,
          Map.of());
    }
    double elements = (double) shape.m() * shape.n();
    return new Report.Performance(
        kernel,
        shape.toString(),
        1,
        median / elements,
        time.getMin() / elements,
        time.getMax() / elements,
        "ns/element",
        limitNanos / elements,
        100 * limitNanos / median,
        Map.of());
  }
}
