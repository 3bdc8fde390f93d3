package org.lanegrad;

import com.sun.management.ThreadMXBean;
import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.lanegrad.activation.Activation;
import org.lanegrad.activation.BitActivation;
import org.lanegrad.activation.ExponentialLinear;
import org.lanegrad.activation.Gelu;
import org.lanegrad.activation.GeluTanh;
import org.lanegrad.activation.HardSwish;
import org.lanegrad.activation.Identity;
import org.lanegrad.activation.Mish;
import org.lanegrad.activation.PRelu;
import org.lanegrad.activation.PiecewiseLinear;
import org.lanegrad.activation.Relu;
import org.lanegrad.activation.Sigmoid;
import org.lanegrad.activation.Softplus;
import org.lanegrad.activation.Softsign;
import org.lanegrad.activation.Swish;
import org.lanegrad.activation.Tanh;
import org.lanegrad.activation.Threshold;
import org.lanegrad.dense.Dense;
import org.lanegrad.dense.DenseBackward;
import org.lanegrad.dense.DenseGradients;
import org.lanegrad.dense.DenseTape;
import org.lanegrad.elementwise.Absolute;
import org.lanegrad.elementwise.Add;
import org.lanegrad.elementwise.Affine;
import org.lanegrad.elementwise.BiasAdd;
import org.lanegrad.elementwise.Copy;
import org.lanegrad.elementwise.Divide;
import org.lanegrad.elementwise.Dropout;
import org.lanegrad.elementwise.Erf;
import org.lanegrad.elementwise.Expm1;
import org.lanegrad.elementwise.Exponential;
import org.lanegrad.elementwise.Fill;
import org.lanegrad.elementwise.Log1p;
import org.lanegrad.elementwise.Logarithm;
import org.lanegrad.elementwise.Maximum;
import org.lanegrad.elementwise.Minimum;
import org.lanegrad.elementwise.Multiply;
import org.lanegrad.elementwise.Reciprocal;
import org.lanegrad.elementwise.Square;
import org.lanegrad.elementwise.SquareRoot;
import org.lanegrad.elementwise.Subtract;
import org.lanegrad.embedding.EmbeddingWindow;
import org.lanegrad.loss.BinaryCrossEntropy;
import org.lanegrad.loss.MeanSquaredError;
import org.lanegrad.loss.MulticlassHinge;
import org.lanegrad.loss.NegativeLogLikelihood;
import org.lanegrad.loss.Reduction;
import org.lanegrad.loss.Regularizer;
import org.lanegrad.loss.SoftmaxCrossEntropy;
import org.lanegrad.loss.Targets;
import org.lanegrad.matmul.Gemm;
import org.lanegrad.matmul.GemmPlan;
import org.lanegrad.matmul.PackedMatrix;
import org.lanegrad.matmul.Workspace;
import org.lanegrad.normalization.LayerNorm;
import org.lanegrad.normalization.LogSoftmax;
import org.lanegrad.normalization.RmsNorm;
import org.lanegrad.normalization.Softmax;
import org.lanegrad.optimizer.AdaGrad;
import org.lanegrad.optimizer.Adam;
import org.lanegrad.optimizer.GradientClipping;
import org.lanegrad.optimizer.Momentum;
import org.lanegrad.optimizer.RmsProp;
import org.lanegrad.optimizer.Sgd;
import org.lanegrad.reduction.Reductions;
import org.lanegrad.simd.Stores;

/**
 * Runs every kernel on sizes that reach each of its branches: shorter than a vector, with and
 * without a remainder, one row and several, above each block; on ordinary numbers and on NaN,
 * infinities and extremes.
 *
 * <p>C2 compiles a branch that it has never seen taken as a trap: the first time it is taken, the
 * kernel's code is thrown away and its vectors are interpreted until C2 has compiled it anew, for
 * tenths of a second. So each branch is taken here first. Until C2 has compiled a kernel its
 * vectors are objects; so the rounds end when one of them allocates next to nothing (a workspace
 * keeps the views of its latest shapes alone, and here more of them take turns) and leaves the
 * compiler, too, next to nothing to do: scalar loops allocate at no time.
 */
final class WarmUp {
  /** However busy the compiler is, a service has to start. */
  private static final long PATIENCE_NANOS = 60_000_000_000L;

  /** What the compiler has left alone for so long, it is not going to compile. */
  private static final long IDLE_NANOS = 3_000_000_000L;

  /** A batch is so many calls, or what there is time for: a call not yet compiled takes long. */
  private static final int CALLS = 60;

  private static final long BATCH_NANOS = 1_000_000;

  private static final int LEAST_ROUNDS = 3;

  /** The compiler is busy still if it took more than such a part of a round. */
  private static final int BUSY = 10;

  /** Bytes: a product may make a view of its workspace once a batch. */
  private static final int ONE_VIEW = 200;

