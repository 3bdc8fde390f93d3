package org.lanegrad.activation;

import org.lanegrad.Epilogue;
import org.lanegrad.Matrix;
import org.lanegrad.check.Check;

/**
 * y = f(x), element by element, and downstream = upstream · f′(x).
 *
 * <p>Chosen once per array: an implementation is one static loop for each direction. See the
 * package for what all activations promise.
 */
public interface Activation extends Epilogue {
  /** What a forward pass must keep so that the backward pass is cheapest. */
  enum Saved {
    /** The input x. */
    INPUT,
    /** The output y. */
    OUTPUT,
    /** One bit an element, see {@link BitActivation}; the float backward then reads the output. */
    BITS
  }

  /** What {@link #backward} wants to be given as {@code saved}. */
  Saved saved();

  /** y[yFrom + i] = f(x[xFrom + i]) for 0 ≤ i &lt; length. */
  void forward(float[] x, int xFrom, float[] y, int yFrom, int length);

  /**
   * downstream[i] = upstream[i] · f′, the derivative taken from what was saved: x for {@link
   * Saved#INPUT}, y otherwise.
   */
  void backward(
      float[] upstream,
      int upstreamFrom,
      float[] saved,
      int savedFrom,
      float[] downstream,
      int downstreamFrom,
      int length);

  /** In place on a block of a result, as the last step of a product. */
  @Override
  default void apply(Matrix c, int row, int column, int rows, int columns) {
    if (c.isContiguous() && columns == c.columns()) {
      forward(c.array(), c.index(row, 0), c.array(), c.index(row, 0), rows * columns);
      return;
    }
    for (int i = row; i < row + rows; i++) {
      int from = c.index(i, column);
      forward(c.array(), from, c.array(), from, columns);
    }
  }

  /** Throws unless the arguments of {@link #forward} are sound; for implementations. */
  static void checkForward(float[] x, int xFrom, float[] y, int yFrom, int length) {
    Check.range("x", x, xFrom, length);
    Check.range("y", y, yFrom, length);
    Check.sameOrSeparate("y", y, yFrom, "x", x, xFrom, length);
  }

  /** Throws unless the arguments of {@link #backward} are sound; for implementations. */
  static void checkBackward(
      float[] upstream,
      int upstreamFrom,
      float[] saved,
      int savedFrom,
      float[] downstream,
      int downstreamFrom,
      int length) {
    Check.range("upstream", upstream, upstreamFrom, length);
    Check.range("saved", saved, savedFrom, length);
    Check.range("downstream", downstream, downstreamFrom, length);
    Check.sameOrSeparate(
        "downstream", downstream, downstreamFrom, "upstream", upstream, upstreamFrom, length);
    Check.sameOrSeparate(
        "downstream", downstream, downstreamFrom, "saved", saved, savedFrom, length);
  }
}
