package org.lanegrad.dense;

import org.lanegrad.Matrix;
import org.lanegrad.activation.Activation;
import org.lanegrad.check.Check;
import org.lanegrad.matmul.Gemm;
import org.lanegrad.matmul.GemmPlan;
import org.lanegrad.matmul.PackedMatrix;
import org.lanegrad.matmul.Workspace;

/**
 * Y = f(X·W + b): matrix product, bias and activation of a dense layer.
 *
 * <ul>
 *   <li><b>Shapes</b>: X is batch × inputs, W is inputs × outputs, b has outputs elements, Y is
 *       batch × outputs; X and W may be transposed views, Y not.
 *   <li><b>Aliasing</b>: Y must not share an element with X, W or b.
 *   <li><b>Accuracy</b>: the argument of f is within γ(inputs + 2) · (Σ|x||w| + |b|), see {@link
 *       Gemm}, and {@link PackedMatrix} for halved weights; then f's own error.
 *   <li><b>Cost</b>: 2 · batch · inputs · outputs flops, and f once an element, block by block
 *       while the sums are in the cache.
 *   <li><b>Determinism</b>: a row of Y has the same bits alone as in any batch, and on any number
 *       of threads. With a {@link GemmPlan} the activation is called on several of them at once.
 *   <li><b>Errors</b>: {@link NullPointerException} and {@link IllegalArgumentException} that name
 *       the argument, before anything is written.
 * </ul>
 */
public final class Dense {
  private Dense() {}

  /** Inference: computes Y and saves nothing. */
  public static void forward(
      Matrix x, Matrix w, float[] b, Activation activation, Matrix y, Workspace workspace) {
    check(x, w, b, y);
    Check.notNull("activation", activation, "an Activation");
    Gemm.multiplyOntoBias(x, w, b, 0, y, activation, workspace);
  }

  /**
   * Inference with weights that were packed once: the same bits, sooner, above all in small
   * batches.
   */
  public static void forward(
      Matrix x, PackedMatrix w, float[] b, Activation activation, Matrix y, Workspace workspace) {
    check(x, w, b, y);
    Check.notNull("activation", activation, "an Activation");
    Gemm.multiplyOntoBias(x, w, b, 0, y, activation, workspace);
  }

  /** Training: computes Y and leaves on the tape what {@link DenseBackward} reads. */
  public static void forward(
      Matrix x, Matrix w, float[] b, Matrix y, DenseTape tape, Workspace workspace) {
    check(x, w, b, y);
    Check.notNull("tape", tape, "a DenseTape");
    Check.notNull("workspace", workspace, "a Workspace");
    tape.begin(y);
    Gemm.multiplyOntoBias(x, w, b, 0, tape.sums(y), tape, workspace);
  }

  /** Inference on several threads; the same bits. */
  public static void forward(
      Matrix x, Matrix w, float[] b, Activation activation, Matrix y, GemmPlan plan) {
    check(x, w, b, y);
    Check.notNull("activation", activation, "an Activation");
    Check.notNull("plan", plan, "a GemmPlan");
    plan.multiplyOntoBias(x, w, b, 0, y, activation);
  }

  /** Inference on several threads with weights that were packed once; the same bits. */
  public static void forward(
      Matrix x, PackedMatrix w, float[] b, Activation activation, Matrix y, GemmPlan plan) {
    check(x, w, b, y);
    Check.notNull("activation", activation, "an Activation");
    Check.notNull("plan", plan, "a GemmPlan");
    plan.multiplyOntoBias(x, w, b, 0, y, activation);
  }

  /** Training on several threads; the same bits. */
  public static void forward(
      Matrix x, Matrix w, float[] b, Matrix y, DenseTape tape, GemmPlan plan) {
    check(x, w, b, y);
    Check.notNull("tape", tape, "a DenseTape");
    Check.notNull("plan", plan, "a GemmPlan");
    tape.begin(y);
    plan.multiplyOntoBias(x, w, b, 0, tape.sums(y), tape);
  }

  private static void check(Matrix x, Matrix w, float[] b, Matrix y) {
    Check.notNull("w", w, "a Matrix");
    check(x, w.rows(), w.columns(), b, y);
    Check.separate("y", "w", y.overlaps(w));
  }

  private static void check(Matrix x, PackedMatrix w, float[] b, Matrix y) {
    Check.notNull("w", w, "a PackedMatrix");
    check(x, w.rows(), w.columns(), b, y);
  }

  /** Also where the product goes elsewhere first: an activation may write Y while X is read. */
  private static void check(Matrix x, int wRows, int wColumns, float[] b, Matrix y) {
    Check.notNull("x", x, "a Matrix");
    Check.notNull("y", y, "a Matrix");
    Check.equal("w.rows", wRows, "x.columns", x.columns());
    Check.equal("y.rows", y.rows(), "x.rows", x.rows());
    Check.equal("y.columns", y.columns(), "w.columns", wColumns);
    Check.range("b", b, 0, wColumns);
    Check.stored("y", y.isTransposed());
    Check.separate("y", "x", y.overlaps(x));
    Check.separate("y", "b", y.overlaps(b, 0, wColumns));
  }
}
