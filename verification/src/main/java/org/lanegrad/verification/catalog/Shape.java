package org.lanegrad.verification.catalog;

/**
 * A size for an op. Elementwise ops use n alone; matrix ops are m × k × n; losses have m rows of n
 * classes.
 */
public record Shape(int m, int k, int n) {
  /** A vector of n elements. */
  public static Shape of(int n) {
    return new Shape(1, 1, n);
  }

  @Override
  public String toString() {
    return m == 1 && k == 1 ? "n=" + n : m + "×" + k + "×" + n;
  }
}
