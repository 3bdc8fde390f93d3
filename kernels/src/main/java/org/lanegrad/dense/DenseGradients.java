package org.lanegrad.dense;

import org.lanegrad.Matrix;

/**
 * Where {@link DenseBackward} writes: dX, dW and db, each of them null where it is not wanted.
 *
 * @param dx the gradient of the input, batch × inputs, or null
 * @param dw the gradient of the weights, inputs × outputs, or null
 * @param db the gradient of the bias, a row of outputs elements, or null
 * @param accumulate whether the gradients are added to what is there (fan-out: gradients of a
 *     variable that is used twice add up) or overwrite it, which then is never read
 */
public record DenseGradients(Matrix dx, Matrix dw, Matrix db, boolean accumulate) {
  /** Gradients that overwrite; each may be null. */
  public static DenseGradients into(Matrix dx, Matrix dw, float[] db) {
    return new DenseGradients(dx, dw, db == null ? null : Matrix.of(db, 1, db.length), false);
  }

  /** The same places, added to. */
  public DenseGradients accumulating() {
    return new DenseGradients(dx, dw, db, true);
  }
}
