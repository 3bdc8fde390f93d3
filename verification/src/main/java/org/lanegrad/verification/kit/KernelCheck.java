package org.lanegrad.verification.kit;

import com.sun.management.ThreadMXBean;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.IntUnaryOperator;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.lanegrad.Lanegrad;
import org.lanegrad.verification.catalog.Domain;
import org.lanegrad.verification.catalog.Slice;
import org.lanegrad.verification.compare.Comparison;
import org.lanegrad.verification.compare.Tolerance;
import org.lanegrad.verification.compare.Ulps;
import org.lanegrad.verification.gradcheck.GradCheck;
import org.lanegrad.verification.gradcheck.GradCheckReport;
import org.lanegrad.verification.jit.JitCase;
import org.lanegrad.verification.jit.JitGuard;
import org.lanegrad.verification.kit.KernelReport.Result;
import org.lanegrad.verification.kit.KernelReport.Verdict;

/**
 * Checks a kernel over float arrays: what it promises, at sizes around the lanes of any machine.
 *
 * <pre>{@code
 * KernelCheck.of("axpy", (in, out) ->
 *         axpy(2f, in[0].array(), in[0].offset(), out.array(), out.offset(), out.length()))
 *     .input("x", n -> n)
 *     .output(n -> n)
 *     .reference(in -> ...)                       // the same in double
 *     .within(new Ulps(0.5))
 *     .backward((dy, in, out, gradients) -> ...)
 *     .inPlace()
 *     .allocatesNothing()
 *     .check()
 *     .assertPasses();
 * }</pre>
 *
 * <p>Arrays lie inside of larger ones, at two offsets, between canaries; outputs and gradients hold
 * NaN before, so that an element that is left out shows. What is not promised is reported as "not
 * claimed". The checks:
 *
 * <ul>
 *   <li><b>reference</b>: every element against the reference, within its bound;
 *   <li><b>special values</b>: NaN, infinities, zeros of both signs, subnormals and the largest
 *       floats, against the reference;
 *   <li><b>contract</b>: inputs stay as they are, nothing outside the ranges is written, two runs
 *       have the same bits;
 *   <li><b>position</b>: the same bits wherever the arrays lie;
 *   <li><b>twin</b>: another form of the same kernel, as its scalar loop, has the same bits;
 *   <li><b>in place</b>: the output may be the first input;
 *   <li><b>gradient</b>: {@link GradCheck}, and onto prefilled arrays, which must be overwritten;
 *   <li><b>threads</b>: the same bits while other threads run it on other arrays;
 *   <li><b>allocation</b>: 0 bytes a call, once it is compiled;
 *   <li><b>jit</b>: in fresh JVMs, after three orders of warm-up, it allocates nothing, and no
 *       order leaves it slower than the others ({@link JitGuard}).
 * </ul>
 */
public final class KernelCheck {
  private static final int[] OFFSETS = {0, 5};
  private static final long PATIENCE_NANOS = 4_000_000_000L;

  private final String name;
  private final Kernel kernel;
  private final List<String> names = new ArrayList<>();
  private final List<IntUnaryOperator> sizesOf = new ArrayList<>();
  private IntUnaryOperator outputSize = n -> n;
  private Reference reference;
  private Tolerance tolerance = new Ulps(0.5);
  private boolean hasSpecials;
  private Kernel twin;
  private Backward backward;
  private boolean isInPlace;
  private boolean isThreadSafe;
  private boolean isFree;
  private Class<? extends JitCase.Provider> jitCases;
  private int[] sizes = {1, 2, 3, 7, 8, 13, 15, 16, 17, 31, 33, 64, 67, 83, 257};
  private double low = -2;
  private double high = 2;
  private long seed = 1;

  private KernelCheck(String name, Kernel kernel) {
    this.name = name;
    this.kernel = kernel;
  }

  /** What is checked: reads the inputs, writes the output. */
  @FunctionalInterface
  public interface Kernel {
    /** One call. */
    void run(Slice[] inputs, Slice output);
  }

