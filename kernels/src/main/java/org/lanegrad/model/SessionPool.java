package org.lanegrad.model;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executor;
import org.lanegrad.Matrix;
import org.lanegrad.check.Check;

/**
 * A bounded number of sessions of one {@link Model}, which any number of threads share: a run takes
 * one, or waits until one is free.
 */
public final class SessionPool {
  /** Rows of a part are a multiple of two tiles, so that no part ends with a small one. */
  private static final int UNIT = 12;

  private final Model model;
  private final BlockingQueue<ModelSession> free;
  private final SharedWork work = new SharedWork();

  SessionPool(Model model, int count, int maxRows) {
    if (count < 1) {
      throw new IllegalArgumentException("count is " + count + ", expected 1 or more");
    }
    this.model = model;
    free = new ArrayBlockingQueue<>(count);
    for (int i = 0; i < count; i++) {
      free.add(new ModelSession(model, maxRows));
    }
  }

  /** The model. */
  public Model model() {
    return model;
  }

  /**
   * {@link ModelSession#run(Matrix, Matrix)} on this thread.
   *
   * @throws IllegalStateException if the thread is interrupted while it waits for a session; it
   *     stays interrupted
   */
  public void run(Matrix x, Matrix y) {
    ModelSession session = take();
    try {
      session.run(x, y);
    } finally {
      free.add(session);
    }
  }

  /**
   * The same with the rows in parts, which this thread and the executor's compute; the same bits.
   * It returns when all are done. An executor that is busy, or refuses, costs time only: this
   * thread does what no other has begun.
   *
   * @param parts how many, at most; the pool should have as many sessions
   * @throws IllegalStateException if a part failed, with its cause
   */
  public void run(Matrix x, Matrix y, Executor executor, int parts) {
    model.check(x, y);
    Check.notNull("executor", executor, "an Executor");
    if (parts < 1) {
      throw new IllegalArgumentException("parts is " + parts + ", expected 1 or more");
    }
    int share = (int) (((long) x.rows() + parts - 1) / parts);
    int rows = (share + UNIT - 1) / UNIT * UNIT;
    if (rows >= x.rows()) {
      run(x, y);
      return;
    }
    RunEvent event = RunEvent.begun();
    int dealt = (x.rows() + rows - 1) / rows;
    work.run(
        dealt,
        executor,
        part -> {
          int from = part * rows;
          int length = Math.min(rows, x.rows() - from);
          // a worker's interrupt is its executor's affair, not this run's
          ModelSession session = takeUninterruptibly();
          try {
            session.run(x.rowRange(from, length), y.rowRange(from, length));
          } finally {
            giveBack(session);
          }
        });
    RunEvent.end(event, x.rows(), dealt);
  }

  /** The next free one, which the caller gives back; an interrupt is kept for later. */
  ModelSession takeUninterruptibly() {
    boolean interrupted = false;
    while (true) {
      try {
        ModelSession session = free.take();
        if (interrupted) {
          Thread.currentThread().interrupt();
        }
        return session;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
  }

  void giveBack(ModelSession session) {
    free.add(session);
  }

  private ModelSession take() {
    ModelSession session = free.poll();
    if (session != null) {
      return session;
    }
    try {
      return free.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for a free session", e);
    }
  }
}
