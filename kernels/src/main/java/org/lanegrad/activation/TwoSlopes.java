package org.lanegrad.activation;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.LE;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.simd.FloatLanes;
import org.lanegrad.simd.Simd;

/** downstream = upstream · (one slope within a range, another outside). */
final class TwoSlopes {
  private TwoSlopes() {}

  /**
   * The bits of the elements {@code from … length − 1}, at most 64, from the lowest bit on; they
   * may lie in two words. What stands above them has no meaning.
   */
  static long window(long[] bits, int bitsFrom, int from, int length) {
    long first = bits[bitsFrom + (from >>> 6)] >>> from;
    // in two steps, since a shift by 64 is none; where both words are the same, these bits lie
    // above
    return first | bits[bitsFrom + (length - 1 >>> 6)] << 1 << ~from;
  }

  /** Within where the bit is set. */
  static void fromBits(
      float[] upstream,
      int upstreamFrom,
      long[] bits,
      int bitsFrom,
      float[] downstream,
      int downstreamFrom,
      int length,
      float within,
      float outside) {
    if (Simd.fills(length)) {
      Lanes.fromBits(
          upstream,
          upstreamFrom,
          bits,
          bitsFrom,
          downstream,
          downstreamFrom,
          length,
          within,
          outside);
      return;
    }
    for (int i = 0; i < length; i++) {
      boolean on = (bits[bitsFrom + (i >>> 6)] >>> i & 1) != 0;
      downstream[downstreamFrom + i] = upstream[upstreamFrom + i] * (on ? within : outside);
    }
  }

  /** Within where low < y < high; a limit that is NaN is none. */
  static void fromOutput(
      float[] upstream,
      int upstreamFrom,
      float[] y,
      int yFrom,
      float low,
      float high,
      float[] downstream,
      int downstreamFrom,
      int length,
      float within,
      float outside) {
    if (Simd.fills(length)) {
      Lanes.fromOutput(
          upstream,
          upstreamFrom,
          y,
          yFrom,
          low,
          high,
          downstream,
          downstreamFrom,
          length,
          within,
          outside);
      return;
    }
    for (int i = 0; i < length; i++) {
      boolean out = y[yFrom + i] <= low || y[yFrom + i] >= high;
      downstream[downstreamFrom + i] = upstream[upstreamFrom + i] * (out ? outside : within);
    }
  }

  private static final class Lanes {
    private static final VectorSpecies<Float> S = FloatLanes.SPECIES;
    private static final int L = FloatLanes.COUNT;

    static void fromBits(
        float[] upstream,
        int upstreamFrom,
        long[] bits,
        int bitsFrom,
        float[] downstream,
        int downstreamFrom,
        int length,
        float within,
        float outside) {
      FloatVector slopes = broadcast(S, outside);
      int lastBlock = length - 1 & ~63;
      int last = length - L;
      FloatVector lastUpstream = fromArray(S, upstream, upstreamFrom + last);
      for (int block = 0; block < lastBlock; block += 64) {
        long word = bits[bitsFrom + (block >>> 6)];
        for (int i = 0; i < 64; i += L) {
          VectorMask<Float> on = VectorMask.fromLong(S, word >>> i);
          fromArray(S, upstream, upstreamFrom + block + i)
              .mul(slopes.blend(within, on))
              .intoArray(downstream, downstreamFrom + block + i);
        }
      }
      long word = bits[bitsFrom + (lastBlock >>> 6)];
      for (int i = lastBlock; i < last; i += L) {
        VectorMask<Float> on = VectorMask.fromLong(S, word >>> i);
        fromArray(S, upstream, upstreamFrom + i)
            .mul(slopes.blend(within, on))
            .intoArray(downstream, downstreamFrom + i);
      }
      long ofLast = window(bits, bitsFrom, last, length);
      lastUpstream
          .mul(slopes.blend(within, VectorMask.fromLong(S, ofLast)))
          .intoArray(downstream, downstreamFrom + last);
    }

    static void fromOutput(
        float[] upstream,
        int upstreamFrom,
        float[] y,
        int yFrom,
        float low,
        float high,
        float[] downstream,
        int downstreamFrom,
        int n,
        float within,
        float outside) {
      FloatVector slopes = broadcast(S, within);
      int last = n - L;
      FloatVector lastY = fromArray(S, y, yFrom + last);
      FloatVector lastUpstream = fromArray(S, upstream, upstreamFrom + last);
      for (int pass = 0; pass < 2; pass++) {
        int start = pass == 0 ? 0 : last;
        int count = pass == 0 ? last : L;
        for (int j = 0; j < count; j += L) {
          int i = start + j;
          FloatVector v = pass == 0 ? fromArray(S, y, yFrom + i) : lastY;
          FloatVector dy = pass == 0 ? fromArray(S, upstream, upstreamFrom + i) : lastUpstream;
          VectorMask<Float> out = v.compare(LE, low).or(v.compare(GE, high));
          dy.mul(slopes.blend(outside, out)).intoArray(downstream, downstreamFrom + i);
        }
      }
    }
  }
}
