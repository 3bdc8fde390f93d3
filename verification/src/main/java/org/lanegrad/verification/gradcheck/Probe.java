package org.lanegrad.verification.gradcheck;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Measures slopes of F(x) = ⟨upstream, f(x)⟩ by two-sided differences, with what each may be off.
 *
 * <p>All slopes are along a direction d whose elements are of the size of the inputs', so that a
 * step h is relative. The steps begin at the cube root of the rounding error, where rounding over h
 * and h² balance, grow as long as rounding is most of the bound, and are halved twice: the
 * differences D(h), D(h/2), D(h/4) of a smooth function close in by a factor of four each
 * (Richardson). Where they don't, or the one-sided slopes stay apart, there is a kink nearby, and
 * smaller steps tell whether it is at the point itself.
 *
 * <p>The rounding error of F is measured, not guessed: from a table of differences over points that
 * are some units in the last place apart (J. Moré, S. Wild, Estimating Computational Noise, 2011).
 */
final class Probe {
  /** Of the first step, where it decides nothing. */
  private static final double[] SHRINK = {1.0 / 4, 1.0 / 16, 1.0 / 64, 1.0 / 256};

  /** A bound above this part of the gradient proves nothing. */
  private static final double TOO_WIDE = 0.05;

  /** What a backward pass may round, in units of the last place. */
  private static final double BACKWARD = 64;

  /** Roundings of some points are larger than those that were met while they were measured. */
  private static final double NOISE = 3;

  private static final int POINTS = 7;
  private static final int ORDER = 4;

  private final Target target;
  private final double[][] inputs;
  private final double[][] gradients;
  private final double[] upstream;
  private final double[] middle;
  private final double fixedStep;
  private final double size;
  private final double[] noise;
  private final double amplification;

  /** The root of the mean square of each input and of each gradient. */
  private final double[] sizes;

  private final double[] slopes;

  /** An input's copies that are moved, so that none is made for each pass. */
  private final Map<Integer, double[][]> copies = new HashMap<>();

  /** What a point is. */
  enum Kind {
    /** Differences of smaller and smaller steps close in. */
    SMOOTH,
    /** The slopes of both sides differ, however small the step. */
    KINK,
    /** Neither can be told in this precision. */
    UNDECIDED
  }

  /**
   * A slope along a direction, and what the gradient says of it.
   *
   * @param analytic ⟨gradient, d⟩
   * @param low the lower end of what is measured: both ends are one number unless it is a kink
   * @param high the upper end
   * @param allowed what each end may be off
   */
  record Reading(Kind kind, double analytic, double low, double high, double allowed) {
    double error() {
      return Math.max(0, Math.max(low - analytic, analytic - high));
    }

    boolean passes() {
      // where nothing can be measured nothing fails: it is counted as undecided
      return Double.isNaN(low) || error() <= allowed;
    }

    double numeric() {
      return (low + high) / 2;
    }

    Reading over(double scale) {
      return new Reading(kind, analytic / scale, low / scale, high / scale, allowed / scale);
    }
  }

  Probe(
      Target target,
      double[][] inputs,
      double[] upstream,
      double[] middle,
      double[][] gradients,
      double fixedStep,
      SplittableRandom random) {
    this.target = target;
    this.inputs = inputs;
    this.upstream = upstream;
    this.middle = middle;
    this.gradients = gradients;
    this.fixedStep = fixedStep;
    double squares = 0;
    for (int i = 0; i < middle.length; i++) {
      squares += upstream[i] * middle[i] * upstream[i] * middle[i];
    }
    size = Math.sqrt(squares);
    noise = new double[middle.length];
    sizes = Arrays.stream(inputs).mapToDouble(Probe::rms).toArray();
    slopes = Arrays.stream(gradients).mapToDouble(Probe::rms).toArray();
    amplification = amplification(random);
  }

  /** How far an input's element is moved for a step of 1. */
  double scale(int variable, int index) {
    if (fixedStep > 0) {
      return 1;
    }
    double own = Math.abs(inputs[variable][index]);
    double scale = own > 0 ? own : sizes[variable];
    return scale > 0 && scale < Double.POSITIVE_INFINITY ? scale : 1;
  }

