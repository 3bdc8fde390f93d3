package org.lanegrad.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.lanegrad.bench.network.NetworkJob;

/** The report's numbers as tables. */
final class Tables {
  private Tables() {}

  static List<Table> of(Report report) {
    return List.of(
        digits(report),
        verification(report),
        accuracy(report),
        conformance(report),
        gates(report),
        performance(report),
        comparisons(report),
        networks(report),
        spirals(report));
  }

  private static Table digits(Report report) {
    Report.DigitsRow d = report.digits();
    return new Table(
        "Digits",
        "A dense network, 64-128-10 with ReLU, trained by Adam with these kernels, after its own"
            + " gradients were checked; inference on one thread, batches of 256.",
        List.of("data", "train", "test", "accuracy", "training s", "inference samples/s"),
        List.of(
            List.of(
                d.data(),
                String.valueOf(d.train()),
                String.valueOf(d.test()),
                format("%.2f %%", 100 * d.accuracy()),
                format("%.1f", d.seconds()),
                format("%,.0f", d.samplesPerSecond()))));
  }

  private static Table networks(Report report) {
    List<String> head = new ArrayList<>(List.of("layers", "width", "forward µs"));
    report.networks().stream()
        .limit(1)
        .flatMap(line -> line.passes().stream())
        .forEach(pass -> head.addAll(List.of(pass.name(), "work")));
    return new Table(
        "Networks",
        "Dense layers with tanh, batches of 32: what loss and gradients, the Hessian times a vector,"
            + " the gradient of a penalty on the slope and a step of the power iteration for the"
            + " Jacobian's largest singular value take as multiples of the loss alone, in time and in"
            + " counted work. Flat over depth and width is O(forward).",
        head,
        report.networks().stream().map(Tables::cells).toList());
  }

  private static Table spirals(Report report) {
    return new Table(
        "Spirals",
        "Three arms of a spiral, told apart by two layers; spirals.png shows the class of each"
            + " point of the plane.",
        List.of("hidden units", "λ", "accuracy"),
        report.spirals().stream()
            .map(
                s ->
                    List.of(
                        String.valueOf(s.hidden()),
                        format("%.3f", s.lambda()),
                        format("%.1f %%", 100 * s.accuracy())))
            .toList());
  }

  private static List<String> cells(NetworkJob.Line line) {
    List<String> cells = new ArrayList<>();
    cells.add(String.valueOf(line.depth()));
    cells.add(String.valueOf(line.width()));
    cells.add(format("%.1f", line.forwardMicros()));
    for (NetworkJob.Pass pass : line.passes()) {
      cells.add(format("%.2f", pass.time()));
      cells.add(format("%.2f", pass.work()));
    }
    return cells;
  }

  private static Table verification(Report report) {
    return new Table(
        "Verification",
        "The worst error of each witness as a fraction of the error that was derived for that"
            + " element: up to 1 passes.",
        List.of("op", "witness", "cases", "worst", "pass"),
        report.verification().stream()
            .map(
                v ->
                    List.of(
                        v.op(),
                        v.direction(),
                        String.valueOf(v.cases()),
                        format("%.3f", v.worst()),
                        v.pass() ? "yes" : "NO"))
            .toList());
  }

  private static Table accuracy(Report report) {
    return new Table(
        "Accuracy",
        "Each activation over a sample of all floats, in blocks of neighbours from every binade"
            + " (-Pexhaustive looks at all of them): the worst value where the exact result is a"
            + " normal number, the largest error of a tail whose bound is absolute, the worst"
            + " derivative for an upstream gradient of 1 (relative where it is more), how often a"
            + " value falls, by a rounding, where the function rises.",
        List.of(
            "function",
            "floats",
            "max ULP",
            "at x",
            "tail",
            "derivative, 2⁻²⁴",
            "at x",
            "turns",
            "pass"),
        report.accuracy().stream()
            .map(
                a ->
                    List.of(
                        a.function(),
                        format("%,d", a.floats()),
                        format("%.3f", a.ulps()),
                        String.valueOf(a.ulpsAt()),
                        a.tail() == 0 ? "" : format("%.1e", a.tail()),
                        format("%.2f", a.derivative()),
                        String.valueOf(a.derivativeAt()),
                        String.valueOf(a.turns()),
                        a.pass() ? "yes" : "NO"))
            .toList());
  }

