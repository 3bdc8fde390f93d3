package org.lanegrad.model;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Work in numbered parts, which the calling thread and those of an executor take one after another.
 * An executor that is busy, or refuses, costs time only: the calling thread does what no other has
 * begun, and an executor that has not come round to earlier tasks gets no more of them.
 */
final class SharedWork {
  /** So many tasks may wait in executors' queues. */
  private static final int MOST_WAITING = 64;

  private volatile Queue queue = new Queue(null, new AtomicInteger());

  /** How many tasks of ours wait in an executor's queue. */
  private record Queue(Executor executor, AtomicInteger waiting) {}

  /** Does one part. */
  @FunctionalInterface
  interface Part {
    void run(int number);
  }

  /**
   * Does parts 0 … count − 1, and returns when all are done, also when one has failed.
   *
   * @throws IllegalArgumentException if a part threw it
   * @throws IllegalStateException if a part failed in another way, with its cause
   */
  void run(int count, Executor executor, Part part) {
    Run run = new Run(count, part);
    Queue own = queue;
    if (own.executor != executor) {
      own = new Queue(executor, new AtomicInteger());
      queue = own;
    }
    AtomicInteger waiting = own.waiting;
    Error broken = null;
    try {
      for (int i = 1; i < count && waiting.get() < MOST_WAITING; i++) {
        waiting.incrementAndGet();
        boolean isTaken = false;
        try {
          executor.execute(
              () -> {
                waiting.decrementAndGet();
                run.helpOnce();
              });
          isTaken = true;
        } finally {
          if (!isTaken) {
            waiting.decrementAndGet();
          }
        }
      }
    } catch (RuntimeException e) {
      // it takes no more: this thread does the rest
    } catch (Error e) {
      broken = e;
    }
    while (run.helpOnce()) {}
    run.await();
    if (broken != null) {
      throw broken;
    }
  }

  private static final class Run {
    private final int count;
    private final Part part;
    private final AtomicInteger next = new AtomicInteger();
    private final CountDownLatch done;
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    Run(int count, Part part) {
      this.count = count;
      this.part = part;
      done = new CountDownLatch(count);
    }

    /** Does a part that nobody has begun; false if there is none. */
    boolean helpOnce() {
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
    void await() {
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
}
