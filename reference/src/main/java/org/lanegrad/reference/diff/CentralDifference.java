package org.lanegrad.reference.diff;

/**
 * Differences of s(x) = ⟨upstream, f(x)⟩ along one coordinate of one variable.
 *
 * <p>The two-sided difference (s(x + h) − s(x − h)) / 2h has an error of h²·s‴/6 and of 2·(rounding
 * of s) / 2h; the one-sided ones have h·s″/2 and serve at kinks, where the two sides differ.
 *
 * @param left (s(x) − s(x − h)) / h
 * @param right (s(x + h) − s(x)) / h
 * @param value (s(x + h) − s(x − h)) / 2h
 */
public record CentralDifference(double left, double right, double value) {
  /** Evaluates the function at x − h, x and x + h of one coordinate; the inputs are restored. */
  public static CentralDifference of(
      Function function, double[][] inputs, double[] upstream, int variable, int index, double h) {
    double x = inputs[variable][index];
    double high = x + h;
    double low = x - h;
    double[] middle = function.forward(inputs);
    inputs[variable][index] = high;
    double[] above = function.forward(inputs);
    inputs[variable][index] = low;
    double[] below = function.forward(inputs);
    inputs[variable][index] = x;
    return new CentralDifference(
        slope(upstream, middle, below, x - low),
        slope(upstream, above, middle, high - x),
        slope(upstream, above, below, high - low));
  }

  /** Differences first, then the sum: the terms that do not change cancel exactly. */
  private static double slope(double[] upstream, double[] to, double[] from, double step) {
    double sum = 0;
    for (int i = 0; i < upstream.length; i++) {
      sum += upstream[i] * (to[i] - from[i]);
    }
    return sum / step;
  }
}
