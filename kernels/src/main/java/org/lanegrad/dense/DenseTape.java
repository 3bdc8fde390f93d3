package org.lanegrad.dense;

import java.util.Arrays;
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
 * thread at a time; a backward pass belongs to the forward pass before it.
 */
public final class DenseTape {
  private final Activation activation;
  private final int maxRows;
  private final int columns;
  private final int wordsPerRow;
  private final long[] bits;
  private final float[] z;
  private final float[] dz;
  private final float[] ones;

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
  }

  /** The activation that the tape was made for. */
  public Activation activation() {
    return activation;
  }

  void check(Matrix y) {
    if (y.rows() > maxRows || y.columns() != columns) {
      throw new IllegalArgumentException(
          "tape holds up to %d × %d, but y is %s".formatted(maxRows, columns, y));
    }
    Check.stored("y", y.isTransposed());
  }

  /** Where X·W + b goes: kept here if the backward pass wants it, else straight into Y. */
  Matrix sums(Matrix y) {
    return activation.saved() == Saved.INPUT ? Matrix.of(z, y.rows(), columns) : y;
  }

  /** Y = f(sums), saving bits if the activation has them. */
  void activate(Matrix sums, Matrix y) {
    for (int i = 0; i < y.rows(); i++) {
      int from = sums.index(i, 0);
      int to = y.index(i, 0);
      if (activation instanceof BitActivation bit) {
        bit.forward(sums.array(), from, y.array(), to, bits, i * wordsPerRow, columns);
      } else {
        activation.forward(sums.array(), from, y.array(), to, columns);
      }
    }
  }

  /** dZ = dY · f′, in this tape's own room. */
  Matrix dz(Matrix y, Matrix dy) {
    boolean fromInput = activation.saved() == Saved.INPUT;
    for (int i = 0; i < y.rows(); i++) {
      int up = dy.index(i, 0);
      int down = i * columns;
      if (activation instanceof BitActivation bit) {
        bit.backward(dy.array(), up, bits, i * wordsPerRow, dz, down, columns);
      } else {
        float[] saved = fromInput ? z : y.array();
        int savedFrom = fromInput ? down : y.index(i, 0);
        activation.backward(dy.array(), up, saved, savedFrom, dz, down, columns);
      }
    }
    return Matrix.of(dz, y.rows(), columns);
  }

  /** A row of as many ones as the batch has rows: 1ᵀ·dZ is the bias gradient. */
  Matrix ones(int rows) {
    return Matrix.of(ones, 1, rows);
  }
}