  /** Shorter than 4, 8 and 16 lanes, and longer; a block of bits alone and with a remainder. */
  private static final int[] LENGTHS = {1, 3, 7, 15, 16, 19, 64, 83, 107, 131};

  /** More than a leaf of a sum. */
  private static final int LONG = 1027;

  private static final int[][] ROWS = {
    {1, 1}, {3, 3}, {2, 4}, {3, 7}, {2, 10}, {3, 16}, {1, 17}, {2, 19}, {3, 64}, {5, 67}, {2, 107},
    {3, 1030}, {16, 5}, {37, 3}
  };

  /** Rows, inner size, columns: every path of a product, with edges of each tile. */
  private static final int[][] PRODUCTS = {
    {1, 1, 1},
    {1, 40, 33},
    {1, 520, 530},
    {2, 520, 528},
    {3, 7, 10},
    {4, 530, 520},
    {5, 9, 16},
    {7, 530, 515},
    {9, 0, 9},
    {13, 20, 3},
    {13, 20, 7},
    {13, 33, 70},
    {25, 520, 60},
    {70, 20, 128},
    {70, 20, 130},
    {260, 9, 530}
  };

  /** Rows, columns and the gap between two rows of views that lie in one array. */
  private static final int[][] VIEWS = {
    {3, 3, 3}, {3, 3, 0}, {3, 7, 3}, {3, 7, 0}, {5, 21, 3}, {1, 21, 3}, {4, 83, 3}
  };

  private final List<Runnable> calls = new ArrayList<>();

  /** Calls in parts, which allocate by nature. */
  private final List<Runnable> parts = new ArrayList<>();

  private final Workspace workspace = new Workspace();
  private float sink;

