package org.lanegrad.bench.report;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Ellipse2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import javax.imageio.ImageIO;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.lanegrad.Matrix;
import org.lanegrad.bench.network.SpiralJob;
import org.lanegrad.verification.catalog.Cost;
import org.lanegrad.verification.catalog.OpCatalog;
import org.lanegrad.verification.catalog.OpSpec;
import org.lanegrad.verification.catalog.Shape;

/** The report's pictures: the backward/forward ratio against the size, the roofline, spirals. */
final class Plots {
  private static final Color[] ARMS = {
    new Color(0xd1495b), new Color(0xedae49), new Color(0x00798c)
  };
  private static final int PIXELS = 2;
  private static final int TITLE = 24;

  private Plots() {}

  /** Writes the plots and returns their names; none where Java cannot draw (no fonts). */
  static List<String> write(Report report, Path folder) throws IOException {
    try {
      save(ratios(report), folder, "ratio.png");
      save(roofline(report), folder, "roofline.png");
      ImageIO.write(spirals(report), "png", folder.resolve("spirals.png").toFile());
      return List.of("ratio.png", "roofline.png", "spirals.png");
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

  /** The networks beside each other: the class of each point of the plane, and the points. */
  private static BufferedImage spirals(Report report) {
    int side = PIXELS * SpiralJob.SIDE;
    List<SpiralJob.Line> lines = report.spirals();
    BufferedImage image =
        new BufferedImage(lines.size() * (side + TITLE), side + TITLE, BufferedImage.TYPE_INT_RGB);
    Graphics2D pen = image.createGraphics();
    pen.setColor(Color.WHITE);
    pen.fillRect(0, 0, image.getWidth(), image.getHeight());
    pen.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    for (SpiralJob.Line line : lines) {
      draw(pen, line);
      pen.translate(side + TITLE, 0);
    }
    pen.dispose();
    return image;
  }

  private static void draw(Graphics2D pen, SpiralJob.Line line) {
    pen.setColor(Color.BLACK);
    pen.drawString(
        String.format(Locale.ROOT, "%d hidden units, λ = %.3f", line.hidden(), line.lambda()),
        0,
        2 * TITLE / 3);
    int side = SpiralJob.SIDE;
    for (int i = 0; i < side * side; i++) {
      Color arm = ARMS[line.raster().charAt(i) - '0'];
      pen.setColor(new Color(arm.getRed(), arm.getGreen(), arm.getBlue(), 90));
      pen.fillRect(PIXELS * (i % side), TITLE + PIXELS * (i / side), PIXELS, PIXELS);
    }
    Matrix points = SpiralJob.points();
    for (int i = 0; i < points.rows(); i++) {
      pen.setColor(ARMS[SpiralJob.arm(i)]);
      double scale = PIXELS * side / (2 * SpiralJob.EDGE);
      double x = (points.get(i, 0) + SpiralJob.EDGE) * scale;
      double y = TITLE + (SpiralJob.EDGE - points.get(i, 1)) * scale;
      pen.fill(new Ellipse2D.Double(x - 2, y - 2, 4, 4));
    }
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
