package org.lanegrad.bench.report;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import org.lanegrad.Lanegrad;
import org.lanegrad.bench.accuracy.AccuracyJob;
import org.lanegrad.bench.activation.ActivationJob;
import org.lanegrad.bench.digits.DigitsJob;
import org.lanegrad.bench.gate.CostGates;
import org.lanegrad.bench.gate.Interval;
import org.lanegrad.bench.gate.TimeResult;
import org.lanegrad.bench.machine.MachineInfo;
import org.lanegrad.bench.machine.Roofline;
import org.lanegrad.bench.matmul.MatmulJob;
import org.lanegrad.bench.network.NetworkJob;
import org.lanegrad.bench.network.SpiralJob;
import org.lanegrad.bench.normalization.NormalizationJob;
import org.lanegrad.bench.op.PeerComparison;
import org.lanegrad.bench.peer.Peers;
import org.lanegrad.bench.work.WorkCount;
import org.lanegrad.verification.CheckResult;
import org.lanegrad.verification.OpVerifier;
import org.lanegrad.verification.accuracy.SweepResult;
import org.lanegrad.verification.catalog.OpCatalog;
import org.lanegrad.verification.catalog.OpSpec;
import org.openjdk.jmh.runner.RunnerException;

/** The main job: checks, digits, benchmarks and gates, one after the other, into one report. */
public final class ReportJob {
  private static final int GATE_ITERATIONS = 15;
  private static final int MATMUL_ROUNDS = 7;
  private static final int NETWORK_ROUNDS = 9;
  private static final int PEER_ROUNDS = 7;

  /** 8 million floats a function. */
  private static final long SWEEP_STRIDE = 509;

  private final PrintWriter out;
  private final long seed;
  private final Path onnx;

  /**
   * A job that tells its progress.
   *
   * @param onnx what the tests of the verification module wrote of ONNX's cases; it may be missing
   */
  public ReportJob(PrintWriter out, long seed, Path onnx) {
    this.out = out;
    this.seed = seed;
    this.onnx = onnx;
  }

  /** Runs everything; nothing is written to files yet. */
  public Report run(Path digits) throws IOException, RunnerException {
    out.println("Lanegrad, " + Lanegrad.describe());
    DigitsJob.Result learned = new DigitsJob(out, seed).run(digits);
    List<CheckResult> checks = verify();
    step("sweeping every activation over a sample of the floats");
    List<AccuracyJob.Line> accuracy = new AccuracyJob(out, SWEEP_STRIDE).run();
    step("measuring the FMA peak and the bandwidth of this machine");
    Roofline roofline = Roofline.measure();
    out.printf(
        Locale.ROOT,
        "FMA peak %.0f GFLOP/s, bandwidth by working set in bytes %s GB/s%n",
        roofline.peakGflops(),
        roofline.bandwidth().all());
    step("benchmarks of every op at three sizes");
    List<Report.Performance> performance = new ArrayList<>(new JmhRun(roofline).run());
    step(
        "matrix products and dense layers, in turns with the FMA peak and the peers on the class path");
    new MatmulJob(out, MATMUL_ROUNDS).run().forEach(line -> performance.add(row(line)));
    List<Report.Comparison> comparisons = comparisons();
    step("gradients of whole networks, over depth and width");
    List<NetworkJob.Line> networks = new NetworkJob(out, NETWORK_ROUNDS).run();
    step("spirals, by hidden units and regularization");
    List<SpiralJob.Line> spirals = new SpiralJob(out).run();
    step("the cost gates: counted work, then time");
    List<CostGates.Cost> gates = new CostGates(out, GATE_ITERATIONS).run();
    return new Report(
        MachineInfo.here(),
        new Report.Limits(roofline.peakGflops(), roofline.bandwidth().all()),
        checks.stream().map(ReportJob::row).toList(),
        accuracy.stream().map(ReportJob::row).toList(),
        conformance(),
        gates.stream().map(ReportJob::row).toList(),
        performance,
        comparisons,
        networks,
        spirals,
        new Report.DigitsRow(
            learned.data(),
            learned.train(),
            learned.test(),
            learned.accuracy(),
            learned.seconds(),
            learned.samplesPerSecond()));
  }

  private List<CheckResult> verify() {
    step("checking every op against its reference and its gradients");
    List<CheckResult> results = new ArrayList<>();
    for (OpSpec spec : OpCatalog.all()) {
      for (CheckResult result : new OpVerifier(spec, seed).verify()) {
        out.println(result);
        results.add(result);
      }
      out.flush();
    }
    return results;
  }

  private Report.Conformance conformance() throws IOException {
    Properties properties = new Properties();
    if (Files.isReadable(onnx)) {
      try (Reader reader = Files.newBufferedReader(onnx)) {
        properties.load(reader);
      }
    }
    String uncovered = properties.getProperty("uncovered", "");
    return new Report.Conformance(
        Integer.parseInt(properties.getProperty("cases", "0")),
        Integer.parseInt(properties.getProperty("passed", "0")),
        uncovered.isEmpty() ? List.of() : List.of(uncovered.split(" ")));
  }

  private List<Report.Comparison> comparisons() {
    if (Peers.ops().isEmpty()) {
      return List.of();
    }
    step("activations, normalizations, cross-entropy and Adam in turns with the peers");
    List<PeerComparison.Line> lines = new ArrayList<>(new ActivationJob(out, PEER_ROUNDS).run());
    lines.addAll(new NormalizationJob(out, PEER_ROUNDS).run());
    return lines.stream().map(ReportJob::row).toList();
  }

  private void step(String what) {
    out.println();
    out.println("== " + what);
    out.flush();
  }

  private static Report.Performance row(MatmulJob.Line line) {
    return new Report.Performance(
        line.name(),
        line.shape(),
        line.threads(),
        line.median(),
        line.low(),
        line.high(),
        "GFLOP/s",
        line.peak() * line.threads(),
        line.percentOfPeak(),
        line.peers());
  }

  private static Report.Comparison row(PeerComparison.Line line) {
    return new Report.Comparison(
        line.name(),
        line.n(),
        line.ours(),
        line.low(),
        line.high(),
        line.peers(),
        line.peers().isEmpty() ? 0 : line.ratio());
  }

  private static Report.Verification row(CheckResult check) {
    return new Report.Verification(
        check.op(),
        check.witness().toString(),
        Lanegrad.describe(),
        check.cases(),
        check.worst(),
        1,
        "of the error bound",
        check.passes());
  }

  private static Report.Accuracy row(AccuracyJob.Line line) {
    SweepResult r = line.result();
    return new Report.Accuracy(
        line.function(),
        Lanegrad.describe(),
        r.floats(),
        r.ulps(),
        r.ulpsAt(),
        r.tail(),
        r.slopeError(),
        r.slopeErrorAt(),
        r.turns(),
        line.passes());
  }

  private static Report.Gate row(CostGates.Cost cost) {
    WorkCount work = cost.work();
    TimeResult time = cost.time();
    Interval ratio = time.worstRatio();
    return new Report.Gate(
        work.op(),
        time.sizes(),
        work.ratio(),
        work.ratioOfLimit(),
        number(work.forwardExponent()),
        number(work.backwardExponent()),
        work.passes(),
        ratio.value(),
        ratio.low(),
        ratio.high(),
        time.worstRatioLimit(),
        time.forwardSlope().value(),
        time.backwardSlope().value(),
        time.verdict().name().toLowerCase(Locale.ROOT));
  }

  /** JSON has no NaN: a pass that executes nothing of ours has no exponent. */
  private static Double number(double value) {
    return Double.isNaN(value) ? null : value;
  }
}
