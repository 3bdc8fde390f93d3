package org.lanegrad.dense;

import java.util.Locale;
import org.lanegrad.Matrix;
import org.lanegrad.check.Check;
import org.lanegrad.matmul.Gemm;
import org.lanegrad.matmul.GemmPlan;
import org.lanegrad.matmul.Workspace;

/**
 * dZ = dY ∘ f′, dX = dZ·Wᵀ, dW = Xᵀ·dZ, db = 1ᵀ·dZ: the downstream gradients of {@link Dense}.
 *
 * <p>dZ is formed once, on the tape; the rest are three calls of the product that the forward pass
 * uses, over transposed views. No Jacobian is formed.
 *
 * <ul>
 *   <li><b>Shapes</b>: as {@link Dense}; dY as Y, dX as X, dW as W, db as b.
 *   <li><b>Aliasing</b>: the gradients must be separate from X, W, Y, dY and each other.
 *   <li><b>Accuracy</b>: with the dZ that was formed, dX is within γ(outputs + 2)·Σ|dz||w|, dW
 *       within γ(batch + 2)·Σ|x||dz|, db within γ(batch + 2)·Σ|dz|.
 *   <li><b>Cost</b>: 4 · batch · inputs · outputs flops for both products, twice the forward pass.
 *   <li><b>Determinism</b>: a row of dX has the same bits alone as in any batch; dW and db add the
 *       batch in the order of its rows.
 * </ul>
 */
public final class DenseBackward {
  private DenseBackward() {}

  /**
   * Computes the wanted gradients of the forward pass that {@code tape} comes from.
   *
   * @param dy the upstream gradient
   * @param x the input of that pass
   * @param w the weights of that pass
   * @param y the output of that pass
   * @param tape what that pass left
   * @param gradients where the downstream gradients go
   * @throws NullPointerException if an argument is null
   * @throws IllegalArgumentException if a shape does not fit or a gradient overlaps something
   */
  public static void backward(
      Matrix dy,
      Matrix x,
      Matrix w,
      Matrix y,
      DenseTape tape,
      DenseGradients gradients,
      Workspace workspace) {
    Check.notNull("workspace", workspace, "a Workspace");
    backward(dy, x, w, y, tape, gradients, workspace, null);
  }

  /** The same on several threads: dX and dW are cut into parts. The same bits. */
  public static void backward(
      Matrix dy,
      Matrix x,
      Matrix w,
      Matrix y,
      DenseTape tape,
      DenseGradients gradients,
      GemmPlan plan) {
    Check.notNull("plan", plan, "a GemmPlan");
    backward(dy, x, w, y, tape, gradients, plan.workspace(), plan);
  }

  private static void backward(
      Matrix dy,
      Matrix x,
      Matrix w,
      Matrix y,
      DenseTape tape,
      DenseGradients gradients,
      Workspace workspace,
      GemmPlan plan) {
    check(dy, x, w, y, tape, gradients);
    Matrix dz = tape.dz(y, dy);
    float beta = gradients.accumulate() ? 1f : 0f;
    if (gradients.dx() != null) {
      multiply(dz, w.transposed(), beta, gradients.dx(), workspace, plan);
    }
    if (gradients.dw() != null) {
      multiply(x.transposed(), dz, beta, gradients.dw(), workspace, plan);
    }
    if (gradients.db() != null) {
      Gemm.multiply(1f, tape.ones(), dz, beta, gradients.db(), workspace);
    }
  }

  private static void multiply(
      Matrix a, Matrix b, float beta, Matrix c, Workspace workspace, GemmPlan plan) {
    if (plan == null) {
      Gemm.multiply(1f, a, b, beta, c, workspace);
    } else {
      plan.multiply(1f, a, b, beta, c);
    }
  }

  private static void check(
      Matrix dy, Matrix x, Matrix w, Matrix y, DenseTape tape, DenseGradients gradients) {
    Check.notNull("x", x, "a Matrix");
    Check.notNull("w", w, "a Matrix");
    Check.notNull("y", y, "a Matrix");
    Check.notNull("tape", tape, "a DenseTape");
    Check.notNull("dy", dy, "a Matrix");
    Check.notNull("gradients", gradients, "DenseGradients");
    tape.checkBackward(y);
    shape("w", w, x.columns(), y.columns());
    shape("x", x, y.rows(), w.rows());
    shape("dy", dy, y.rows(), y.columns());
    Check.stored("dy", dy.isTransposed());
    if (gradients.dx() != null) {
      shape("dx", gradients.dx(), x.rows(), x.columns());
      separate("dx", gradients.dx(), x, w, y, dy);
    }
    if (gradients.dw() != null) {
      shape("dw", gradients.dw(), w.rows(), w.columns());
      separate("dw", gradients.dw(), x, w, y, dy);
      Check.separate("dw", "dx", gradients.dx() != null && gradients.dw().overlaps(gradients.dx()));
    }
    if (gradients.db() != null) {
      Matrix db = gradients.db();
      Check.equal("db.length", db.columns(), "w.columns", w.columns());
      separate("db", db, x, w, y, dy);
      Check.separate("db", "dx", gradients.dx() != null && db.overlaps(gradients.dx()));
      Check.separate("db", "dw", gradients.dw() != null && db.overlaps(gradients.dw()));
    }
  }

  private static void shape(String name, Matrix matrix, int rows, int columns) {
    if (matrix.rows() != rows || matrix.columns() != columns) {
      throw new IllegalArgumentException(
          String.format(Locale.ROOT, "%s is %s, expected %d × %d", name, matrix, rows, columns));
    }
  }

  private static void separate(String name, Matrix out, Matrix x, Matrix w, Matrix y, Matrix dy) {
    Check.separate(name, "x", out.overlaps(x));
    Check.separate(name, "w", out.overlaps(w));
    Check.separate(name, "y", out.overlaps(y));
    Check.separate(name, "dy", out.overlaps(dy));
  }
}
