package org.lanegrad.activation;

import org.lanegrad.Epilogue;
import org.lanegrad.Matrix;
import org.lanegrad.check.Check;
import org.lanegrad.check.MatrixChecks;

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

  /**
   * Y = f(X) over matrices of one shape, rows as they are stored; Y may be the very X.
   *
   * @throws IllegalArgumentException if the shapes differ, one is transposed, or Y overlaps X
   */
  default void forward(Matrix x, Matrix y) {
    MatrixChecks.storedLike("y", y, "x", x);
    MatrixChecks.sameOrSeparate("y", y, "x", x);
    boolean whole = x.isContiguous() && y.isContiguous();
    int rows = whole ? Math.min(1, x.rows()) : x.rows();
    int length = whole ? x.rows() * x.columns() : x.columns();
    for (int i = 0; i < rows; i++) {
      forward(x.array(), x.index(i, 0), y.array(), y.index(i, 0), length);
    }
  }

  /**
   * The same for the backward pass; {@code downstream} may be the very {@code upstream} or {@code
   * saved}.
   *
   * @throws IllegalArgumentException if the shapes differ, one is transposed, or downstream
   *     overlaps
   */
  default void backward(Matrix upstream, Matrix saved, Matrix downstream) {
    MatrixChecks.storedLike("saved", saved, "upstream", upstream);
    MatrixChecks.storedLike("downstream", downstream, "upstream", upstream);
    MatrixChecks.sameOrSeparate("downstream", downstream, "upstream", upstream);
    MatrixChecks.sameOrSeparate("downstream", downstream, "saved", saved);
    boolean whole = upstream.isContiguous() && saved.isContiguous() && downstream.isContiguous();
    int rows = whole ? Math.min(1, upstream.rows()) : upstream.rows();
    int length = whole ? upstream.rows() * upstream.columns() : upstream.columns();
    for (int i = 0; i < rows; i++) {
      backward(
          upstream.array(),
          upstream.index(i, 0),
          saved.array(),
          saved.index(i, 0),
          downstream.array(),
          downstream.index(i, 0),
          length);
    }
  }

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