  private final ThreadMXBean threads = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);
  private final CompilationMXBean compiler = ManagementFactory.getCompilationMXBean();
  private final long start = System.nanoTime();
  private long compiled;
  private long progress = start;
  private boolean gaveUp;

  /** Warms up; returns how long it took. */
  static Duration run() {
    WarmUp all = new WarmUp();
    all.threads.setThreadAllocatedMemoryEnabled(true);
    all.collect();
    boolean quiet = false;
    for (int round = 0; !(quiet && round >= LEAST_ROUNDS) && !all.gaveUp; round++) {
      quiet = true;
      long compiled = all.compilationMillis();
      long began = System.nanoTime();
      all.parts.forEach(all::settles);
      for (Runnable call : all.calls) {
        boolean settled = false;
        // first a little of each, so that C2 has seen all branches; then one after the other
        for (int batch = 0; !settled && batch < 1 << round && !all.gaveUp; batch++) {
          settled = all.settles(call);
        }
        quiet &= settled;
      }
      long millis = (System.nanoTime() - began) / 1_000_000;
      quiet &= BUSY * (all.compilationMillis() - compiled) < millis;
      all.gaveUp |= System.nanoTime() - all.start > PATIENCE_NANOS;
    }
    return Duration.ofNanos(System.nanoTime() - all.start);
  }

  /** All that a warm-up calls: a test counts which branches they take. */
  static List<Runnable> calls() {
    WarmUp all = new WarmUp();
    all.collect();
    return Stream.of(all.parts, all.calls).flatMap(List::stream).toList();
  }

  /** Runs a batch; has it allocated nothing? If it has, leaves C2 as much time as it took. */
  private boolean settles(Runnable call) {
    long began = System.nanoTime();
    long before = threads.getCurrentThreadAllocatedBytes();
    long now = began;
    for (int i = 0; i < CALLS && now - began < BATCH_NANOS; i++) {
      call.run();
      now = System.nanoTime();
    }
    boolean settled = threads.getCurrentThreadAllocatedBytes() - before < ONE_VIEW;
    if (!settled) {
      LockSupport.parkNanos(now - began);
      long total = compilationMillis();
      progress = total == compiled ? progress : now;
      compiled = total;
      gaveUp = now - progress > IDLE_NANOS || now - start > PATIENCE_NANOS;
    }
    return settled;
  }

  private long compilationMillis() {
    return compiler == null ? 0 : compiler.getTotalCompilationTime();
  }

  private void collect() {
    for (int n : LENGTHS) {
      activations(n);
      gates(n);
      sumsAndLosses(n);
      optimizers(n);
    }
    sumsAndLosses(LONG);
    float[] zeros = {-1f, -0f, 0f};
    calls.add(() -> sink += Reductions.argmax(zeros, 0, zeros.length));
    for (int[] s : ROWS) {
      rows(s[0], s[1]);
      classes(s[0], s[1]);
    }
    empties();
    stores();
    for (int[] s : VIEWS) {
      ranges(s[0] * s[1]);
      views(s[0], s[1], s[2]);
    }
    for (int[] s : PRODUCTS) {
      products(s[0], s[1], s[2]);
      layers(s[0], Math.min(s[1], 40), Math.min(s[2], 140));
    }
  }

  /** Ordinary numbers, the same with each kind of extreme among them, positive ones. */
  private static float[][] inputs(int n) {
    float[] extremes = {
      Float.NaN,
      Float.POSITIVE_INFINITY,
      Float.NEGATIVE_INFINITY,
      0f,
      -0f,
      Float.MIN_VALUE,
      3e38f,
      -3e38f,
      100f,
      -100f,
      -95f,
      1e-30f,
      45f,
      -45f,
      30f,
      -30f,
      -1f,
      2f
    };
    float[] ordinary = ordinary(n);
    float[] mixed = ordinary(n);
    for (int i = 0; i < n; i += 3) {
      mixed[i] = extremes[i / 3 % extremes.length];
    }
    float[] positive = ordinary(n);
    for (int i = 0; i < n; i++) {
      positive[i] = Math.abs(positive[i]) + 0.5f;
    }
    if (n > 64) {
      positive[n - 1] = 0f;
    }
    List<float[]> all = new ArrayList<>(List.of(ordinary, mixed, positive));
    // scalar loops see one element at a time: each extreme once
    for (int start = 0; n < 16 && start < extremes.length; start += n) {
      float[] some = new float[n];
      for (int i = 0; i < n; i++) {
        some[i] = extremes[(start + i) % extremes.length];
      }
      all.add(some);
    }
    return all.toArray(float[][]::new);
  }

  private static float[] ordinary(int n) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (i * 37 % 101 - 50) * 0.06f;
    }
    return values;
  }

  private static Matrix matrix(int rows, int columns) {
    return Matrix.of(ordinary(rows * columns), rows, columns);
  }

  private void activations(int n) {
    long[] bits = new long[n / 64 + 1];
    for (float[] x : inputs(n)) {
      float[] y = new float[n];
      float[] dy = ordinary(n);
      dy[n - 1] = Float.NaN;
      float[] dx = new float[n];
      for (Activation f : ACTIVATIONS) {
        calls.add(() -> f.forward(x, 0, y, 0, n));
        float[] saved = f.saved() == Activation.Saved.INPUT ? x : y;
        calls.add(() -> f.backward(dy, 0, saved, 0, dx, 0, n));
        if (f instanceof BitActivation b) {
          calls.add(() -> b.forward(x, 0, y, 0, bits, 0, n));
          calls.add(() -> b.backward(dy, 0, bits, 0, dx, 0, n));
        }
      }
    }
  }

  /**
   * What C2 has seen called at one place, up to two classes, it compiles in with a trap for all
   * others: so both that save bits, and three of the others.
   */
  private static final List<Activation> OF_LAYERS =
      List.of(new Relu(), PiecewiseLinear.leakyRelu(0.1f), new Sigmoid(), new Gelu(), new Tanh());

  private static final List<Activation> ACTIVATIONS =
      List.of(
          new Identity(),
          new Relu(),
          PiecewiseLinear.leakyRelu(0.1f),
          PiecewiseLinear.clip(-1f, 1f),
          new Threshold(0.5f),
          new HardSwish(),
          new Sigmoid(),
          new Tanh(),
          ExponentialLinear.elu(1f),
          ExponentialLinear.celu(2f),
          new Softplus(),
          new Softsign(),
          Swish.silu(),
          new Mish(),
          new Gelu(),
          new GeluTanh(),
          new Exponential(),
          new Expm1(),
          new Logarithm(),
          new Log1p(),
          new Erf(),
          new Affine(1.5f, 0.25f),
          new Square(),
          new Reciprocal(),
          new SquareRoot(),
          new Absolute());

  private void gates(int n) {
    float[][] in = inputs(n);
    float[] p = new float[n];
    float[] q = new float[n];
    calls.add(() -> Add.forward(in[0], 0, in[1], 0, p, 0, n));
    calls.add(() -> Add.backward(in[0], 0, p, 0, q, 0, n));
    calls.add(() -> Multiply.forward(in[0], 0, in[1], 0, p, 0, n));
    calls.add(() -> Multiply.backward(in[0], 0, in[1], 0, in[2], 0, p, 0, q, 0, n));
    calls.add(() -> Subtract.forward(in[0], 0, in[1], 0, p, 0, n));
    calls.add(() -> Subtract.backward(in[0], 0, p, 0, q, 0, n));
    calls.add(() -> Divide.forward(in[0], 0, in[1], 0, p, 0, n));
    calls.add(() -> Divide.backward(in[0], 0, in[1], 0, in[2], 0, p, 0, q, 0, n));
    calls.add(() -> Minimum.forward(in[0], 0, in[1], 0, p, 0, n));
    calls.add(() -> Minimum.forward(in[1], 0, in[0], 0, p, 0, n));
    calls.add(() -> Minimum.forward(in[2], 0, in[0], 0, p, 0, n));
    calls.add(() -> Minimum.backward(in[0], 0, in[1], 0, in[2], 0, p, 0, q, 0, n));
    calls.add(() -> Minimum.backward(in[0], 0, in[2], 0, in[1], 0, p, 0, q, 0, n));
    calls.add(() -> Maximum.forward(in[0], 0, in[1], 0, p, 0, n));
    calls.add(() -> Maximum.forward(in[1], 0, in[0], 0, p, 0, n));
    calls.add(() -> Maximum.forward(in[0], 0, in[2], 0, p, 0, n));
    calls.add(() -> Maximum.backward(in[0], 0, in[1], 0, in[2], 0, p, 0, q, 0, n));
    calls.add(() -> Maximum.backward(in[0], 0, in[2], 0, in[1], 0, p, 0, q, 0, n));
    calls.add(() -> Copy.forward(in[0], 0, p, 0, q, 0, n));
    calls.add(() -> Copy.backward(in[0], 0, in[1], 0, p, 0, n));
    calls.add(() -> Fill.forward(1f, p, 0, n));
    calls.add(() -> Dropout.apply(0.5f, 1, in[0], 0, p, 0, n));
    calls.add(() -> Dropout.apply(0.5f, 2, p, 0, p, 0, n));
  }

  private void sumsAndLosses(int n) {
    float[] targets = new float[n];
    for (int i = 0; i < n; i++) {
      targets[i] = i % 3 * 0.5f;
    }
    float[] gradient = new float[n];
    BinaryCrossEntropy binary = new BinaryCrossEntropy(2f);
    Regularizer penalty = new Regularizer(0.1f, 0.1f);
    for (float[] x : inputs(n)) {
      calls.add(() -> sink += Reductions.sum(x, 0, n));
      calls.add(() -> sink += Reductions.dot(x, 0, targets, 0, n));
      calls.add(() -> sink += Reductions.sumOfSquares(x, 0, n));
      calls.add(() -> sink += Reductions.max(x, 0, n));
      calls.add(() -> sink += Reductions.argmax(x, 0, n));
      for (float[] to : new float[][] {gradient, null}) {
        calls.add(() -> sink += binary.lossAndGradient(x, 0, targets, 0, to, 0, n));
        calls.add(() -> sink += MeanSquaredError.lossAndGradient(x, 0, targets, 0, to, 0, n));
        calls.add(() -> sink += penalty.penaltyAndGradient(x, 0, to, 0, n));
        calls.add(() -> sink += penalty.penaltyAndGradient(x, 0, to, 0, n, true));
      }
    }
  }

  private void optimizers(int n) {
    float[] g = ordinary(n);
    float[] s = new float[n];
    float[] t = new float[n];
    float[] p = new float[n];
    Momentum plain = Momentum.of(0.9f);
    Momentum nesterov = Momentum.nesterov(0.9f);
    RmsProp rmsProp = RmsProp.standard();
    AdaGrad adaGrad = AdaGrad.standard();
    Adam adam = Adam.standard();
    calls.add(() -> Sgd.step(0.1f, g, p));
    calls.add(() -> plain.step(0.1f, g, s, p));
    calls.add(() -> nesterov.step(0.1f, g, s, p));
    calls.add(() -> Arrays.fill(s, 1f));
    calls.add(() -> rmsProp.step(0.1f, g, s, p));
    calls.add(() -> adaGrad.step(0.1f, g, s, p));
    calls.add(() -> adam.step(0.1f, 3, g, t, s, p));
    float[][] gradients = {ordinary(n)};
    calls.add(() -> sink += GradientClipping.byNorm(1e9f, gradients));
    calls.add(() -> sink += GradientClipping.byNorm(1e-3f, gradients));
    for (float size : new float[] {1e20f, 1e-30f, Float.NaN}) {
      float[] alike = new float[n];
      Arrays.fill(alike, size);
      float[][] others = {new float[0], alike};
      calls.add(() -> sink += GradientClipping.byNorm(Float.MAX_VALUE, others));
    }
    calls.add(() -> GradientClipping.byValue(1e-4f, gradients));
    calls.add(() -> System.arraycopy(g, 0, gradients[0], 0, n));
  }

  private void rows(int m, int n) {
    LayerNorm layer = new LayerNorm(1e-5f);
    RmsNorm rms = new RmsNorm(1e-5f);
    float[] gamma = ordinary(n);
    float[] beta = ordinary(n);
    float[] dgamma = new float[n];
    float[] dbeta = new float[n];
    float[] one = {0.25f};
    float[] done = new float[1];
    float[] moments = new float[2 * m];
    float[] scales = new float[m];
    Matrix y = Matrix.zeros(m, n);
    Matrix dx = Matrix.zeros(m, n);
    Matrix dy = matrix(m, n);
    for (float[] values : inputs(m * n)) {
      Matrix x = Matrix.of(values, m, n);
      calls.add(() -> BiasAdd.forward(x, gamma, y));
      calls.add(() -> BiasAdd.backward(x, dgamma));
      calls.add(() -> BiasAdd.backward(x, dgamma, true));
      calls.add(() -> PRelu.forward(x, gamma, y));
      calls.add(() -> PRelu.forward(x, one, y));
      calls.add(() -> PRelu.backward(dy, x, gamma, dx, dgamma));
      calls.add(() -> PRelu.backward(dx, x, gamma, dx, dgamma));
      calls.add(() -> PRelu.backward(dy, x, one, dx, done));
      calls.add(() -> PRelu.backward(dy, x, one, dx, done, true));
      for (boolean transposed : new boolean[] {false, true}) {
        Matrix in = transposed ? Matrix.of(values, n, m).transposed() : x;
        Matrix out = transposed ? Matrix.zeros(n, m).transposed() : y;
        Matrix up = transposed ? matrix(n, m).transposed() : dy;
        Matrix down = transposed ? Matrix.zeros(n, m).transposed() : dx;
        calls.add(() -> Softmax.forward(in, out));
        calls.add(() -> Softmax.backward(up, out, down));
        calls.add(() -> LogSoftmax.forward(in, out));
        calls.add(() -> LogSoftmax.backward(up, out, down));
      }
      calls.add(() -> layer.forward(x, gamma, beta, y, moments));
      calls.add(() -> layer.backward(dy, x, gamma, moments, dx, dgamma, dbeta));
      calls.add(() -> layer.backward(dy, x, gamma, moments, dx, dgamma, dbeta, true));
      calls.add(() -> layer.forward(x, null, null, y, null));
      calls.add(() -> layer.backward(dy, x, null, moments, dx, null, null));
      calls.add(() -> rms.forward(x, gamma, y, scales));
      calls.add(() -> rms.backward(dy, x, gamma, scales, dx, dgamma));
      calls.add(() -> rms.forward(x, null, y, null));
      calls.add(() -> rms.backward(dy, x, null, scales, dx, null));
      calls.add(() -> Arrays.fill(dgamma, 0f));
      calls.add(() -> Arrays.fill(dbeta, 0f));
    }
    // a mean far from the sample of the row's ends that moments are taken around, in one row of two
    for (int odd = 0; odd < 2; odd++) {
      float[] steps = ordinary(m * n);
      for (int i = odd; i < m; i += 2) {
        Arrays.fill(steps, i * n, i * n + Math.min(n, 16), 1e3f);
      }
      Matrix far = Matrix.of(steps, m, n);
      calls.add(() -> layer.forward(far, gamma, beta, y, moments));
      calls.add(() -> rms.forward(far, gamma, y, scales));
    }
    Matrix own = matrix(n, m).transposed();
    Matrix gradient = matrix(n, m).transposed();
    calls.add(() -> Softmax.forward(own, own));
    calls.add(() -> Softmax.backward(gradient, own, gradient));
    calls.add(() -> Softmax.backward(gradient, own, own));
    calls.add(() -> LogSoftmax.forward(own, own));
    calls.add(() -> LogSoftmax.backward(gradient, own, gradient));
  }

  /** Two gradients of long arrays, each apart from all operands and in the place of each. */
  private void stores() {
    int n = 2 * Stores.BLOCK + 1;
    float[][] v = {ordinary(n), ordinary(n), ordinary(n), new float[n], new float[n]};
    for (int to = 0; to < 4; to++) {
      float[] d = v[to];
      calls.add(() -> Multiply.backward(v[0], 0, v[1], 0, v[2], 0, d, 0, v[4], 0, n));
      calls.add(() -> Multiply.backward(v[0], 0, v[1], 0, v[2], 0, v[4], 0, d, 0, n));
      calls.add(() -> restore(d));
    }
    calls.add(() -> Copy.forward(v[0], 0, v[3], 0, v[4], 0, n));
  }

  /** Ranges of one array, apart and in place: what the checks of arguments tell from an overlap. */
  private void ranges(int n) {
    float[] a = ordinary(6 * n);
    long[] bits = new long[2 * (n / 64 + 1)];
    int p = n;
    int q = 2 * n;
    int r = 3 * n;
    int s = 4 * n;
    int t = 5 * n;
    for (Activation f : ACTIVATIONS) {
      calls.add(() -> f.forward(a, 0, a, p, n));
      calls.add(() -> f.backward(a, q, a, f.saved() == Activation.Saved.INPUT ? 0 : p, a, r, n));
      calls.add(() -> f.forward(a, p, a, p, n));
      calls.add(() -> f.backward(a, r, a, p, a, r, n));
      if (f instanceof BitActivation b) {
        calls.add(() -> b.forward(a, 0, a, p, bits, bits.length / 2, n));
        calls.add(() -> b.backward(a, q, bits, bits.length / 2, a, r, n));
      }
      calls.add(() -> restore(a));
    }
    calls.add(() -> Add.forward(a, 0, a, p, a, q, n));
    calls.add(() -> Add.backward(a, 0, a, p, a, q, n));
    calls.add(() -> Multiply.forward(a, 0, a, p, a, q, n));
    calls.add(() -> Multiply.backward(a, 0, a, p, a, q, a, r, a, s, n));
    calls.add(() -> Multiply.backward(a, 0, a, p, a, q, a, p, a, q, n));
    calls.add(() -> restore(a));
    calls.add(() -> Subtract.forward(a, 0, a, p, a, q, n));
    calls.add(() -> Subtract.backward(a, 0, a, p, a, q, n));
    calls.add(() -> Divide.forward(a, 0, a, p, a, q, n));
    calls.add(() -> Divide.backward(a, 0, a, p, a, q, a, r, a, s, n));
    calls.add(() -> Divide.backward(a, 0, a, p, a, q, a, p, a, q, n));
    calls.add(() -> restore(a));
    calls.add(() -> Minimum.forward(a, 0, a, p, a, q, n));
    calls.add(() -> Minimum.backward(a, 0, a, p, a, q, a, r, a, s, n));
    calls.add(() -> Minimum.backward(a, 0, a, p, a, q, a, p, a, q, n));
    calls.add(() -> restore(a));
    calls.add(() -> Maximum.forward(a, 0, a, p, a, q, n));
    calls.add(() -> Maximum.backward(a, 0, a, p, a, q, a, r, a, s, n));
    calls.add(() -> Maximum.backward(a, 0, a, p, a, q, a, p, a, q, n));
    calls.add(() -> Copy.forward(a, 0, a, p, a, q, n));
    calls.add(() -> Copy.backward(a, 0, a, p, a, q, n));
    calls.add(() -> Fill.forward(1f, a, p, n));
    calls.add(() -> Dropout.apply(0.5f, 1, a, 0, a, p, n));
    calls.add(() -> Dropout.apply(0.5f, 2, a, p, a, p, n));
    calls.add(() -> restore(a));
    calls.add(() -> sink += Reductions.dot(a, 0, a, p, n));
    calls.add(() -> sink += MeanSquaredError.lossAndGradient(a, 0, a, p, a, q, n));
    Regularizer penalty = new Regularizer(0.1f, 0.1f);
    calls.add(() -> sink += penalty.penaltyAndGradient(a, 0, a, t, n));
    calls.add(() -> Sgd.step(0.1f, a, 0, a, p, n));
    calls.add(() -> restore(a));
  }

  private static void restore(float[] a) {
    for (int i = 0; i < a.length; i++) {
      a[i] = (i % 101 - 50) * 0.06f;
    }
  }

  /** Matrices in one array, apart and in place, and such beside others. */
  private void views(int m, int n, int gap) {
    Matrix[] v = new Matrix[4];
    int size = m * (n + gap);
    float[] a = ordinary(v.length * size);
    for (int i = 0; i < v.length; i++) {
      v[i] = Matrix.of(a, i * size, m, n, n + gap);
    }
    Matrix apart = matrix(m, n);
    Matrix columns = matrix(n, m).transposed();
    Matrix columnsWithGap = Matrix.zeros(n, m + 3).columnRange(0, m).transposed();
    float[] gamma = ordinary(n);
    float[] beta = ordinary(n);
    float[] one = {0.25f};
    float[] dgamma = new float[n];
    float[] moments = new float[2 * m];
    float[] scales = new float[m];
    LayerNorm layer = new LayerNorm(1e-5f);
    RmsNorm rms = new RmsNorm(1e-5f);
    int[] labels = new int[m];
    Targets targets = Targets.of(labels).smoothed(0.1f);
    calls.add(() -> BiasAdd.forward(apart, gamma, v[0]));
    calls.add(() -> Softmax.forward(apart, v[0]));
    calls.add(() -> Softmax.backward(apart, v[1], v[1]));
    calls.add(() -> Softmax.forward(columns, columnsWithGap));
    calls.add(() -> sink += SoftmaxCrossEntropy.lossAndGradient(apart, labels, v[0]));
    for (int to : new int[] {0, 1}) {
      calls.add(() -> BiasAdd.forward(v[0], gamma, v[to]));
      calls.add(() -> PRelu.forward(v[0], gamma, v[to]));
      calls.add(() -> PRelu.forward(v[0], one, v[to]));
      calls.add(() -> PRelu.backward(v[0], v[2], gamma, v[to], dgamma));
      calls.add(() -> Softmax.forward(v[0], v[to]));
      calls.add(() -> Softmax.backward(v[0], v[2], v[to]));
      calls.add(() -> Softmax.forward(v[0].transposed(), v[to].transposed()));
      calls.add(() -> LogSoftmax.forward(v[0], v[to]));
      calls.add(() -> LogSoftmax.backward(v[0], v[2], v[to]));
      calls.add(() -> layer.forward(v[0], gamma, beta, v[to], moments));
      calls.add(() -> layer.backward(v[0], v[2], gamma, moments, v[to], dgamma, beta));
      calls.add(() -> rms.forward(v[0], gamma, v[to], scales));
      calls.add(() -> rms.backward(v[0], v[2], gamma, scales, v[to], dgamma));
      calls.add(() -> sink += SoftmaxCrossEntropy.lossAndGradient(v[0], labels, v[to]));
      calls.add(() -> sink += SoftmaxCrossEntropy.lossAndGradient(v[0], targets, null, v[to]));
      calls.add(() -> sink += NegativeLogLikelihood.lossAndGradient(v[0], targets, null, v[to]));
      calls.add(() -> sink += MulticlassHinge.lossAndGradient(v[0], labels, 1f, v[to]));
      calls.add(() -> restore(a));
      calls.add(() -> Arrays.fill(dgamma, 0f));
      calls.add(() -> Arrays.fill(beta, 0f));
    }
    Matrix w = matrix(n, n);
    Matrix dw = Matrix.zeros(n, n);
    PackedMatrix packed = PackedMatrix.of(w);
    PackedMatrix.halved(Matrix.of(new float[] {Float.NaN}, 1, 1));
    calls.add(() -> Gemm.multiply(1f, v[0], w, 0f, v[1], workspace));
    calls.add(() -> Gemm.multiply(1f, v[0], packed, 0f, v[1], workspace));
    calls.add(() -> Gemm.multiply(1f, v[0].transposed(), v[1], 0f, dw, workspace));
    for (Activation f : OF_LAYERS) {
      DenseTape tape = new DenseTape(f, m, n);
      DenseGradients into = DenseGradients.into(v[3], dw, new float[n]);
      DenseGradients x = DenseGradients.into(v[3], null, null);
      DenseGradients weights = DenseGradients.into(null, dw, null);
      DenseGradients bias = DenseGradients.into(null, null, new float[n]);
      calls.add(() -> Dense.forward(v[0], packed, beta, f, v[1], workspace));
      calls.add(() -> Dense.forward(v[0], w, beta, v[1], tape, workspace));
      for (DenseGradients some : List.of(into, x, weights, bias)) {
        calls.add(() -> DenseBackward.backward(v[2], v[0], w, v[1], tape, some, workspace));
        calls.add(() -> DenseBackward.backward(apart, v[0], w, v[1], tape, some, workspace));
      }
    }
    calls.add(() -> restore(a));
  }

  private void empties() {
    Matrix noRows = Matrix.zeros(0, 40);
    Matrix noShortRows = Matrix.zeros(0, 3);
    Matrix noColumns = Matrix.zeros(40, 0);
    LayerNorm layer = new LayerNorm(1e-5f);
    for (Matrix none : List.of(noRows, noShortRows, noColumns, noRows.transposed())) {
      calls.add(() -> Softmax.forward(none, none));
      calls.add(() -> Softmax.backward(none, none, none));
      calls.add(() -> LogSoftmax.forward(none, none));
      calls.add(() -> LogSoftmax.backward(none, none, none));
    }
    Matrix alike = Matrix.zeros(0, 3);
    calls.add(() -> Softmax.forward(noShortRows, alike));
    PackedMatrix packed = PackedMatrix.of(matrix(40, 40));
    calls.add(() -> Gemm.multiply(1f, noRows, packed, 0f, noRows, workspace));
    for (Matrix none : List.of(noRows, noShortRows, noColumns)) {
      float[] moments = new float[2 * none.rows()];
      calls.add(() -> layer.forward(none, null, null, none, moments));
      calls.add(() -> layer.backward(none, none, null, moments, none, null, null));
    }
  }

  private void classes(int m, int n) {
    int[] labels = new int[m];
    int[] words = new int[3 * m];
    for (int i = 0; i < m; i++) {
      labels[i] = i % n;
    }
    for (int i = 0; i < words.length; i++) {
      words[i] = i % 5 - 1;
    }
    float[] losses = new float[m];
    float[] weights = new float[n];
    Arrays.fill(weights, 0.5f);
    weights[n - 1] = 0f;
    Targets options = Targets.of(labels).weighted(weights).smoothed(0.1f).ignoring(m > 1 ? 0 : -1);
    Targets plain = Targets.of(labels).reduced(Reduction.SUM);
    Matrix dx = Matrix.zeros(m, n);
    for (float[] values : inputs(m * n)) {
      Matrix x = Matrix.of(values, m, n);
      calls.add(() -> sink += SoftmaxCrossEntropy.loss(x, labels));
      calls.add(() -> sink += SoftmaxCrossEntropy.lossAndGradient(x, labels, dx));
      for (Targets targets : new Targets[] {plain, options}) {
        calls.add(() -> sink += SoftmaxCrossEntropy.loss(x, targets, null));
        calls.add(() -> sink += SoftmaxCrossEntropy.lossAndGradient(x, targets, losses, dx));
        calls.add(() -> sink += NegativeLogLikelihood.loss(x, targets, null));
        calls.add(() -> sink += NegativeLogLikelihood.lossAndGradient(x, targets, losses, dx));
      }
      calls.add(() -> sink += MulticlassHinge.lossAndGradient(x, labels, 1f, null));
      calls.add(() -> sink += MulticlassHinge.lossAndGradient(x, labels, 1f, dx));
    }
    Matrix table = matrix(4, n);
    Matrix window = Matrix.zeros(m, 3 * n);
    Matrix dtable = Matrix.zeros(4, n);
    calls.add(() -> EmbeddingWindow.forward(table, words, window));
    calls.add(() -> EmbeddingWindow.backward(window, words, dtable));
    calls.add(() -> EmbeddingWindow.backward(window, words, dtable, true, 1, 2));
  }

  private void products(int m, int k, int n) {
    Matrix a = matrix(m, k);
    Matrix b = matrix(k, n);
    Matrix at = matrix(k, m).transposed();
    Matrix bt = matrix(n, k).transposed();
    Matrix c = Matrix.zeros(m, n);
    Matrix ct = Matrix.zeros(n, m).transposed();
    PackedMatrix packed = PackedMatrix.of(b);
    calls.add(() -> Gemm.multiply(1f, a, b, 0f, c, workspace));
    calls.add(() -> Gemm.multiply(0.5f, a, b, 1f, c, workspace));
    calls.add(() -> Gemm.multiply(0.5f, a, bt, 0f, c, workspace));
    calls.add(() -> Gemm.multiply(0.5f, at, b, 0.5f, c, workspace));
    calls.add(() -> Gemm.multiply(1f, a, bt, 1f, c, workspace));
    calls.add(() -> Gemm.multiply(0.5f, at, bt, 0f, c, workspace));
    calls.add(() -> Gemm.multiply(1f, a, b, 0f, ct, workspace));
    calls.add(() -> Gemm.multiply(1f, a, packed, 0.5f, c, workspace));
    PackedMatrix halved = PackedMatrix.halved(bt);
    calls.add(() -> Gemm.multiply(1f, a, halved, 0.5f, c, workspace));
    // the bias in the array of the result
    float[] both = new float[n + m * n];
    Matrix behind = Matrix.of(both, n, m, n, n);
    Relu relu = new Relu();
    calls.add(() -> Dense.forward(a, b, both, relu, behind, workspace));
    calls.add(() -> Arrays.fill(c.array(), 0f));
  }

  private void layers(int m, int k, int n) {
    Matrix x = matrix(m, k);
    Matrix w = matrix(k, n);
    PackedMatrix packed = PackedMatrix.of(w);
    float[] b = ordinary(n);
    Matrix y = Matrix.zeros(m, n);
    Matrix dy = matrix(m, n);
    DenseGradients into = DenseGradients.into(Matrix.zeros(m, k), Matrix.zeros(k, n), new float[n]);
    DenseGradients onto = into.accumulating();
    for (Activation f : OF_LAYERS) {
      DenseTape tape = new DenseTape(f, m, n);
      calls.add(() -> Dense.forward(x, w, b, f, y, workspace));
      calls.add(() -> Dense.forward(x, packed, b, f, y, workspace));
      calls.add(() -> Dense.forward(x, w, b, y, tape, workspace));
      calls.add(() -> DenseBackward.backward(dy, x, w, y, tape, into, workspace));
      calls.add(() -> DenseBackward.backward(dy, x, w, y, tape, onto, workspace));
      GemmPlan plan = new GemmPlan(Runnable::run, 2);
      parts.add(() -> Dense.forward(x, w, b, f, y, plan));
      parts.add(() -> Dense.forward(x, packed, b, f, y, plan));
      parts.add(() -> Dense.forward(x, w, b, y, tape, plan));
      parts.add(() -> plan.multiplyOntoBias(x, packed, b, 0, y, null));
      parts.add(
          () -> plan.multiplyOntoBias(x.rowRange(0, 0), packed, b, 0, y.rowRange(0, 0), null));
      parts.add(() -> DenseBackward.backward(dy, x, w, y, tape, into, plan));
    }
  }
}