  /** The same in double. */
  @FunctionalInterface
  public interface Reference {
    /** The output. */
    double[] of(double[][] inputs);
  }

  /** Its backward pass: writes a gradient for each input. */
  @FunctionalInterface
  public interface Backward {
    /** One call, after the forward pass of the same inputs. */
    void run(Slice upstream, Slice[] inputs, Slice output, Slice[] gradients);
  }

  /** Checks of a kernel. */
  public static KernelCheck of(String name, Kernel kernel) {
    if (name == null || kernel == null) {
      throw new NullPointerException("name is " + name + " and kernel is " + kernel);
    }
    return new KernelCheck(name, kernel);
  }

  /** An input, and how many elements it has at size n. */
  public KernelCheck input(String inputName, IntUnaryOperator size) {
    names.add(inputName);
    sizesOf.add(size);
    return this;
  }

  /** How many elements the output has at size n; n unless said. */
  public KernelCheck output(IntUnaryOperator size) {
    outputSize = size;
    return this;
  }

  /** What it computes, in double. */
  public KernelCheck reference(Reference formula) {
    reference = formula;
    return this;
  }

  /** How far from the reference an element may be; half a unit in the last place unless said. */
  public KernelCheck within(Tolerance bound) {
    tolerance = bound;
    return this;
  }

  /** Claims that special values come out as the reference's: for elementwise kernels. */
  public KernelCheck specialValues() {
    hasSpecials = true;
    return this;
  }

  /** Another form of it, which must have the same bits. */
  public KernelCheck twin(Kernel other) {
    twin = other;
    return this;
  }

  /** Its backward pass. */
  public KernelCheck backward(Backward pass) {
    backward = pass;
    return this;
  }

  /** Claims that the output may be the first input. */
  public KernelCheck inPlace() {
    isInPlace = true;
    return this;
  }

  /** Claims that threads may run it at once. */
  public KernelCheck threadSafe() {
    isThreadSafe = true;
    return this;
  }

  /** Claims that a call allocates nothing. */
  public KernelCheck allocatesNothing() {
    isFree = true;
    return this;
  }

  /**
   * Claims that in fresh JVMs, whatever they warm up first, it allocates nothing and is as fast.
   * Some seconds.
   *
   * @param cases a public class with a public constructor without arguments, which makes its calls
   *     there
   */
  public KernelCheck inFreshJvms(Class<? extends JitCase.Provider> cases) {
    jitCases = cases;
    return this;
  }

  /** The sizes; around 4, 8 and 16 lanes, with and without a remainder, unless said. */
  public KernelCheck sizes(int... all) {
    if (all.length == 0 || Arrays.stream(all).anyMatch(n -> n < 0)) {
      throw new IllegalArgumentException(
          "the sizes are " + Arrays.toString(all) + ", expected one at least, 0 or more each");
    }
    sizes = all.clone();
    return this;
  }

  /** Where random inputs lie; −2 … 2 unless said. */
  public KernelCheck between(double least, double most) {
    low = least;
    high = most;
    return this;
  }

  /** What all random values follow from; 1 unless said. */
  public KernelCheck seed(long value) {
    seed = value;
    return this;
  }

  /** The name of the kernel. */
  public String name() {
    return name;
  }

  /** Runs all checks. */
  public KernelReport check() {
    if (names.isEmpty()) {
      throw new IllegalStateException("there is no input, expected one at least");
    }
    return new KernelReport(
        name,
        List.of(
            one("reference", reference != null, this::agrees),
            one("special values", reference != null && hasSpecials, this::specials),
            one("contract", true, this::contract),
            one("position", true, this::position),
            one("twin", twin != null, this::twinAgrees),
            one("in place", isInPlace, this::overlaid),
            one("gradient", backward != null, this::gradient),
            one("threads", isThreadSafe, this::threads),
            one("allocation", isFree, this::allocation),
            one("jit", jitCases != null, this::jit)),
        seed);
  }

