package org.lanegrad.activation;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.LE;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.simd.FloatLanes;

/**
 * The forward passes of {@link PiecewiseLinear} by lanes. Without a leak the loop is one of its
 * own: asked within the loop, the question takes twice the time (0.13 ns an element for 0.07).
 */
final class PiecewiseLinearLanes {
  private static final VectorSpecies<Float> S = FloatLanes.SPECIES;
  private static final int L = FloatLanes.COUNT;

  private PiecewiseLinearLanes() {}

  static void forward(float[] x, int xFrom, float[] y, int yFrom, int length, PiecewiseLinear f) {
    if (f.leak() == 0f) {
      flat(x, xFrom, y, yFrom, length, f);
    } else {
      leaking(x, xFrom, y, yFrom, length, f);
    }
  }

  private static void flat(
      float[] x, int xFrom, float[] y, int yFrom, int length, PiecewiseLinear f) {
    FloatVector a = broadcast(S, f.a());
    FloatVector b = broadcast(S, f.b());
    FloatVector floor = broadcast(S, f.floor());
    float low = PiecewiseLinear.end(f.low());
    float high = PiecewiseLinear.end(f.high());
    int i = 0;
    for (int end = S.loopBound(length); i < end; i += L) {
      FloatVector t = fromArray(S, x, xFrom + i).fma(a, b);
      FloatVector v = t.blend(floor, t.compare(LE, low)).blend(high, t.compare(GE, high));
      v.intoArray(y, yFrom + i);
    }
    if (i < length) {
      VectorMask<Float> tail = S.indexInRange(i, length);
      FloatVector t = fromArray(S, x, xFrom + i, tail).fma(a, b);
      FloatVector v = t.blend(floor, t.compare(LE, low)).blend(high, t.compare(GE, high));
      v.intoArray(y, yFrom + i, tail);
    }
  }

  private static void leaking(
      float[] x, int xFrom, float[] y, int yFrom, int length, PiecewiseLinear f) {
    FloatVector a = broadcast(S, f.a());
    FloatVector b = broadcast(S, f.b());
    FloatVector leak = broadcast(S, f.leak());
    FloatVector floor = broadcast(S, f.floor());
    float low = PiecewiseLinear.end(f.low());
    float high = PiecewiseLinear.end(f.high());
    int i = 0;
    for (int end = S.loopBound(length); i < end; i += L) {
      FloatVector t = fromArray(S, x, xFrom + i).fma(a, b);
      FloatVector v = t.blend(t.fma(leak, floor), t.compare(LE, low));
      v.blend(high, t.compare(GE, high)).intoArray(y, yFrom + i);
    }
    if (i < length) {
      VectorMask<Float> tail = S.indexInRange(i, length);
      FloatVector t = fromArray(S, x, xFrom + i, tail).fma(a, b);
      FloatVector v = t.blend(t.fma(leak, floor), t.compare(LE, low));
      v.blend(high, t.compare(GE, high)).intoArray(y, yFrom + i, tail);
    }
  }

  static void forward(
      float[] x,
      int xFrom,
      float[] y,
      int yFrom,
      long[] bits,
      int bitsFrom,
      int length,
      PiecewiseLinear f) {
    FloatVector a = broadcast(S, f.a());
    FloatVector b = broadcast(S, f.b());
    float low = PiecewiseLinear.end(f.low());
    float high = PiecewiseLinear.end(f.high());
    float leak = f.leak();
    FloatVector floor = broadcast(S, f.floor());
    int block = 0;
    for (int end = length & ~63; block < end; block += 64) {
      long word = 0;
      for (int i = 0; i < 64; i += L) {
        FloatVector t = fromArray(S, x, xFrom + block + i).fma(a, b);
        VectorMask<Float> below = t.compare(LE, low);
        VectorMask<Float> above = t.compare(GE, high);
        FloatVector under = leak == 0f ? floor : t.fma(broadcast(S, leak), floor);
        t.blend(under, below).blend(high, above).intoArray(y, yFrom + block + i);
        word |= below.or(above).toLong() << i;
      }
      bits[bitsFrom + (block >>> 6)] = ~word;
    }
    if (block < length) {
      long word = 0;
      for (int i = 0; i < length - block; i += L) {
        VectorMask<Float> tail = S.indexInRange(i, length - block);
        FloatVector t = fromArray(S, x, xFrom + block + i, tail).fma(a, b);
        VectorMask<Float> below = t.compare(LE, low);
        VectorMask<Float> above = t.compare(GE, high);
        FloatVector under = leak == 0f ? floor : t.fma(broadcast(S, leak), floor);
        t.blend(under, below).blend(high, above).intoArray(y, yFrom + block + i, tail);
        word |= below.or(above).toLong() << i;
      }
      bits[bitsFrom + (block >>> 6)] = ~word & -1L >>> -length;
    }
  }
}
