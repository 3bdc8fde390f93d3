package org.lanegrad.dense;

import java.util.Arrays;
import java.util.Locale;
import org.lanegrad.Epilogue;
import org.lanegrad.Matrix;
import org.lanegrad.activation.Activation;
import org.lanegrad.activation.Activation.Saved;
import org.lanegrad.activation.BitActivation;
import org.lanegrad.check.Check;

/**
 * What a dense layer's forward pass leaves for its backward pass, and the room that the backward
 * pass works in: made once by the caller for the largest batch, then reused for every step.
 *
 * <p>It holds the bits of a {@link BitActivation}, the sums X·W + b where the activation's backward
 * reads its input, or neither where the output is enough; and dZ. One tape serves one layer and one
 * pass at a time, on one thread or by a plan on several; a backward pass belongs to the forward
 * pass before it.
 */
public final class DenseTape implements Epilogue {
  private final Activation activation;
  private final int maxRows;
  private final int columns;
  private final int wordsPerRow;
  private final long[] bits;
  private final float[] z;
  private final float[] dz;
  private final float[] ones;
  private Matrix output;
  private Matrix zView;
  private Matrix dzView;
  private Matrix onesView;

  /**
   * Makes room for {@code maxRows × columns} outputs of a layer.
   *
   * @throws NullPointerException if the activation is null
   * @throws IllegalArgumentException if a size is negative or the product too large for an array
   */
  public DenseTape(Activation activation, int maxRows, int columns) {
    Check.notNull("activation", activation, "an Activation");
    Check.size("maxRows", maxRows);
    Check.size("columns", columns);
    int size = Check.product("maxRows · columns", maxRows, columns);
    this.activation = activation;
    this.maxRows = maxRows;
    this.columns = columns;
    wordsPerRow = (int) ((columns + 63L) >>> 6);
    bits = new long[activation.saved() == Saved.BITS ? maxRows * wordsPerRow : 0];
    z = new float[activation.saved() == Saved.INPUT ? size : 0];
    dz = new float[size];
    ones = new float[maxRows];
    Arrays.fill(ones, 1f);
    zView = Matrix.of(z, 0, columns);
    dzView = Matrix.of(dz, 0, columns);
    onesView = Matrix.of(ones, 1, 0);
  }

  /** The activation that the tape was made for. */
  public Activation activation() {
    return activation;
  }

  /** Throws unless Y fits and, for a backward pass, is the size of the forward pass before it. */
  void checkBackward(Matrix y) {
    check(y);
    Check.equal("y.rows", y.rows(), "the rows of the forward pass on this tape", dzView.rows());
  }

  private void check(Matrix y) {
    if (y.rows() > maxRows || y.columns() != columns) {
      throw new IllegalArgumentException(
          String.format(Locale.ROOT, "tape holds up to %d × %d, but y is %s", maxRows, columns, y));
    }
    Check.stored("y", y.isTransposed());
  }

  /** Where X·W + b goes: kept here if the backward pass wants it, else straight into Y. */
  Matrix sums(Matrix y) {
    return activation.saved() == Saved.INPUT ? zView : y;
  }

  /** Checks Y and remembers it for {@link #apply}. */
  void begin(Matrix y) {
    check(y);
    output = y;
    if (dzView.rows() != y.rows()) {
      dzView = Matrix.of(dz, y.rows(), columns);
      onesView = Matrix.of(ones, 1, y.rows());
      zView = Matrix.of(z, z.length == 0 ? 0 : y.rows(), columns);
    }
  }

  /** Y = f(sums) for one block, saving bits, row by row, if the activation has them. */
  @Override
  public void apply(Matrix sums, int row, int column, int rows, int count) {
    boolean whole = count == columns && sums.isContiguous() && output.isContiguous();
    if (whole && !(activation instanceof BitActivation)) {
      int from = sums.index(row, 0);
      activation.forward(sums.array(), from, output.array(), output.index(row, 0), rows * count);
      return;
    }
    for (int i = row; i < row + rows; i++) {
      int from = sums.index(i, column);
      int to = output.index(i, column);
      if (activation instanceof BitActivation bit) {
        int word = i * wordsPerRow + (column >>> 6);
        bit.forward(sums.array(), from, output.array(), to, bits, word, count);
      } else {
        activation.forward(sums.array(), from, output.array(), to, count);
      }
    }
  }

  /** dZ = dY · f′, in this tape's own room. */
  Matrix dz(Matrix y, Matrix dy) {
    if (activation instanceof BitActivation bit) {
      for (int i = 0; i < y.rows(); i++) {
        bit.backward(dy.array(), dy.index(i, 0), bits, i * wordsPerRow, dz, i * columns, columns);
      }
      return dzView;
    }
    Matrix saved = activation.saved() == Saved.INPUT ? zView : y;
    boolean whole = dy.isContiguous() && saved.isContiguous();
    int step = whole ? y.rows() : 1;
    for (int i = 0; i < y.rows(); i += step) {
      int savedFrom = saved.index(i, 0);
      activation.backward(
          dy.array(), dy.index(i, 0), saved.array(), savedFrom, dz, i * columns, step * columns);
    }
    return dzView;
  }

  /** A row of as many ones as the batch has rows: 1ᵀ·dZ is the bias gradient. */
  Matrix ones() {
    return onesView;
  }
}
