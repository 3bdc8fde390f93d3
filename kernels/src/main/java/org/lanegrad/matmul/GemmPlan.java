package org.lanegrad.matmul;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import org.lanegrad.Matrix;
import org.lanegrad.check.Check;

/**
 * C = α·A·B + β·C on several threads of the caller's: the result is cut into a fixed number of
 * parts, each a product of its own.
 *
 * <p>The longer side of C is cut, at multiples of a tile, so the parts depend on the shape and on
 * {@code parts} alone, and since an element's sum never depends on its neighbours, any number of
 * parts gives the same bits.
 *
 * <p>The calling thread computes the last part itself and waits for the others; this class starts
 * no thread. Each part has a {@link Workspace} of its own, so a plan serves one product at a time.
 * An executor that rejects or never runs a task makes the call fail or wait: give it at least
 * {@code parts − 1} free threads, or one that runs tasks in the caller.
 */
public final class GemmPlan {
  private final Executor executor;
  private final Workspace[] workspaces;

  /**
   * A plan of so many parts.
   *
   * @throws NullPointerException if the executor is null
   * @throws IllegalArgumentException if {@code parts} is not positive
   */
  public GemmPlan(Executor executor, int parts) {
    Check.notNull("executor", executor, "an Executor");
    if (parts < 1) {
      throw new IllegalArgumentException("parts is " + parts + ", expected 1 or more");
    }
    this.executor = executor;
    workspaces = new Workspace[parts];
    for (int i = 0; i < parts; i++) {
      workspaces[i] = new Workspace();
    }
  }

  /**
   * {@link Gemm#multiply} in parts; the checks are the same and come before anything is written.
   */
  public void multiply(float alpha, Matrix a, Matrix b, float beta, Matrix c) {
    Gemm.check(a, b, c, workspaces[0]);
    boolean byRows = c.rows() >= c.columns();
    int size = byRows ? c.rows() : c.columns();
    int last = workspaces.length - 1;
    FutureTask<?>[] tasks = new FutureTask<?>[last];
    int handedOver = 0;
    try {
      for (int part = 0; part < last; part++) {
        tasks[part] = new FutureTask<>(part(alpha, a, b, beta, c, byRows, size, part), null);
        executor.execute(tasks[part]);
        handedOver++;
      }
      part(alpha, a, b, beta, c, byRows, size, last).run();
    } finally {
      await(tasks, handedOver);
    }
  }

  private Runnable part(
      float alpha, Matrix a, Matrix b, float beta, Matrix c, boolean byRows, int size, int part) {
    int from = boundary(size, part, byRows);
    int count = boundary(size, part + 1, byRows) - from;
    Matrix partOfA = byRows ? a.rowRange(from, count) : a;
    Matrix partOfB = byRows ? b : b.columnRange(from, count);
    Matrix partOfC = byRows ? c.rowRange(from, count) : c.columnRange(from, count);
    Workspace workspace = workspaces[part];
    return () -> Gemm.multiply(alpha, partOfA, partOfB, beta, partOfC, workspace);
  }

  /** Where a part begins: an equal share, rounded to 12 rows (two tiles) or 64 columns (one). */
  private int boundary(int size, int part, boolean byRows) {
    int unit = byRows ? 12 : 64;
    if (part == workspaces.length) {
      return size;
    }
    return (int) ((long) size * part / workspaces.length / unit * unit);
  }

  /** Waits for all parts, also when one has failed: none may still write to C afterwards. */
  private static void await(FutureTask<?>[] tasks, int handedOver) {
    RuntimeException failure = null;
    boolean interrupted = false;
    for (int part = 0; part < handedOver; part++) {
      while (true) {
        try {
          tasks[part].get();
          break;
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          failure = new IllegalStateException("a part of the product failed", e.getCause());
          break;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (failure != null) {
      throw failure;
    }
  }
}
