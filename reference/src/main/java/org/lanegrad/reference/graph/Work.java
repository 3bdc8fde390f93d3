package org.lanegrad.reference.graph;

/**
 * A count of arithmetic.
 *
 * @param multiplications products, quotients, powers
 * @param additions sums, differences, signs
 * @param functions everything else: exponentials, logarithms, roots
 */
public record Work(long multiplications, long additions, long functions) {
  /** All of it. */
  public long total() {
    return multiplications + additions + functions;
  }

  /** What has come since. */
  public Work since(Work earlier) {
    return new Work(
        multiplications - earlier.multiplications,
        additions - earlier.additions,
        functions - earlier.functions);
  }
}
