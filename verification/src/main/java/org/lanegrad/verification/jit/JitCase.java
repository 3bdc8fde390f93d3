package org.lanegrad.verification.jit;

import java.util.List;
import java.util.function.Function;
import org.lanegrad.Lanegrad;

/**
 * A kernel as the guard runs it: one call of it, at several sizes.
 *
 * @param name what findings call it
 * @param sizes the sizes by their labels: first one without a remainder on any width, then the same
 *     with a remainder, then others
 * @param binder makes the arrays of one of the sizes, given by its index, and runs nothing yet;
 *     each time at other distances from each other, if it can
 */
public record JitCase(String name, List<String> sizes, Function<Integer, Bound> binder) {
  /**
   * A kernel with its arrays.
   *
   * @param call runs it once
   * @param elements how many elements a call works on: what times are divided by
   * @param plant puts one value into the middle of its inputs
   * @param own how many bytes a call may allocate of its own: what is above them was boxed
   */
  public record Bound(Runnable call, double elements, Planter plant, long own) {
    /** One that allocates nothing of its own. */
    public Bound(Runnable call, double elements, Planter plant) {
      this(call, elements, plant, 0);
    }
  }

  /** Puts a value into the inputs of a kernel. */
  @FunctionalInterface
  public interface Planter {
    /** Puts it there. */
    void plant(float value);
  }

  /**
   * Where the cases come from; a class of it is named on the command line of a {@link JitProbe}.
   */
  public interface Provider {
    /** All of them. */
    List<JitCase> cases();

    /**
     * What a service runs before its first request: the library's warm-up, unless it is overridden
     * to warm up kernels of one's own, or what the calls run beside a kernel.
     */
    default void warmUp() {
      Lanegrad.warmUp();
    }
  }

  Bound bind(int size) {
    return binder.apply(size);
  }

  @Override
  public String toString() {
    return name;
  }
}
