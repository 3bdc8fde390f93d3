package org.lanegrad.bench.report;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.lanegrad.verification.catalog.Cost;
import org.lanegrad.verification.catalog.OpCatalog;
import org.lanegrad.verification.catalog.OpSpec;
import org.lanegrad.verification.catalog.Shape;

/** The report's pictures: the backward/forward ratio against the size, and the roofline. */
final class Plots {
  private Plots() {}

  /** Writes the plots and returns their names; none where Java cannot draw (no fonts). */
  static List<String> write(Report report, Path folder) throws IOException {
    try {
      save(ratios(report), folder, "ratio.png");
      save(roofline(report), folder, "roofline.png");
      return List.of("ratio.png", "roofline.png");
    } catch (LinkageError | RuntimeException e) {
      System.getLogger("org.lanegrad").log(System.Logger.Level.WARNING, "no plots: " + e);
      return List.of();
    }
  }

  private static void save(XYChart chart, Path folder, String name) throws IOException {
    BitmapEncoder.saveBitmap(chart, folder.resolve(name).toString(), BitmapFormat.PNG);
  }

  private static XYChart ratios(Report report) {
    XYChart chart =
        new XYChartBuilder()
            .width(1000)
            .height(520)
            .title("Backward / forward against the forward pass's work")
            .xAxisTitle("flops of the forward pass")
            .yAxisTitle("time backward / time forward")
            .build();
    chart.getStyler().setXAxisLogarithmic(true);
    for (OpSpec spec : OpCatalog.all()) {
      List<Double> work = new ArrayList<>();
      List<Double> ratio = new ArrayList<>();
      for (Shape shape : spec.benchmarkShapes()) {
        double forward = nanoseconds(report, spec, shape, true);
        double backward = nanoseconds(report, spec, shape, false);
        if (forward > 0 && backward > 0) {
          work.add(spec.cost().apply(shape).forwardFlops());
          ratio.add(backward / forward);
        }
      }
      if (!work.isEmpty()) {
        chart.addSeries(spec.name(), work, ratio);
      }
    }
    return chart;
  }

  private static XYChart roofline(Report report) {
    XYChart chart =
        new XYChartBuilder()
            .width(1000)
            .height(520)
            .title("Roofline: each op at its largest benchmark size")
            .xAxisTitle("flops per byte")
            .yAxisTitle("GFLOP/s")
            .build();
    chart.getStyler().setXAxisLogarithmic(true).setYAxisLogarithmic(true);
    double peak = report.limits().peakGflops();
    new TreeMap<>(report.limits().gigabytesPerSecondByWorkingSet())
        .forEach(
            (bytes, bandwidth) -> {
              double knee = peak / bandwidth;
              chart
                  .addSeries(
                      String.format(Locale.ROOT, "%,d kB at %.0f GB/s", bytes / 1024, bandwidth),
                      new double[] {0.05, knee, 200},
                      new double[] {0.05 * bandwidth, peak, peak})
                  .setMarker(org.knowm.xchart.style.markers.SeriesMarkers.NONE);
            });
    for (OpSpec spec : OpCatalog.all()) {
      Shape shape = spec.benchmarkShapes().get(2);
      Cost cost = spec.cost().apply(shape);
      double time = nanoseconds(report, spec, shape, true);
      if (time > 0) {
        chart
            .addSeries(
                spec.name(),
                new double[] {cost.forwardFlops() / cost.forwardBytes()},
                new double[] {cost.forwardFlops() / time})
            .setXYSeriesRenderStyle(XYSeriesRenderStyle.Scatter);
      }
    }
    return chart;
  }

  /** The measured time of one pass, or 0 if it wasn't measured. */
  private static double nanoseconds(Report report, OpSpec spec, Shape shape, boolean forward) {
    String kernel = spec.name() + (forward ? " forward" : " backward");
    Cost cost = spec.cost().apply(shape);
    double flops = forward ? cost.forwardFlops() : cost.backwardFlops();
    return report.performance().stream()
        .filter(p -> p.kernel().equals(kernel) && p.shape().equals(shape.toString()))
        .mapToDouble(
            p ->
                p.unit().equals("GFLOP/s")
                    ? flops / p.median()
                    : p.median() * shape.m() * shape.n())
        .findFirst()
        .orElse(0);
  }
}
