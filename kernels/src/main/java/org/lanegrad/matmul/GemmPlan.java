package org.lanegrad.matmul;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.function.Consumer;
import org.lanegrad.Epilogue;
import org.lanegrad.Matrix;
import org.lanegrad.check.Check;

/**
 * Products on several threads of the caller's: C = α·A·B + β·C, and a dense layer's. The result is
 * cut into a fixed number of parts, each a product of its own.
 *
 * <p>The longer side of C is cut, at multiples of a tile, so the parts depend on the shape and on
 * {@code parts} alone, and since an element's sum never depends on its neighbours, any number of
 * parts gives the same bits.
 *
 * <p>The calling thread computes the last part itself and waits for the others; this class starts
 * no thread. Each part has a {@link Workspace} of its own, so a plan serves one product at a time.
 * An executor that rejects or never runs a task makes the call fail or wait: give it at least
 * {@code parts − 1} free threads, or one that runs tasks in the caller. What an epilogue throws on
 * another thread comes out as the cause of an {@link IllegalStateException}, what it throws on the
 * calling one as it is.
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
    run(
        c,
        part ->
            Gemm.multiply(alpha, part.rows(a), part.columns(b), beta, part.of(c), part.workspace));
  }

  /** The same with a B that was packed once. */
  public void multiply(float alpha, Matrix a, PackedMatrix b, float beta, Matrix c) {
    Gemm.checkPacked(a, b, c, workspaces[0]);
    run(
        c,
        part ->
            Gemm.multiply(alpha, part.rows(a), part.columns(b), beta, part.of(c), part.workspace));
  }

  /**
   * {@link Gemm#multiplyOntoBias(Matrix, Matrix, float[], int, Matrix, Epilogue, Workspace)} in
   * parts. The epilogue is called on several threads, for blocks that don't overlap.
   */
  public void multiplyOntoBias(
      Matrix a, Matrix b, float[] bias, int biasFrom, Matrix c, Epilogue epilogue) {
    Gemm.check(a, b, c, workspaces[0]);
    Gemm.checkBias(bias, biasFrom, c);
    run(
        c,
        part ->
            Gemm.multiplyOntoBias(
                part.rows(a),
                part.columns(b),
                bias,
                biasFrom + part.firstColumn(),
                part.of(c),
                part.epilogue(epilogue, c),
                part.workspace));
  }

  /** The same with a B that was packed once. */
  public void multiplyOntoBias(
      Matrix a, PackedMatrix b, float[] bias, int biasFrom, Matrix c, Epilogue epilogue) {
    Gemm.checkPacked(a, b, c, workspaces[0]);
    Gemm.checkBias(bias, biasFrom, c);
    run(
        c,
        part ->
            Gemm.multiplyOntoBias(
                part.rows(a),
                part.columns(b),
                bias,
                biasFrom + part.firstColumn(),
                part.of(c),
                part.epilogue(epilogue, c),
                part.workspace));
  }

  /** A workspace for what needs no parts: not to be used while a product runs. */
  public Workspace workspace() {
    return workspaces[0];
  }

  /** A range of rows or of columns of the result. */
  private record Part(boolean byRows, int from, int count, Workspace workspace) {
    Matrix rows(Matrix a) {
      return byRows ? a.rowRange(from, count) : a;
    }

    Matrix columns(Matrix b) {
      return byRows ? b : b.columnRange(from, count);
    }

    PackedMatrix columns(PackedMatrix b) {
      return byRows ? b : b.columnRange(from, count);
    }

    Matrix of(Matrix c) {
      return byRows ? c.rowRange(from, count) : c.columnRange(from, count);
    }

    int firstColumn() {
      return byRows ? 0 : from;
    }

    /** Is given the part's blocks, and hands them on as blocks of the whole. */
    Epilogue epilogue(Epilogue whole, Matrix c) {
      if (whole == null) {
        return null;
      }
      int firstRow = byRows ? from : 0;
      return (part, row, column, rows, columns) ->
          whole.apply(c, firstRow + row, firstColumn() + column, rows, columns);
    }
  }

  private void run(Matrix c, Consumer<Part> product) {
    boolean byRows = c.rows() >= c.columns();
    int size = byRows ? c.rows() : c.columns();
    int last = workspaces.length - 1;
    FutureTask<?>[] tasks = new FutureTask<?>[last];
    int handedOver = 0;
    try {
      for (int i = 0; i < last; i++) {
        Part part = part(byRows, size, i);
        if (part.count() > 0) {
          FutureTask<?> task = new FutureTask<>(() -> product.accept(part), null);
          tasks[handedOver] = task;
          executor.execute(task);
          handedOver++;
        }
      }
      product.accept(part(byRows, size, last));
    } catch (RuntimeException | Error own) {
      try {
        await(tasks, handedOver);
      } catch (IllegalStateException other) {
        own.addSuppressed(other);
      }
      throw own;
    }
    await(tasks, handedOver);
  }

  private Part part(boolean byRows, int size, int part) {
    int from = boundary(size, part, byRows);
    int count = boundary(size, part + 1, byRows) - from;
    return new Part(byRows, from, count, workspaces[part]);
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
