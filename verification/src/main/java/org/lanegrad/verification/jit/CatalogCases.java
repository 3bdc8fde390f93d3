package org.lanegrad.verification.jit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.lanegrad.Matrix;
import org.lanegrad.activation.Activation;
import org.lanegrad.activation.BitActivation;
import org.lanegrad.activation.Sigmoid;
import org.lanegrad.dense.Dense;
import org.lanegrad.matmul.Gemm;
import org.lanegrad.matmul.GemmPlan;
import org.lanegrad.matmul.PackedMatrix;
import org.lanegrad.matmul.Workspace;
import org.lanegrad.normalization.LogSoftmax;
import org.lanegrad.normalization.Softmax;
import org.lanegrad.optimizer.GradientClipping;
import org.lanegrad.reduction.Reductions;
import org.lanegrad.verification.BoundOp;
import org.lanegrad.verification.catalog.ActivationCatalog;
import org.lanegrad.verification.catalog.OpCatalog;
import org.lanegrad.verification.catalog.OpSpec;
import org.lanegrad.verification.catalog.Shape;
import org.lanegrad.verification.catalog.Slice;
import org.lanegrad.verification.catalog.UnarySpec;
import org.lanegrad.verification.jit.JitCase.Bound;

/** Both passes of every op of the catalog, and the public kernel methods that no row runs. */
public final class CatalogCases implements JitCase.Provider {
  /** 4,099 and 1,003 have a remainder on each width; 5 is shorter than a vector of 8. */
  private static final int[] LENGTHS = {4096, 4099, 1003, 83, 20, 5};

  private static final int[][] ROWS = {
    {64, 208}, {64, 203}, {3, 1003}, {1, 1003}, {128, 10}, {50, 21}
  };

  private static final int[][] PRODUCTS = {
    {64, 64, 64}, {63, 65, 67}, {4, 530, 520}, {1, 520, 530}, {13, 33, 10}, {260, 20, 530}
  };

  @Override
  public List<JitCase> cases() {
    heat();
    List<JitCase> cases = new ArrayList<>();
    for (OpSpec spec : OpCatalog.all()) {
      cases.add(pass(spec, true));
      if (spec.isDifferentiable()) {
        cases.add(pass(spec, false));
      }
    }
    lengths(cases);
    rows(cases);
    products(cases);
    return List.copyOf(cases);
  }

  /**
   * The loop that multiplies a loss's gradient by the upstream gradient is no kernel: it is hot
   * before any runs, and C2 has seen it take many steps (else it leaves it as it is, at half its
   * speed).
   */
  private static void heat() {
    Slice gradient = Slice.room(500, 0);
    for (int i = 0; i < 20_000; i++) {
      gradient.scale(0, gradient.length(), 1f);
    }
  }

  private static JitCase pass(OpSpec spec, boolean forward) {
    List<Shape> shapes = shapes(spec);
    AtomicLong seed = new AtomicLong(42);
    return new JitCase(
        spec.name() + (forward ? " forward" : " backward"),
        shapes.stream().map(Shape::toString).toList(),
        size -> {
          Shape s = shapes.get(size);
          BoundOp op = new BoundOp(spec, s, seed.getAndIncrement());
          if (!forward) {
            op.forward();
          }
          double elements = (double) s.m() * s.k() * s.n();
          return new Bound(forward ? op::forward : op::backward, elements, op::plant);
        });
  }

  /** By the kind of its benchmark shapes: a length, rows, or a product. */
  private static List<Shape> shapes(OpSpec spec) {
    Shape kind = spec.benchmarkShapes().get(0);
    if (kind.k() > 1) {
      return Arrays.stream(PRODUCTS).map(s -> new Shape(s[0], s[1], s[2])).toList();
    }
    return kind.m() > 1
        ? Arrays.stream(ROWS).map(s -> new Shape(s[0], 1, s[1])).toList()
        : Arrays.stream(LENGTHS).mapToObj(Shape::of).toList();
  }

