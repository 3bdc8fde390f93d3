package org.lanegrad.check;

import java.util.Locale;

/**
 * Argument checks. Each one throws before anything is written, and its message names the argument,
 * what was given and what was expected.
 */
public final class Check {
  private Check() {}

  /** Throws unless the argument is there. */
  public static void notNull(String name, Object argument, String expected) {
    if (argument == null) {
      throw new NullPointerException(name + " is null, expected " + expected);
    }
  }

  /** Throws unless a size, a length or an offset is 0 or more. */
  public static void size(String name, int size) {
    if (size < 0) {
      throw new IllegalArgumentException(name + " is " + size + ", expected 0 or more");
    }
  }

  /** Throws unless a size is what another argument makes it. */
  public static void equal(String name, long given, String expectedName, long expected) {
    if (given != expected) {
      throw new IllegalArgumentException(
          name + " is " + given + ", expected " + expected + ", as " + expectedName);
    }
  }

  /** The product of two sizes, which must fit an array. */
  public static int product(String name, int a, int b) {
    return length(name, (long) a * b);
  }

  /** A number of elements, which must fit an array. */
  public static int length(String name, long elements) {
    if (elements > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          name
              + " is "
              + elements
              + ", more than an array can hold ("
              + (Integer.MAX_VALUE - 8)
              + ")");
    }
    return (int) elements;
  }

  /** Throws unless an index lies within {@code 0 … size − 1}. */
  public static void index(String name, int index, String sizeName, int size) {
    if (index < 0 || index >= size) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%s is %d, expected 0 or more and below the number of %s, %d",
              name,
              index,
              sizeName,
              size));
    }
  }

  /** Throws unless {@code from … from + count − 1} lies within {@code 0 … size − 1}. */
  public static void subrange(String name, int from, int count, int size) {
    if (from < 0 || count < 0 || (long) from + count > size) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%s from %d, count %d, expected a range within 0 … %d",
              name,
              from,
              count,
              size));
    }
  }

  /** Throws unless {@code array} has the elements {@code from … from + length − 1}. */
  public static void range(String name, float[] array, int from, int length) {
    notNull(name, array, "a float[]");
    arrayRange(name, array.length, from, length);
  }

  /** Throws unless {@code bits} has a bit for each of {@code length} elements from a word on. */
  public static void bits(String name, long[] bits, int fromWord, int length) {
    notNull(name, bits, "a long[]");
    size("length", length);
    arrayRange(name, bits.length, fromWord, (int) ((length + 63L) >>> 6));
  }

  private static void arrayRange(String name, int arrayLength, int from, int length) {
    size("length", length);
    if (from < 0 || (long) from + length > arrayLength) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%s has length %d, expected room for %d elements from index %d on",
              name,
              arrayLength,
              length,
              from));
    }
  }

  /** Throws if an output range shares elements with an input, other than being the same range. */
  public static void sameOrSeparate(
      String output, float[] out, int outFrom, String input, float[] in, int inFrom, int length) {
    boolean overlap = out == in && outFrom != inFrom && Math.abs((long) outFrom - inFrom) < length;
    if (overlap) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%s at %d overlaps %s at %d (length %d) in part, expected the same range or separate ones",
              output,
              outFrom,
              input,
              inFrom,
              length));
    }
  }

  /** Throws if an output shares an element with an input. */
  public static void separate(String output, String input, boolean overlap) {
    if (overlap) {
      throw new IllegalArgumentException(
          output + " overlaps " + input + ", expected separate elements");
    }
  }

  /** Throws if two ranges of the same length share an element. */
  public static void separate(
      String name, float[] a, int aFrom, String otherName, float[] b, int bFrom, int length) {
    separate(name, otherName, a == b && length > 0 && Math.abs((long) aFrom - bFrom) < length);
  }

  /** Throws if a matrix is a transposed view where rows must lie as they are stored. */
  public static void stored(String name, boolean transposed) {
    if (transposed) {
      throw new IllegalArgumentException(name + " is transposed, expected rows as they are stored");
    }
  }

  /** Throws unless a parameter is a number, finite or not. */
  public static void number(String name, float value) {
    require(!Float.isNaN(value), name, value, "a number");
  }

  /** Throws unless a parameter is a finite number. */
  public static void finite(String name, float value) {
    require(Float.isFinite(value), name, value, "a finite number");
  }

  /** Throws unless a parameter is a finite number above 0. */
  public static void positive(String name, float value) {
    require(Float.isFinite(value) && value > 0f, name, value, "a finite number above 0");
  }

  /** Throws unless a parameter is a finite number, 0 or more. */
  public static void atLeastZero(String name, float value) {
    require(Float.isFinite(value) && value >= 0f, name, value, "a finite number, 0 or more");
  }

  private static void require(boolean holds, String name, float value, String expected) {
    if (!holds) {
      throw new IllegalArgumentException(name + " is " + value + ", expected " + expected);
    }
  }
}
