package org.lanegrad.activation;

import static jdk.incubator.vector.FloatVector.broadcast;
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
    if (Simd.LANES) {
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
    if (Simd.LANES) {
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
      int block = 0;
      for (int end = length & ~63; block < end; block += 64) {
        long word = bits[bitsFrom + (block >>> 6)];
        for (int i = 0; i < 64; i += L) {
          VectorMask<Float> on = VectorMask.fromLong(S, word >>> i);
          FloatVector.fromArray(S, upstream, upstreamFrom + block + i)
              .mul(slopes.blend(within, on))
              .intoArray(downstream, downstreamFrom + block + i);
        }
      }
      for (; block < length; block++) {
        boolean on = (bits[bitsFrom + (block >>> 6)] >>> block & 1) != 0;
        downstream[downstreamFrom + block] =
            upstream[upstreamFrom + block] * (on ? within : outside);
      }
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
      for (int k = 0, vectors = Simd.vectors(n); k < vectors; k++) {
        VectorMask<Float> tail = S.indexInRange(k * L, n);
        FloatVector v = FloatVector.fromArray(S, y, yFrom + k * L, tail);
        VectorMask<Float> out = v.compare(LE, low).or(v.compare(GE, high));
        FloatVector.fromArray(S, upstream, upstreamFrom + k * L, tail)
            .mul(slopes.blend(outside, out))
            .intoArray(downstream, downstreamFrom + k * L, tail);
      }
    }
  }
}