  private static float[] numbers(int n) {
    SplittableRandom random = new SplittableRandom(n);
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextDouble(-2, 2);
    }
    return values;
  }

  private interface Loop {
    Runnable over(float[] x, float[] y, int n);
  }

  private static void length(List<JitCase> cases, String name, Loop loop) {
    cases.add(
        new JitCase(
            name,
            Arrays.stream(LENGTHS).mapToObj(n -> "n=" + n).toList(),
            size -> {
              int n = LENGTHS[size];
              float[] x = numbers(n);
              return new Bound(loop.over(x, numbers(n), n), n, value -> x[n / 2] = value);
            }));
  }

  private static void lengths(List<JitCase> cases) {
    float[] sink = new float[1];
    length(cases, "dot", (x, y, n) -> () -> sink[0] = Reductions.dot(x, 0, y, 0, n));
    length(cases, "sum of squares", (x, y, n) -> () -> sink[0] = Reductions.sumOfSquares(x, 0, n));
    length(cases, "max", (x, y, n) -> () -> sink[0] = Reductions.max(x, 0, n));
    length(cases, "argmax", (x, y, n) -> () -> sink[0] = Reductions.argmax(x, 0, n));
    length(
        cases,
        "clip by norm",
        (x, y, n) -> {
          float[][] arrays = {x};
          return () -> {
            // once it is clipped there would be nothing to scale
            x[0] = 3f;
            sink[0] = GradientClipping.byNorm(1f, arrays);
          };
        });
    length(
        cases,
        "clip by value",
        (x, y, n) -> {
          float[][] arrays = {x};
          return () -> GradientClipping.byValue(1f, arrays);
        });
    for (UnarySpec spec : ActivationCatalog.all()) {
      if (spec.kernel() instanceof BitActivation f) {
        length(cases, spec.name() + " inference", (x, y, n) -> () -> f.forward(x, 0, y, 0, n));
        length(
            cases,
            spec.name() + " backward from the output",
            (x, y, n) -> {
              float[] dx = new float[n];
              return () -> f.backward(x, 0, y, 0, dx, 0, n);
            });
      }
    }
  }

  private interface RowLoop {
    Runnable over(Matrix x, Matrix y, Matrix z);
  }

  /** Over transposed views: the columns of an array that is stored by rows. */
  private static void columns(List<JitCase> cases, String name, RowLoop loop) {
    cases.add(
        new JitCase(
            name + " along columns",
            Arrays.stream(ROWS).map(s -> s[0] + "×" + s[1]).toList(),
            size -> {
              int m = ROWS[size][0];
              int n = ROWS[size][1];
              float[] x = numbers(m * n);
              Matrix in = Matrix.of(x, n, m).transposed();
              Matrix saved = Matrix.of(numbers(m * n), n, m).transposed();
              Matrix out = Matrix.zeros(n, m).transposed();
              Runnable call = loop.over(in, saved, out);
              return new Bound(call, (double) m * n, value -> x[m * n / 2] = value);
            }));
  }

  private static void rows(List<JitCase> cases) {
    columns(cases, "softmax forward", (x, y, z) -> () -> Softmax.forward(x, z));
    columns(cases, "softmax backward", (x, y, z) -> () -> Softmax.backward(x, y, z));
    columns(cases, "log-softmax forward", (x, y, z) -> () -> LogSoftmax.forward(x, z));
    columns(cases, "log-softmax backward", (x, y, z) -> () -> LogSoftmax.backward(x, y, z));
  }

  private interface Product {
    Runnable of(Matrix a, Matrix b, Matrix c, Workspace workspace);
  }

  private static void product(List<JitCase> cases, String name, Product product) {
    product(cases, name, 0, product);
  }

  private static void product(List<JitCase> cases, String name, long own, Product product) {
    cases.add(
        new JitCase(
            name,
            Arrays.stream(PRODUCTS).map(s -> s[0] + "×" + s[1] + "×" + s[2]).toList(),
            size -> {
              int[] s = PRODUCTS[size];
              float[] a = numbers(s[0] * s[1]);
              Matrix b = Matrix.of(numbers(s[1] * s[2]), s[1], s[2]);
              Matrix c = Matrix.zeros(s[0], s[2]);
              Runnable call = product.of(Matrix.of(a, s[0], s[1]), b, c, new Workspace());
              double work = (double) s[0] * s[1] * s[2];
              return new Bound(call, work, value -> a[a.length / 2] = value, own);
            }));
  }

  private static void products(List<JitCase> cases) {
    product(
        cases,
        "packed product",
        (a, b, c, workspace) -> {
          PackedMatrix packed = PackedMatrix.of(b);
          return () -> Gemm.multiply(1f, a, packed, 0f, c, workspace);
        });
    product(
        cases,
        "halved product",
        (a, b, c, workspace) -> {
          PackedMatrix halved = PackedMatrix.halved(b);
          return () -> Gemm.multiply(1f, a, halved, 0f, c, workspace);
        });
    product(
        cases,
        "packed dense",
        (a, b, c, workspace) -> {
          PackedMatrix packed = PackedMatrix.of(b);
          float[] bias = numbers(b.columns());
          Activation f = new Sigmoid();
          return () -> Dense.forward(a, packed, bias, f, c, workspace);
        });
    product(
        cases,
        "product in parts",
        1024, // its parts, their views and tasks
        (a, b, c, workspace) -> {
          GemmPlan plan = new GemmPlan(Runnable::run, 2);
          return () -> plan.multiply(1f, a, b, 0f, c);
        });
    product(
        cases,
        "matrix times vector",
        (a, b, c, workspace) -> {
          // the views of the two vectors are the call's own, and C2 may or may not remove them
          Matrix row = a.rowRange(0, 1);
          Matrix result = c.rowRange(0, 1);
          return () -> Gemm.multiply(1f, row, b, 0f, result, workspace);
        });
  }
}
