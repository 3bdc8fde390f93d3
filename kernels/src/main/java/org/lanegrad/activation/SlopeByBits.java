package org.lanegrad.activation;

import static jdk.incubator.vector.FloatVector.broadcast;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.simd.FloatLanes;
import org.lanegrad.simd.Simd;

/** downstream = upstream · (one slope where the bit is set, another elsewhere). */
final class SlopeByBits {
  private SlopeByBits() {}

  static void backward(
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
      Lanes.backward(
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

  private static final class Lanes {
    private static final VectorSpecies<Float> S = FloatLanes.SPECIES;
    private static final int L = FloatLanes.COUNT;

    static void backward(
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
  }
}
