package org.lanegrad.bench.report;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.List;
import java.util.Map;
import org.lanegrad.bench.gate.TimeGate;
import org.lanegrad.bench.machine.MachineInfo;
import org.lanegrad.bench.network.NetworkJob;
import org.lanegrad.bench.network.SpiralJob;

/** What {@code results.json} holds; the other files show the same numbers. */
@JsonPropertyOrder({
  "machine",
  "limits",
  "verification",
  "accuracy",
  "conformance",
  "gates",
  "performance",
  "comparisons",
  "networks",
  "spirals",
  "digits"
})
public record Report(
    MachineInfo machine,
    Limits limits,
    List<Verification> verification,
    List<Accuracy> accuracy,
    Conformance conformance,
    List<Gate> gates,
    List<Performance> performance,
    List<Comparison> comparisons,
    List<NetworkJob.Line> networks,
    List<SpiralJob.Line> spirals,
    DigitsRow digits) {

  /** The limits that were measured in the same run. */
  public record Limits(double peakGflops, Map<Long, Double> gigabytesPerSecondByWorkingSet) {}

  /** One witness of one op: the worst error as a fraction of the error allowed, which is 1. */
  public record Verification(
      String op,
      String direction,
      String width,
      int cases,
      double worst,
      double bound,
      String unit,
      boolean pass) {}

  /**
   * One function swept over the floats: its worst value in ULP where the result is normal, its
   * worst derivative in units of 2^−24, and how often a value falls where the function rises.
   */
  public record Accuracy(
      String function,
      String width,
      long floats,
      double ulps,
      float ulpsAt,
      double tail,
      double derivative,
      float derivativeAt,
      long turns,
      boolean pass) {}

  /**
   * The cases of ONNX's node test suite that were at hand when the tests ran: how many there are,
   * how many pass, and the names of those that no kernel covers. No suite, no cases.
   */
  public record Conformance(int cases, int passed, List<String> uncovered) {}

  /**
   * What an op's backward pass costs beside its forward pass: counted work and time. Ratios are
   * backward / forward; an exponent is that of a pass's work in its model's, null where a pass runs
   * nothing of ours; the verdict on the time is within, undecided or above.
   */
  public record Gate(
      String op,
      List<String> sizes,
      double workRatio,
      double workRatioOfLimit,
      Double forwardExponent,
      Double backwardExponent,
      boolean workPass,
      double timeRatio,
      double timeLow,
      double timeHigh,
      double timeLimit,
      double forwardSlope,
      double backwardSlope,
      String timeVerdict) {
    /** Whether neither work nor time is above its limit. */
    boolean passes() {
      return workPass && !timeVerdict.equals("above");
    }
  }

  /** One pass of one op at one shape. */
  public record Performance(
      String kernel,
      String shape,
      int threads,
      double median,
      double low,
      double high,
      String unit,
      double limit,
      double percentOfLimit,
      Map<String, Double> peers) {}

  /**
   * One pass of an activation, a row kernel or an optimizer in turns with what it is held against:
   * nanoseconds an element, ours and theirs, and how many times as fast as the fastest of them.
   */
  public record Comparison(
      String kernel,
      int elements,
      double median,
      double low,
      double high,
      Map<String, Double> peers,
      double times) {}

  /** The digits job. */
  public record DigitsRow(
      String data, int train, int test, double accuracy, double seconds, double samplesPerSecond) {}

  /** Whether every check and every gate passed. */
  public boolean passes() {
    return verification.stream().allMatch(Verification::pass)
        && accuracy.stream().allMatch(Accuracy::pass)
        && gates.stream().allMatch(Gate::passes)
        && undecided() <= TimeGate.MOST_UNDECIDED;
  }

  /** The share of ops whose time could not be decided on. */
  private double undecided() {
    long undecided = gates.stream().filter(g -> g.timeVerdict().equals("undecided")).count();
    return gates.isEmpty() ? 0 : (double) undecided / gates.size();
  }
}
