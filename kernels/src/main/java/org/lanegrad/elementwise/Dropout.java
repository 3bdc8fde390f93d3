package org.lanegrad.elementwise;

import static jdk.incubator.vector.FloatVector.fromArray;

import java.util.Locale;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.activation.Activation;
import org.lanegrad.simd.FloatLanes;
import org.lanegrad.simd.Simd;

/**
 * y_i = s·x_i if element i is kept, else 0, with s = 1 / (1 − rate) rounded to fp32, so that the
 * mean stays; dx_i = s·dy_i if element i is kept, else 0: the same pass.
 *
 * <p>Whether an element is kept follows from a draw and its index alone, through a hash of 32 bits:
 * nothing is saved for the backward pass, and lanes, parts and threads can't change it.
 *
 * <ul>
 *   <li><b>Accuracy</b>: what is kept is rounded once, 0.5 ULP; lanes and scalar loop have the same
 *       bits. The share that is dropped is the rate rounded to a multiple of 2⁻²⁴.
 *   <li><b>Special values</b>: 0 where an infinite or NaN element is dropped.
 *   <li><b>Cost</b>: 8 bytes and 12 operations of ints an element.
 * </ul>
 *
 * <p><b>Source</b>: N. Srivastava et al., Dropout, 2014; the hash is one of C. Wellons, Prospecting
 * for Hash Functions, 2018.
 */
public final class Dropout {
  private static final int BITS = 24;
  private static final int INDEX = 0x9e3779b9;
  private static final int FIRST = 0x21f0aaad;
  private static final int SECOND = 0x735a2d97;

  private Dropout() {}

  /**
   * Drops elements of a row; of an upstream gradient with the same draw it makes the downstream
   * one.
   *
   * @param rate how often an element is dropped, from 0 to less than 1
   * @param draw a random number for this row
   * @param y may be x at the same place
   * @throws IllegalArgumentException if the rate is another, a range does not fit, or x and y
   *     overlap in part
   */
  public static void apply(
      float rate, int draw, float[] x, int xFrom, float[] y, int yFrom, int length) {
    checkRate(rate);
    Activation.checkForward(x, xFrom, y, yFrom, length);
    float scale = 1f / (1f - rate);
    int dropped = Math.round(rate * (1 << BITS));
    if (Simd.fills(length)) {
      Lanes.apply(scale, dropped, draw, x, xFrom, y, yFrom, length);
      return;
    }
    for (int i = 0; i < length; i++) {
      int h = draw + i * INDEX;
      h = (h ^ h >>> 16) * FIRST;
      h = (h ^ h >>> 15) * SECOND;
      h = (h ^ h >>> 15) >>> Integer.SIZE - BITS;
      // no branch on what is random: it would be guessed wrong as often as right
      int kept = dropped - 1 - h >> 31;
      y[yFrom + i] = Float.intBitsToFloat(Float.floatToRawIntBits(scale * x[xFrom + i]) & kept);
    }
  }

  /**
   * Throws unless a rate is one.
   *
   * @throws IllegalArgumentException if it is not within 0 … 1, or 1
   */
  public static void checkRate(float rate) {
    if (!(rate >= 0 && rate < 1)) {
      throw new IllegalArgumentException(
          String.format(Locale.ROOT, "rate is %s, expected 0 or more, and less than 1", rate));
    }
  }

  private static final class Lanes {
    private static final VectorSpecies<Float> S = FloatLanes.SPECIES;
    private static final VectorSpecies<Integer> I = VectorSpecies.of(int.class, S.vectorShape());
    private static final int L = FloatLanes.COUNT;

    static void apply(
        float scale,
        int dropped,
        int draw,
        float[] x,
        int xFrom,
        float[] y,
        int yFrom,
        int length) {
      int last = length - L;
      FloatVector lastX = fromArray(S, x, xFrom + last);
      IntVector places = IntVector.zero(I).addIndex(1).mul(INDEX).add(draw);
      for (int pass = 0; pass < 2; pass++) {
        int start = pass == 0 ? 0 : last;
        int count = pass == 0 ? last : L;
        for (int j = 0; j < count; j += L) {
          int i = start + j;
          FloatVector x0 = pass == 0 ? fromArray(S, x, xFrom + i) : lastX;
          IntVector h = places.add(i * INDEX);
          h = h.lanewise(VectorOperators.LSHR, 16).lanewise(VectorOperators.XOR, h).mul(FIRST);
          h = h.lanewise(VectorOperators.LSHR, 15).lanewise(VectorOperators.XOR, h).mul(SECOND);
          h = h.lanewise(VectorOperators.LSHR, 15).lanewise(VectorOperators.XOR, h);
          // all ones where it is kept, without a mask: (dropped − 1 − bits) < 0
          IntVector kept =
              h.lanewise(VectorOperators.LSHR, Integer.SIZE - BITS)
                  .neg()
                  .add(dropped - 1)
                  .lanewise(VectorOperators.ASHR, 31);
          x0.mul(scale).reinterpretAsInts().and(kept).reinterpretAsFloats().intoArray(y, yFrom + i);
        }
      }
    }
  }
}