  private static Table conformance(Report report) {
    Report.Conformance c = report.conformance();
    return new Table(
        "ONNX node tests",
        "Cases of the ONNX project's own test suite for single operators that were at hand when"
            + " this build's tests ran, computed by these kernels.",
        List.of("cases", "passed", "not covered"),
        List.of(
            List.of(
                String.valueOf(c.cases()),
                String.valueOf(c.passed()),
                c.uncovered().isEmpty() ? "none" : String.join(", ", c.uncovered()))));
  }

  private static Table gates(Report report) {
    return new Table(
        "Backward costs O(forward)",
        "Work is counted in executed instructions of our own code, with counters in its bytecode: the"
            + " same on every machine of this vector width. Its ratio may not exceed the one of the"
            + " op's work model, and the exponent of each pass in its model's work is 1 within 0.02."
            + " Time is measured by JMH, both passes in turns, with bootstrapped 95 % intervals; an"
            + " interval that holds the limit is undecided, one above it counts if two fresh JVMs"
            + " agree.",
        List.of(
            "op",
            "work",
            "of its limit",
            "exponents",
            "work passes",
            "time",
            "95 %",
            "limit",
            "slopes",
            "verdict"),
        report.gates().stream()
            .map(
                g ->
                    List.of(
                        g.op(),
                        format("%.2f", g.workRatio()),
                        format("%.2f", g.workRatioOfLimit()),
                        exponent(g.forwardExponent()) + ", " + exponent(g.backwardExponent()),
                        g.workPass() ? "yes" : "NO",
                        format("%.2f", g.timeRatio()),
                        format("%.2f … %.2f", g.timeLow(), g.timeHigh()),
                        format("%.2f", g.timeLimit()),
                        format("%.2f, %.2f", g.forwardSlope(), g.backwardSlope()),
                        g.timeVerdict().equals("above") ? "ABOVE" : g.timeVerdict()))
            .toList());
  }

  private static String exponent(Double value) {
    return value == null ? "none" : format("%.3f", value);
  }

  private static Table performance(Report report) {
    return new Table(
        "Speed",
        format(
            "Ops by name (forward, backward): one thread, the median of seven JMH iterations with all"
                + " ops compiled in the same process; the limit is the roofline of this run, an FMA"
                + " peak of %.0f GFLOP/s and the bandwidth of the level of cache that the op's arrays"
                + " fit in. Products (sgemm, dense + bias + …): the median of seven rounds in turns"
                + " with the FMA peak, which is their limit, and with the native peers, where they"
                + " are on the class path (-Ppeers).",
            report.limits().peakGflops()),
        List.of(
            "kernel",
            "shape",
            "threads",
            "median",
            "low … high",
            "unit",
            "limit",
            "% of limit",
            "peers"),
        report.performance().stream()
            .map(
                p ->
                    List.of(
                        p.kernel(),
                        p.shape(),
                        String.valueOf(p.threads()),
                        format("%.4g", p.median()),
                        format("%.4g … %.4g", p.low(), p.high()),
                        p.unit(),
                        format("%.4g", p.limit()),
                        format("%.0f", p.percentOfLimit()),
                        peers(p.peers())))
            .toList());
  }

  private static Table comparisons(Report report) {
    return new Table(
        "Against native libraries",
        "Nanoseconds an element on one thread, the medians of rounds in which ours and the others"
            + " take turns, with all our ops compiled in the same process; the last column is how"
            + " many times as fast as the fastest of them. In memory the others are plain loops"
            + " that move as many bytes. No lines without -Ppeers.",
        List.of("kernel", "elements", "ours", "low … high", "others", "times"),
        report.comparisons().stream()
            .map(
                c ->
                    List.of(
                        c.kernel(),
                        format("%,d", c.elements()),
                        format("%.4f", c.median()),
                        format("%.4f … %.4f", c.low(), c.high()),
                        peers(c.peers()),
                        c.peers().isEmpty() ? "" : format("%.2f", c.times())))
            .toList());
  }

  private static String peers(Map<String, Double> peers) {
    return peers.entrySet().stream()
        .map(peer -> format("%s %.4g", peer.getKey(), peer.getValue()))
        .collect(Collectors.joining(", "));
  }

  private static String format(String pattern, Object... arguments) {
    return String.format(Locale.ROOT, pattern, arguments);
  }
}
