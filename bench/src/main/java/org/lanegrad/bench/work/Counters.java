package org.lanegrad.bench.work;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.lanegrad.Lanegrad;

/**
 * What instrumented code counts: how often each of its basic blocks runs, and how many elements it
 * has the JDK copy or fill. One program at a time; instrumented code calls it.
 */
public final class Counters {
  /** What a loop of ours that moves elements executes for each vector of them. */
  private static final int INSTRUCTIONS_A_VECTOR = 16;

  private static final int MOST_BLOCKS = 1 << 16;

  /** How often each block ran. */
  @SuppressWarnings("MutablePublicArray") // written by instrumented code
  public static final long[] RUNS = new long[MOST_BLOCKS];

  private static final List<Block> BLOCKS = new ArrayList<>();
  private static long moved;

  private Counters() {}

  /**
   * A basic block.
   *
   * @param where class, method and line
   * @param instructions how many instructions it has
   * @param vectorOperations how many of them call the Vector API
   * @param branches whether it ends in a branch that another block may fall through from, that is
   *     decided when the program runs, and that does not refuse an argument
   */
  record Block(String where, int instructions, int vectorOperations, boolean branches) {}

  static int add(Block block) {
    if (BLOCKS.size() == MOST_BLOCKS) {
      throw new IllegalStateException("more than " + MOST_BLOCKS + " basic blocks");
    }
    BLOCKS.add(block);
    return BLOCKS.size() - 1;
  }

  static Block block(int id) {
    return BLOCKS.get(id);
  }

  static int blocks() {
    return BLOCKS.size();
  }

  static void reset() {
    Arrays.fill(RUNS, 0);
    moved = 0;
  }

  /** Executed instructions since the last reset, bulk moves included. */
  static double work() {
    double work = (double) moved * INSTRUCTIONS_A_VECTOR / Lanegrad.lanes();
    for (int id = 0; id < BLOCKS.size(); id++) {
      work += (double) RUNS[id] * BLOCKS.get(id).instructions();
    }
    return work;
  }

  /** Instead of {@link System#arraycopy}. */
  public static void arraycopy(Object from, int at, Object to, int toAt, int length) {
    moved += length;
    System.arraycopy(from, at, to, toAt, length);
  }

  /** Instead of {@link Arrays#fill(float[], int, int, float)}. */
  public static void fill(float[] array, int from, int to, float value) {
    moved += to - from;
    Arrays.fill(array, from, to, value);
  }

  /** Instead of {@link Arrays#fill(float[], float)}. */
  public static void fill(float[] array, float value) {
    moved += array.length;
    Arrays.fill(array, value);
  }
}