  /** How many cases passed; throws at the first that does not. */
  private interface Body {
    int run();
  }

  private static final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Failure(String message) {
      super(message);
    }
  }

  private static Result one(String check, boolean isClaimed, Body body) {
    if (!isClaimed) {
      return new Result(check, Verdict.NOT_CLAIMED, 0, "");
    }
    try {
      return new Result(check, Verdict.PASS, body.run(), "");
    } catch (Failure e) {
      return new Result(check, Verdict.FAIL, 0, e.getMessage());
    } catch (RuntimeException e) {
      return new Result(check, Verdict.FAIL, 0, "it threw " + e);
    }
  }

  private Failure failure(int n, String what) {
    return new Failure(
        String.format(Locale.ROOT, "n=%d, %s, seed %d: %s", n, Lanegrad.describe(), seed, what));
  }

  private double[][] sample(int n, SplittableRandom random) {
    double[][] values = new double[names.size()][];
    for (int v = 0; v < values.length; v++) {
      values[v] = Domain.mixing(low, high).sample(sizesOf.get(v).applyAsInt(n), random);
    }
    return values;
  }

  private static Slice[] slices(double[][] values, int offset) {
    Slice[] slices = new Slice[values.length];
    Arrays.setAll(slices, v -> Slice.of(values[v], offset + v));
    return slices;
  }

  /** The output of one run, which must leave all else as it was. */
  private Slice run(int n, Kernel form, double[][] values, int offset) {
    Slice[] in = slices(values, offset);
    Slice out = Slice.room(outputSize.applyAsInt(n), offset + 1);
    form.run(in, out);
    requireUntouched(n, in, values);
    if (!out.marginsIntact()) {
      throw failure(n, "it wrote outside of the output's range");
    }
    return out;
  }

  private void requireUntouched(int n, Slice[] in, double[][] values) {
    for (int v = 0; v < in.length; v++) {
      if (!Arrays.equals(in[v].values(), values[v])) {
        throw failure(n, "it wrote to its input " + names.get(v));
      }
      if (!in[v].marginsIntact()) {
        throw failure(n, "it wrote outside of the range of " + names.get(v));
      }
    }
  }

  private void compare(int n, double[][] values) {
    double[] expected = reference.of(values);
    for (int offset : OFFSETS) {
      double[] actual = run(n, kernel, values, offset).values();
      if (expected.length != actual.length) {
        throw failure(
            n, "the reference has " + expected.length + " elements, the output " + actual.length);
      }
      double[] allowed = new double[expected.length];
      Arrays.setAll(allowed, i -> tolerance.allowed(expected[i], Math.abs(expected[i])));
      Comparison worst = Comparison.of(expected, actual, allowed);
      if (!worst.passes()) {
        throw failure(
            n,
            String.format(
                Locale.ROOT,
                "element %d: expected %.9g, actual %.9g, off by %.3g (%.2f ULP), allowed %.3g",
                worst.index(),
                worst.expected(),
                worst.actual(),
                Math.abs(worst.expected() - worst.actual()),
                worst.ulps(),
                worst.allowed()));
      }
    }
  }

  private int agrees() {
    SplittableRandom random = new SplittableRandom(seed);
    for (int n : sizes) {
      compare(n, sample(n, random));
    }
    return sizes.length;
  }

  /** Each value fills an array, so that lanes and remainder both meet it, and all are mixed. */
  private int specials() {
    float[] all = Domain.elementwise(low, high).specials();
    for (int s = 0; s <= all.length; s++) {
      double[][] values = new double[names.size()][];
      for (int v = 0; v < values.length; v++) {
        values[v] = new double[sizesOf.get(v).applyAsInt(67)];
        for (int i = 0; i < values[v].length; i++) {
          values[v][i] = s < all.length ? all[s] : all[(i + 3 * v) % all.length];
        }
      }
      compare(67, values);
    }
    return all.length + 1;
  }

  private int contract() {
    SplittableRandom random = new SplittableRandom(seed + 1);
    for (int n : sizes) {
      double[][] values = sample(n, random);
      double[] first = run(n, kernel, values, 0).values();
      requireSame(n, "a second run", first, run(n, kernel, values, 0).values());
      for (int i = 0; i < first.length; i++) {
        if (Double.isNaN(first[i])) {
          throw failure(n, "element " + i + " of the output is not written, or NaN");
        }
      }
    }
    return sizes.length;
  }

  private void requireSame(int n, String what, double[] expected, double[] actual) {
    for (int i = 0; i < expected.length; i++) {
      if (Double.doubleToLongBits(expected[i]) != Double.doubleToLongBits(actual[i])) {
        throw failure(
            n,
            String.format(
                Locale.ROOT,
                "%s has other bits at element %d: %.9g instead of %.9g",
                what,
                i,
                actual[i],
                expected[i]));
      }
    }
  }

  private int position() {
    SplittableRandom random = new SplittableRandom(seed + 2);
    int cases = 0;
    for (int n : sizes) {
      double[][] values = sample(n, random);
      double[] first = run(n, kernel, values, 0).values();
      for (int offset : new int[] {1, 3, 16, 29}) {
        double[] moved = run(n, kernel, values, offset).values();
        requireSame(n, "the same arrays from " + offset + " on", first, moved);
        cases++;
      }
    }
    return cases;
  }

  private int twinAgrees() {
    SplittableRandom random = new SplittableRandom(seed + 3);
    for (int n : sizes) {
      double[][] values = sample(n, random);
      double[] expected = run(n, twin, values, 0).values();
      requireSame(n, "it against its twin", expected, run(n, kernel, values, 0).values());
    }
    return sizes.length;
  }

  private int overlaid() {
    SplittableRandom random = new SplittableRandom(seed + 4);
    for (int n : sizes) {
      double[][] values = sample(n, random);
      double[] expected = run(n, kernel, values, 0).values();
      Slice[] in = slices(values, 0);
      if (in[0].length() != expected.length) {
        throw failure(
            n,
            "the first input has "
                + in[0].length()
                + " elements, the output "
                + expected.length
                + ": it can't be in its place");
      }
      kernel.run(in, in[0]);
      requireSame(n, "it in place", expected, in[0].values());
    }
    return sizes.length;
  }

  private int gradient() {
    SplittableRandom random = new SplittableRandom(seed + 5);
    int cases = 0;
    for (int n : sizes) {
      double[][] values = sample(n, random);
      if (Arrays.stream(values).anyMatch(v -> v.length == 0)) {
        continue;
      }
      GradCheck check =
          GradCheck.floats(
                  name + ", n=" + n,
                  in -> floats(run(n, kernel, doubles(in), 0)),
                  (in, up) -> gradients(n, doubles(in), up))
              .seed(seed)
              .elements(300);
      for (int v = 0; v < values.length; v++) {
        check.input(names.get(v), values[v]);
      }
      GradCheckReport report = check.check();
      if (!report.passes()) {
        throw failure(n, report.toString());
      }
      cases += report.checked();
    }
    return cases;
  }

  /** The gradients in slices that hold canaries: what is not overwritten stays NaN. */
  private float[][] gradients(int n, double[][] values, float[] up) {
    double[] upValues = new double[up.length];
    Arrays.setAll(upValues, i -> up[i]);
    Slice upstream = Slice.of(upValues, 2);
    Slice[] in = slices(values, 0);
    Slice out = Slice.room(outputSize.applyAsInt(n), 1);
    kernel.run(in, out);
    Slice[] gradients = new Slice[values.length];
    Arrays.setAll(gradients, v -> Slice.room(values[v].length, 3 + v));
    backward.run(upstream, in, out, gradients);
    requireUntouched(n, in, values);
    if (!Arrays.equals(upstream.values(), upValues) || !upstream.marginsIntact()) {
      throw failure(n, "its backward pass wrote to the upstream gradient");
    }
    float[][] found = new float[gradients.length][];
    for (int v = 0; v < found.length; v++) {
      if (!gradients[v].marginsIntact()) {
        throw failure(n, "its backward pass wrote outside of the range of d" + names.get(v));
      }
      found[v] = floats(gradients[v]);
    }
    return found;
  }

  private static double[][] doubles(float[][] arrays) {
    double[][] doubles = new double[arrays.length][];
    for (int v = 0; v < doubles.length; v++) {
      float[] array = arrays[v];
      doubles[v] = new double[array.length];
      Arrays.setAll(doubles[v], i -> array[i]);
    }
    return doubles;
  }

  private static float[] floats(Slice slice) {
    float[] floats = new float[slice.length()];
    slice.copyTo(floats);
    return floats;
  }

  private int threads() {
    int n = sizes[sizes.length - 1];
    int count = 4;
    Thread[] threads = new Thread[count];
    String[] problems = new String[count];
    for (int t = 0; t < count; t++) {
      int own = t;
      double[][] values = sample(n, new SplittableRandom(seed + 6 + t));
      double[] expected = run(n, kernel, values, 0).values();
      Supplier<String> body =
          () -> {
            for (int i = 0; i < 300; i++) {
              requireSame(
                  n, "it beside other threads", expected, run(n, kernel, values, 0).values());
            }
            return null;
          };
      threads[t] =
          new Thread(
              () -> {
                try {
                  problems[own] = body.get();
                } catch (RuntimeException e) {
                  problems[own] = e.getMessage() == null ? e.toString() : e.getMessage();
                }
              });
    }
    for (Thread thread : threads) {
      thread.start();
    }
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw failure(n, "interrupted");
      }
    }
    for (String problem : problems) {
      if (problem != null) {
        throw new Failure(problem);
      }
    }
    return 300 * count;
  }

  private int allocation() {
    ThreadMXBean bean = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long id = Thread.currentThread().threadId();
    for (int n : new int[] {sizes[0], sizes[sizes.length - 1]}) {
      Slice[] in = slices(sample(n, new SplittableRandom(seed)), 0);
      Slice out = Slice.room(outputSize.applyAsInt(n), 0);
      long end = System.nanoTime() + PATIENCE_NANOS;
      long least = Long.MAX_VALUE;
      // until C2 has compiled it, vectors are objects: as long as it becomes less, it goes on
      while (least > 0 && System.nanoTime() < end) {
        long before = bean.getThreadAllocatedBytes(id);
        for (int i = 0; i < 100; i++) {
          kernel.run(in, out);
        }
        long allocated = bean.getThreadAllocatedBytes(id) - before;
        end = allocated < least ? System.nanoTime() + PATIENCE_NANOS : end;
        least = Math.min(least, allocated);
      }
      if (least > 0) {
        throw failure(
            n, String.format(Locale.ROOT, "it allocates %.1f bytes a call", least / 100.0));
      }
    }
    return 2;
  }

  private int jit() {
    StringWriter log = new StringWriter();
    JitGuard guard = new JitGuard(new PrintWriter(log, true), jitCases);
    List<JitGuard.Order> orders = new ArrayList<>();
    for (String first : List.of("LONG_FIRST", "SHORT_FIRST", "MIXED")) {
      orders.add(new JitGuard.Order(seed, first, false, false));
    }
    guard.orders(JitGuard.Width.NATIVE, orders.subList(0, 1));
    if (guard.findings().isEmpty()) {
      guard.orders(JitGuard.Width.NATIVE, orders);
    }
    if (!guard.findings().isEmpty()) {
      throw new Failure(
          guard.findings().stream().map(Object::toString).collect(Collectors.joining("\n    ")));
    }
    return guard.readings();
  }
}
