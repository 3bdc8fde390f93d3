package org.lanegrad.model;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Numbered parts of one piece of work, which the calling thread and those of an executor take one
 * after another. An executor that is busy, or refuses, costs time: the calling thread does what no
 * other has begun. Tasks that were not begun stay in the executor's queue, where they end at once
 * when their turn comes.
 */
final class SharedWork {
  /** Does one part. */
  @FunctionalInterface
  interface Part {
    void run(int number);
  }

  private final int count;
  private final Part part;
  private final AtomicInteger next = new AtomicInteger();
  private final CountDownLatch done;
  private final AtomicReference<Throwable> failure = new AtomicReference<>();

  private SharedWork(int count, Part part) {
    this.count = count;
    this.part = part;
    done = new CountDownLatch(count);
  }

  /**
   * Does parts 0 … count − 1, and returns when all are done, also when one has failed.
   *
   * @throws IllegalArgumentException if a part threw it
   * @throws IllegalStateException if a part failed in another way, with its cause
   */
  static void run(int count, Executor executor, Part part) {
    SharedWork work = new SharedWork(count, part);
    Error broken = null;
    try {
      for (int i = 1; i < count; i++) {
        executor.execute(work::helpOnce);
      }
    } catch (RuntimeException e) {
      // it takes no more: this thread does the rest
    } catch (Error e) {
      broken = e;
    }
    while (work.helpOnce()) {}
    work.await();
    if (broken != null) {
      throw broken;
    }
  }

  /** Does a part that nobody has begun; false if there is none. */
  private boolean helpOnce() {
    int number = next.getAndIncrement();
    if (number >= count) {
      return false;
    }
    try {
      part.run(number);
    } catch (RuntimeException | Error e) {
      failure.compareAndSet(null, e);
    } finally {
      done.countDown();
    }
    return true;
  }

  /** Waits for all, also when one has failed: none may write afterwards. */
  private void await() {
    boolean interrupted = false;
    while (true) {
      try {
        done.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (failure.get() instanceof IllegalArgumentException refused) {
      throw refused;
    }
    if (failure.get() != null) {
      throw new IllegalStateException("a part of the work failed", failure.get());
    }
  }
}