  private static double rms(double[] values) {
    double largest = 0;
    for (double value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    if (largest == 0 || Double.isInfinite(largest)) {
      return largest;
    }
    double squares = 0;
    for (double value : values) {
      squares += value / largest * (value / largest);
    }
    return largest * Math.sqrt(squares / values.length);
  }

  /**
   * Measures the noise of each output, and how many times the error of one rounding all of them
   * together are off, 1 at least.
   */
  private double amplification(SplittableRandom random) {
    double worst = 1;
    double[][] table = new double[POINTS][];
    for (int v = 0; v < inputs.length; v++) {
      double[] direction = signs(v, 0, inputs[v].length, random);
      for (int k = 0; k < POINTS; k++) {
        double step = (k - POINTS / 2) * 16 * target.unit();
        table[k] = forward(moved(v, 0, direction, step));
      }
      putBack(v, 0, direction.length);
      double sum = 0;
      for (int i = 0; i < middle.length; i++) {
        double own = noiseOf(table, i);
        noise[i] = Math.max(noise[i], own);
        sum += own * upstream[i] * own * upstream[i];
      }
      double all = Math.sqrt(sum);
      if (all < Double.POSITIVE_INFINITY && size > 0) {
        worst = Math.max(worst, all / (target.unit() * size));
      }
    }
    return Math.min(worst, 1e-3 / target.unit());
  }

  /**
   * From the fourth differences of an output, whose variance is 8! / 4!² = 70 times the noise's.
   */
  private static double noiseOf(double[][] table, int output) {
    double squares = 0;
    for (int k = 0; k + ORDER < POINTS; k++) {
      double fourth =
          table[k][output]
              - 4 * table[k + 1][output]
              + 6 * table[k + 2][output]
              - 4 * table[k + 3][output]
              + table[k + 4][output];
      squares += fourth * fourth;
    }
    double found = Math.sqrt(squares / (POINTS - ORDER) / 70);
    return found < Double.POSITIVE_INFINITY ? found : 0;
  }

  /** A random sign for each element of a range, times its scale. */
  double[] signs(int variable, int from, int count, SplittableRandom random) {
    double[] direction = new double[count];
    for (int i = 0; i < count; i++) {
      double scale = scale(variable, from + i);
      direction[i] = random.nextBoolean() ? scale : -scale;
    }
    return direction;
  }

  /** The inputs with a range of one moved, until the next one on that side; then it is put back. */
  private double[][] moved(int variable, int from, double[] direction, double step) {
    double[][] sides =
        copies.computeIfAbsent(
            variable, v -> new double[][] {inputs[v].clone(), inputs[v].clone()});
    double[] own = sides[step > 0 ? 1 : 0];
    for (int i = 0; i < direction.length; i++) {
      own[from + i] = target.rounded(inputs[variable][from + i] + step * direction[i]);
    }
    double[][] moved = inputs.clone();
    moved[variable] = own;
    return moved;
  }

  private void putBack(int variable, int from, int count) {
    for (double[] side : copies.get(variable)) {
      System.arraycopy(inputs[variable], from, side, from, count);
    }
  }

  private double[] forward(double[][] at) {
    double[] y = target.forward(at);
    if (y.length != middle.length) {
      throw new GradCheckFault(
          "forward returned " + y.length + " elements, and " + middle.length + " before");
    }
    return y;
  }

  /** Slopes at one step: both sides, across, what the gradient says, and the error of rounding. */
  private record Step(double left, double right, double across, double analytic, double noise) {
    double gap() {
      return right - left;
    }
  }

  private Step step(int variable, int from, double[] direction, double h) {
    double[][] above = moved(variable, from, direction, h);
    double[][] below = moved(variable, from, direction, -h);
    double[] high = forward(above);
    double[] low = forward(below);
    double left = 0;
    double right = 0;
    double across = 0;
    double sum = 0;
    double squares = 0;
    // an output that does not move may have moved by less than it can show
    double hidden = 0;
    for (int i = 0; i < middle.length; i++) {
      // differences first, then the sum: outputs that do not change cancel exactly
      left += upstream[i] * (middle[i] - low[i]);
      right += upstream[i] * (high[i] - middle[i]);
      across += upstream[i] * (high[i] - low[i]);
      double rounding =
          Math.abs(upstream[i]) * (amplification * target.unit() * Math.abs(middle[i]) + noise[i]);
      if (high[i] != low[i] || high[i] != middle[i]) {
        sum += rounding;
        squares += rounding * rounding;
      } else {
        hidden = Math.max(hidden, rounding);
      }
    }
    double analytic = 0;
    double width = 2 * h;
    if (direction.length == 1) {
      // the step as it was after rounding
      double x = inputs[variable][from];
      width = (above[variable][from] - below[variable][from]) / direction[0];
      left *= h / ((x - below[variable][from]) / direction[0]);
      right *= h / ((above[variable][from] - x) / direction[0]);
      analytic = gradients[variable][from] * direction[0];
    } else {
      for (int i = 0; i < direction.length; i++) {
        double moved = above[variable][from + i] - below[variable][from + i];
        analytic += gradients[variable][from + i] * moved / (2 * h);
      }
    }
    putBack(variable, from, direction.length);
    double rounding = hidden + Math.min(sum, 6 * Math.sqrt(squares));
    double noise = NOISE * rounding / h;
    return new Step(left / h, right / h, across / width, analytic, noise);
  }

  /** The slope along a direction within a range of one input. */
  Reading read(int variable, int from, double[] direction) {
    double first =
        fixedStep > 0 ? fixedStep : Math.min(0.05, Math.cbrt(target.unit() * amplification));
    Attempt best = attempt(variable, from, direction, first);
    if (fixedStep > 0) {
      return best.reading;
    }
    double usual = direction.length > 1 ? 1 : sizes[variable] / Math.abs(direction[0]);
    if (!best.closesIn && usual > 2) {
      // small beside the other elements of its input: their steps may see more
      Attempt other = attempt(variable, from, direction, usual * first);
      if (other.reading.kind == Kind.SMOOTH) {
        return other.reading;
      }
    }
    if (best.closesIn) {
      // more rounding than curvature: larger steps see better
      double most = 2 * Math.max(1, usual);
      for (double h = 8 * first; h < most && best.mayImprove(); h *= 8) {
        Attempt larger = attempt(variable, from, direction, h);
        if (larger.closesIn && larger.refines(best)) {
          best = larger;
        }
      }
      if (best.reading.kind == Kind.SMOOTH) {
        return best.reading;
      }
    }
    // kinks within the steps, or curvature: smaller ones
    for (double factor : SHRINK) {
      Attempt smaller = attempt(variable, from, direction, factor * first);
      if (smaller.reading.kind == Kind.SMOOTH) {
        return smaller.reading;
      }
      best = best.worse(smaller);
    }
    return best.reading;
  }

  /**
   * What three steps, h and its halves, came to.
   *
   * @param closesIn whether their differences get smaller as those of a smooth function do
   * @param rounding which part of what is allowed is rounding
   */
  private record Attempt(Reading reading, boolean closesIn, double rounding) {
    /** Whether it decides nothing, or could decide more if rounding were less. */
    boolean mayImprove() {
      double slope = Math.max(Math.abs(reading.analytic), Math.abs(reading.low));
      boolean isCoarse = rounding > 0.2 * reading.allowed && reading.allowed > 1e-3 * slope;
      return isCoarse || reading.kind != Kind.SMOOTH;
    }

    /** Whether it is narrower than an attempt of smaller steps, and agrees with it. */
    boolean refines(Attempt smaller) {
      double apart = Math.abs(reading.low - smaller.reading.low);
      return reading.allowed < smaller.reading.allowed
          && apart <= reading.allowed + smaller.reading.allowed;
    }

    /** Of two attempts that decide nothing, the later one if it says more. */
    Attempt worse(Attempt later) {
      if (Double.isNaN(reading.low)) {
        return later;
      }
      if (later.reading.kind == Kind.KINK) {
        // still there: larger steps have seen it with less rounding
        boolean isWider = reading.kind == Kind.KINK && reading.allowed <= later.reading.allowed;
        return isWider ? this : later;
      }
      boolean keeps =
          reading.kind == Kind.KINK
              || Double.isNaN(later.reading.low)
              || closesIn && !later.closesIn
              || closesIn == later.closesIn && reading.allowed <= later.reading.allowed;
      return keeps ? this : later;
    }
  }

  private static double beyond(double value, double noise) {
    return Math.max(0, value - noise);
  }

  private static double spread(Step... steps) {
    double low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    for (Step step : steps) {
      low = Math.min(low, Math.min(step.left, step.right));
      high = Math.max(high, Math.max(step.left, step.right));
    }
    return high - low;
  }

  private Attempt attempt(int variable, int from, double[] direction, double h) {
    Step one = step(variable, from, direction, h);
    Step half = step(variable, from, direction, h / 2);
    Step quarter = step(variable, from, direction, h / 4);
    double own = 0;
    for (double d : direction) {
      own += d * d;
    }
    double typical = slopes[variable] * Math.sqrt(own);
    double slope = Math.max(Math.abs(half.analytic), Math.abs(half.across));
    double reference = Math.max(slope, Math.max(typical, 1e-3 * size));
    double backward =
        BACKWARD * amplification * target.unit() * Math.max(typical, slope) + Float.MIN_NORMAL;
    double closing = Math.abs(one.across - half.across);
    double closed = Math.abs(half.across - quarter.across);
    if (Double.isNaN(closing + closed)) {
      // beyond the edge of where it is defined
      double nan = Double.NaN;
      return new Attempt(new Reading(Kind.UNDECIDED, half.analytic, nan, nan, nan), false, 0);
    }
    double low = Math.min(quarter.left, quarter.right);
    double high = Math.max(quarter.left, quarter.right);
    double gap = Math.abs(quarter.gap());
    if (gap > 0.6 * Math.abs(one.gap()) && gap > 16 * quarter.noise + 1e-3 * reference) {
      double allowed = 2 * quarter.noise + backward + closed;
      return new Attempt(new Reading(Kind.KINK, half.analytic, low, high, allowed), false, 0);
    }
    if (closed > 0.6 * closing + 4 * quarter.noise) {
      double allowed = 2 * quarter.noise + backward;
      low = Math.min(low, Math.min(one.left, one.right));
      high = Math.max(high, Math.max(one.left, one.right));
      return new Attempt(new Reading(Kind.UNDECIDED, half.analytic, low, high, allowed), false, 0);
    }
    // the gap between a smooth function's sides is h·f″, so it halves; where it does not, small
    // kinks are within the steps, and the gradient may be any of the slopes that were met
    double bends =
        Math.max(Math.abs(one.gap() - 2 * half.gap()), Math.abs(half.gap() - 2 * quarter.gap()));
    double spread = spread(one, half, quarter);
    double rounding = half.noise + backward;
    double truncation = 2 * (Math.max(closing, 2 * closed) + bends);
    if (bends > 0.1 * spread + 2 * quarter.noise) {
      truncation = Math.max(2 * spread, truncation);
    } else if (direction.length > 1) {
      // along many elements at once kinks come in numbers, and their errors may cancel by chance;
      // what rounding explains is in the bound already
      double moves =
          Math.max(beyond(closing, one.noise), 2 * beyond(closed, half.noise + quarter.noise));
      double net = 2 * (moves + beyond(bends, 2 * quarter.noise));
      truncation = Math.max(truncation, Math.min(2 * spread, 8 * net));
    }
    double allowed = truncation + rounding;
    boolean isConstant = half.analytic == 0 && closing + half.noise == 0;
    boolean decides = isConstant || allowed <= TOO_WIDE * reference;
    Kind kind = decides ? Kind.SMOOTH : Kind.UNDECIDED;
    return new Attempt(
        new Reading(kind, half.analytic, half.across, half.across, allowed), true, half.noise);
  }
}
