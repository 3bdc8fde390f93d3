package org.lanegrad.verification.property;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;
import org.lanegrad.Matrix;

/**
 * Arbitrary numbers, sizes and matrices for kernels. What they shrink to is small and round: size
 * 1, the number 1, no offset, no gap between rows.
 */
public final class Tensors {
  /** NaN, infinities, zeros, the ends of the floats and of their subnormals, exp's overflow. */
  private static final Float[] SPECIAL = {
    0f,
    -0f,
    Float.NaN,
    Float.POSITIVE_INFINITY,
    Float.NEGATIVE_INFINITY,
    Float.MIN_VALUE,
    -Float.MIN_VALUE,
    Float.MIN_NORMAL,
    Math.nextDown(Float.MIN_NORMAL),
    Float.MAX_VALUE,
    -Float.MAX_VALUE,
    88.8f,
    -104f
  };

  /** Below, at and above the lanes of each vector width, and several vectors. */
  private static final int[] LANES = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096};

  private static final int[] PRIMES = {
    2, 3, 5, 7, 11, 13, 19, 23, 29, 37, 43, 53, 61, 67, 83, 97, 101, 127, 131, 251, 257, 509, 521,
    1021, 1031, 4093, 4099
  };

  private static final int MOST_OFFSET = 9;
  private static final int MOST_GAP = 5;

  private Tensors() {}

  /**
   * Every float there is, by its bits: NaNs, infinities, subnormals and both zeros included.
   * (jqwik's own floats have two decimals, which hides what rounding does.)
   */
  public static Arbitrary<Float> anyFloat() {
    return Arbitraries.integers().withoutEdgeCases().map(Float::intBitsToFloat);
  }

  /** What a kernel treats on its own, if it does: NaN, infinities, zeros, subnormals, the ends. */
  public static Arbitrary<Float> specialFloat() {
    return Arbitraries.of(SPECIAL);
  }

  /**
   * Floats with random mantissas and magnitudes between 2^−8 and 2^8, of either sign: products and
   * sums of them round, and neither overflow nor underflow. They shrink to 1.
   */
  public static Arbitrary<Float> moderateFloat() {
    return Combinators.combine(
            Arbitraries.integers().between(0, (1 << 23) - 1),
            Arbitraries.integers().between(-8, 7),
            Arbitraries.of(1f, -1f))
        .as((mantissa, power, sign) -> sign * Math.scalb(1 + mantissa * 0x1p-23f, power));
  }

  /** An array of moderate floats. */
  public static Arbitrary<float[]> array(int length) {
    return array(moderateFloat(), length);
  }

  /** An array of floats of a kind. */
  public static Arbitrary<float[]> array(Arbitrary<Float> elements, int length) {
    return elements.list().ofSize(length).map(Tensors::floats);
  }

  /**
   * A size from 1 on: half of them one below, at or one above the lanes of a vector or some
   * vectors, or prime; the others anywhere, the small ones more often.
   */
  public static Arbitrary<Integer> size(int max) {
    List<Integer> edges =
        IntStream.concat(
                Arrays.stream(LANES).flatMap(n -> IntStream.of(n - 1, n, n + 1)),
                Arrays.stream(PRIMES))
            .filter(n -> n >= 1 && n <= max)
            .distinct()
            .sorted()
            .boxed()
            .toList();
    return Arbitraries.frequencyOf(
        Tuple.of(1, Arbitraries.of(edges)), Tuple.of(1, Arbitraries.integers().between(1, max)));
  }

  /**
   * A view of moderate floats in a larger array of NaN: it starts up to 9 elements in, and has up
   * to 5 between its rows. A kernel that reads beside the view gives NaN; {@link
   * #isUntouchedAround} tells whether it wrote there.
   */
  public static Arbitrary<Matrix> matrix(int rows, int columns) {
    return matrix(moderateFloat(), rows, columns);
  }

  /** The same of floats of a kind. */
  public static Arbitrary<Matrix> matrix(Arbitrary<Float> elements, int rows, int columns) {
    return Combinators.combine(
            array(elements, rows * columns),
            Arbitraries.integers().between(0, MOST_OFFSET),
            Arbitraries.integers().between(0, MOST_GAP))
        .as((numbers, offset, gap) -> view(numbers, rows, columns, offset, gap));
  }

  /**
   * A matrix near one of rank one, u·vᵀ with each element off by up to 2^−12 of itself: solving
   * with it, or normalizing what it makes, loses half of a float's digits.
   */
  public static Arbitrary<Matrix> illConditioned(int rows, int columns) {
    return Combinators.combine(
            array(rows),
            array(columns),
            array(
                Arbitraries.integers().between(-4096, 4096).map(i -> i * 0x1p-24f), rows * columns))
        .as(
            (u, v, noise) -> {
              float[] product = new float[rows * columns];
              for (int i = 0; i < product.length; i++) {
                product[i] = u[i / columns] * v[i % columns] * (1 + noise[i]);
              }
              return Matrix.of(product, rows, columns);
            });
  }

  /** Labels of so many examples, each one of the classes. */
  public static Arbitrary<int[]> labels(int count, int classes) {
    return Arbitraries.integers()
        .between(0, classes - 1)
        .list()
        .ofSize(count)
        .map(list -> list.stream().mapToInt(Integer::intValue).toArray());
  }

  /** Whether all that lies around a view of {@link #matrix} is NaN still. */
  public static boolean isUntouchedAround(Matrix view) {
    boolean[] inside = new boolean[view.array().length];
    for (int i = 0; i < view.rows(); i++) {
      for (int j = 0; j < view.columns(); j++) {
        inside[view.index(i, j)] = true;
      }
    }
    return IntStream.range(0, inside.length)
        .allMatch(at -> inside[at] || Float.isNaN(view.array()[at]));
  }

  private static Matrix view(float[] numbers, int rows, int columns, int offset, int gap) {
    int stride = columns + gap;
    float[] array = new float[offset + rows * stride + gap];
    Arrays.fill(array, Float.NaN);
    for (int i = 0; i < rows; i++) {
      System.arraycopy(numbers, i * columns, array, offset + i * stride, columns);
    }
    return Matrix.of(array, offset, rows, columns, stride);
  }

  private static float[] floats(List<Float> list) {
    float[] array = new float[list.size()];
    for (int i = 0; i < array.length; i++) {
      array[i] = list.get(i);
    }
    return array;
  }
}
