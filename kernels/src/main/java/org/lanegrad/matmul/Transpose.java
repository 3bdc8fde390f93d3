package org.lanegrad.matmul;

import static jdk.incubator.vector.FloatVector.fromArray;

import java.util.List;
import java.util.stream.IntStream;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.simd.FloatLanes;

/**
 * to[j, i] = scale · from[i, j] for a square of one vector's width, in log₂(lanes) stages (J. O.
 * Eklundh, A Fast Computer Method for Matrix Transposing, 1972).
 *
 * <p>Stage by stage, with a step of half the width, a quarter, … 1, the rows i and i + step
 * exchange their off-diagonal blocks of {@code step} lanes: two shuffles and two blends for each
 * pair of rows. Two stages at a time are done on four rows in registers; between them lies a
 * scratch square, which stays in the L1 cache.
 */
final class Transpose {
  private static final VectorSpecies<Float> S = FloatLanes.SPECIES;
  private static final int L = FloatLanes.COUNT;

  /**
   * By k: lane i takes lane i + k, around the end. Made once: made in each call, they were boxed in
   * some JVMs (6 kB for a square of 64).
   */
  private static final List<VectorShuffle<Float>> ROTATED =
      IntStream.range(0, L).mapToObj(k -> VectorShuffle.iota(S, k, 1, true)).toList();

  private Transpose() {}

  /** The most squares of one call: 16 kB of scratch at the most are half of an L1 cache. */
  static final int SQUARES = 4;

  /** The room that {@link #squares} needs between its stages. */
  static int scratchLength() {
    return SQUARES * L * L;
  }

  /**
   * Transposes up to {@link #SQUARES} squares that lie beside each other in {@code from}, so that
   * cache lines are read in the order of storage, and come to lie below each other in {@code to}.
   */
  static void squares(
      int count,
      float[] from,
      int fromOffset,
      int fromRow,
      float scale,
      float[] to,
      int toOffset,
      int toRow,
      float[] scratch) {
    int down = L * toRow;
    if (L == 4) {
      twoStages(2, count, from, fromOffset, fromRow, L, scale, to, toOffset, toRow, down);
      return;
    }
    twoStages(L / 2, count, from, fromOffset, fromRow, L, scale, scratch, 0, L, L * L);
    if (L == 16) {
      twoStages(2, count, scratch, 0, L, L * L, 1f, to, toOffset, toRow, down);
    } else {
      lastStage(count, scratch, to, toOffset, toRow);
    }
  }

  /** The stages of {@code step} and {@code step / 2}, on four rows of a square at a time. */
  private static void twoStages(
      int step,
      int count,
      float[] from,
      int fromOffset,
      int fromRow,
      int fromNext,
      float scale,
      float[] to,
      int toOffset,
      int toRow,
      int toNext) {
    int half = step / 2;
    VectorShuffle<Float> up = ROTATED.get(L - step);
    VectorShuffle<Float> down = ROTATED.get(step);
    VectorShuffle<Float> upHalf = ROTATED.get(L - half);
    VectorShuffle<Float> downHalf = ROTATED.get(half);
    VectorMask<Float> high = VectorMask.fromLong(S, highLanes(step));
    VectorMask<Float> highHalf = VectorMask.fromLong(S, highLanes(half));
    for (int group = 0; group < L / 4; group++) {
      int i = (group & -half) * 4 | group & half - 1;
      for (int square = 0; square < count; square++) {
        int source = fromOffset + square * fromNext + i * fromRow;
        int target = toOffset + square * toNext + i * toRow;
        FloatVector a = fromArray(S, from, source).mul(scale);
        FloatVector b = fromArray(S, from, source + half * fromRow).mul(scale);
        FloatVector c = fromArray(S, from, source + step * fromRow).mul(scale);
        FloatVector d = fromArray(S, from, source + (step + half) * fromRow).mul(scale);
        FloatVector ac = a.blend(c.rearrange(up), high);
        FloatVector ca = a.rearrange(down).blend(c, high);
        FloatVector bd = b.blend(d.rearrange(up), high);
        FloatVector db = b.rearrange(down).blend(d, high);
        ac.blend(bd.rearrange(upHalf), highHalf).intoArray(to, target);
        ac.rearrange(downHalf).blend(bd, highHalf).intoArray(to, target + half * toRow);
        ca.blend(db.rearrange(upHalf), highHalf).intoArray(to, target + step * toRow);
        ca.rearrange(downHalf).blend(db, highHalf).intoArray(to, target + (step + half) * toRow);
      }
    }
  }

  /** The stage of step 1 alone, where the number of stages is odd. */
  private static void lastStage(int count, float[] from, float[] to, int toOffset, int toRow) {
    VectorShuffle<Float> up = ROTATED.get(L - 1);
    VectorShuffle<Float> down = FloatLanes.ROTATED_1;
    VectorMask<Float> high = VectorMask.fromLong(S, highLanes(1));
    for (int row = 0; row < count * L; row += 2) {
      int target = toOffset + row * toRow;
      FloatVector a = fromArray(S, from, row * L);
      FloatVector b = fromArray(S, from, (row + 1) * L);
      a.blend(b.rearrange(up), high).intoArray(to, target);
      a.rearrange(down).blend(b, high).intoArray(to, target + toRow);
    }
  }

  /** A bit for each lane whose number has the bit {@code step}. */
  private static long highLanes(int step) {
    long block = (1L << step) - 1 << step;
    long bits = 0;
    for (int lane = 0; lane < L; lane += 2 * step) {
      bits |= block << lane;
    }
    return bits;
  }
}
