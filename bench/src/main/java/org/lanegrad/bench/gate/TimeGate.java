package org.lanegrad.bench.gate;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import org.lanegrad.verification.catalog.OpSpec;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Does a backward pass take O(forward) time? Three verdicts: within, above and undecided. A
 * measurement is above only if its whole interval is, or if the forward pass takes several times
 * what its neighbours say at one size; it counts only if two fresh JVMs say the same, so that
 * neither a neighbour on the machine nor a mood of the JIT makes a build fail. What stays undecided
 * is printed and counted.
 */
public final class TimeGate {
  /** The share of undecided ops above which a report does not pass its own check. */
  public static final double MOST_UNDECIDED = 0.05;

  /** Fewer give no interval. */
  public static final int LEAST_ITERATIONS = 5;

  private static final int ITERATION_MILLIS = 8;
  private static final int WARM_UP_ITERATIONS = 2;

  /** How many fresh JVMs must agree before an op is above. */
  private static final int FORKS = 2;

  private final Measurer measurer;

  /** Measures an op: with how many iterations, in a fresh JVM or in this one. */
  @FunctionalInterface
  interface Measurer {
    /** The times of all sizes. */
    PassTimes measure(OpSpec spec, int iterations, boolean fresh);
  }

  private final int iterations;

  /** A gate of so many iterations a size, measured by JMH; 9 is quick, 25 is calm. */
  public TimeGate(int iterations) {
    this(iterations, TimeGate::byJmh);
  }

  TimeGate(int iterations, Measurer measurer) {
    if (iterations < LEAST_ITERATIONS) {
      throw new IllegalArgumentException(
          "iterations is " + iterations + ", expected " + LEAST_ITERATIONS + " or more");
    }
    this.iterations = iterations;
    this.measurer = measurer;
  }

  /** Judges one op. */
  public TimeResult measure(OpSpec spec) {
    PassTimes times = measurer.measure(spec, iterations, false);
    TimeResult result = TimeResult.of(spec, times);
    if (result.verdict() != Verdict.WITHIN) {
      // what can't be told, or is above, is looked at longer
      times = times.with(measurer.measure(spec, 3 * iterations, false));
      result = TimeResult.of(spec, times);
    }
    for (int fork = 0; fork < FORKS && result.verdict() == Verdict.ABOVE; fork++) {
      result = TimeResult.of(spec, measurer.measure(spec, 2 * iterations, true));
    }
    return result;
  }

  private static PassTimes byJmh(OpSpec spec, int iterations, boolean fresh) {
    System.setProperty("jmh.ignoreLock", "true");
    try {
      Collection<RunResult> results =
          new Runner(
                  new OptionsBuilder()
                      .include(PairBenchmark.class.getName() + "\\.pair$")
                      .param("op", spec.name())
                      .forks(fresh ? 1 : 0)
                      .warmupIterations(WARM_UP_ITERATIONS)
                      .warmupTime(TimeValue.milliseconds(ITERATION_MILLIS))
                      .measurementIterations(iterations)
                      .measurementTime(TimeValue.milliseconds(ITERATION_MILLIS))
                      .verbosity(VerboseMode.SILENT)
                      .build())
              .run();
      List<RunResult> bySize = new ArrayList<>(results);
      bySize.sort(
          Comparator.comparingInt(result -> Integer.parseInt(result.getParams().getParam("size"))));
      return new PassTimes(times(bySize, "forward"), times(bySize, "backward"));
    } catch (RunnerException e) {
      throw new IllegalStateException("JMH could not measure " + spec.name(), e);
    }
  }

  private static double[][] times(List<RunResult> bySize, String pass) {
    return bySize.stream()
        .map(
            result ->
                result.getBenchmarkResults().stream()
                    .flatMap(benchmark -> benchmark.getIterationResults().stream())
                    .mapToDouble(iteration -> score(iteration, pass) / score(iteration, "passes"))
                    .toArray())
        .toArray(double[][]::new);
  }

  private static double score(IterationResult iteration, String counter) {
    return iteration.getSecondaryResults().get(counter).getScore();
  }
}
