package org.lanegrad.elementwise;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.VectorOperators.GT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.simd.Exp;
import org.lanegrad.simd.FloatLanes;
import org.lanegrad.simd.Fma;
import org.lanegrad.simd.Simd;

/**
 * erf by tables, where a vector has 8 or 16 lanes: polynomials in r = |x| − k·WIDTH on as many
 * intervals around k·WIDTH, of degree 6 or 5. A vector holds one coefficient of all intervals, so
 * that looking it up is one instruction.
 *
 * <p>On the first interval the lowest coefficient is 0, which keeps the relative accuracy down to
 * 0; on the last it is 1, and |x| is cut off at its centre.
 */
final class ErfTable {
  // spotless:off
  /** Coefficient d of interval k stands at 16·d + k; 6e−8 relative, most of it the rounding of d = 0. */
  private static final float[] SIXTEEN = {
    0f, 0x1.2bd9dap-2f, 0x1.1855a6p-1f, 0x1.7b0058p-1f, 0x1.bbef1p-1f, 0x1.e11a3ep-1f, 0x1.f39bc2p-1f, 0x1.fb9f6p-1f, 0x1.fea422p-1f, 0x1.ffa14ap-1f, 0x1.ffe96ap-1f, 0x1.fffb4ap-1f, 0x1.ffff24p-1f, 0x1.ffffdep-1f, 0x1.fffffcp-1f, 0x1.0p0f,
    0x1.20dd76p0f, 0x1.0d2fa4p0f, 0x1.b3aafep-1f, 0x1.32281ep-1f, 0x1.75a91ap-2f, 0x1.8c0732p-3f, 0x1.6c7e64p-4f, 0x1.2351c4p-5f, 0x1.94624ep-7f, 0x1.e7744ap-9f, 0x1.fe41cep-11f, 0x1.cfd4a6p-13f, 0x1.6e2368p-15f, 0x1.f5f7dap-18f, 0x1.2acee4p-20f, 0x1.757f3ep-19f,
    -0x1.cc80acp-17f, -0x1.1dffb8p-2f, -0x1.cee40ep-2f, -0x1.e7f094p-2f, -0x1.8d04f8p-2f, -0x1.06fbd8p-2f, -0x1.22745cp-3f, -0x1.0ee0f6p-4f, -0x1.adc094p-6f, -0x1.23a18ep-7f, -0x1.51f7bcp-9f, -0x1.51d2c8p-11f, -0x1.1d9e8p-13f, -0x1.472188p-15f, -0x1.0746e8p-16f, 0x1.d01ed6p-14f,
    -0x1.80a246p-2f, -0x1.3438a4p-2f, -0x1.fa1172p-4f, 0x1.b8d84p-5f, 0x1.3953f8p-3f, 0x1.4db376p-3f, 0x1.efba98p-4f, 0x1.1f2bep-4f, 0x1.0ea51p-5f, 0x1.a7af08p-7f, 0x1.16bfdcp-8f, 0x1.36a53ap-10f, 0x1.26b60ap-12f, 0x1.ddc7a8p-15f, 0x1.4bccf8p-17f, 0x1.f602c2p-10f,
    -0x1.87ae82p-8f, 0x1.0de38cp-3f, 0x1.7567aep-3f, 0x1.18e86ap-3f, 0x1.8cb44cp-5f, -0x1.6f095cp-6f, -0x1.90d33ap-5f, -0x1.5be348p-5f, -0x1.ab15acp-6f, -0x1.8a161ep-7f, -0x1.54e9e2p-8f, -0x1.adeb48p-10f, -0x1.2cb67p-11f, 0x1.56825ep-11f, 0x1.4d759cp-11f, 0x1.d7db52p-7f,
    0x1.135ceap-3f, 0x1.2d88e6p-4f, -0x1.14bceap-10f, -0x1.e4dcb2p-5f, -0x1.0e380ap-4f, -0x1.2ed462p-5f, -0x1.52c7a4p-8f, 0x1.66b478p-7f, 0x1.97e888p-7f, 0x1.088e0ep-7f, 0x1.f5c698p-9f, 0x1.768378p-10f, 0x1.c65bdcp-12f, 0x1.c83bf2p-14f, 0x1.7f4748p-16f, 0x1.42f754p-5f,
  };

  /** At 8·d + k, likewise. */
  private static final float[] EIGHT = {
    0f, 0x1.25b8a8p-1f, 0x1.c6dad2p-1f, 0x1.f74a6ep-1f, 0x1.ff4048p-1f, 0x1.fff6dep-1f, 0x1.ffffc4p-1f, 0x1.0p0f,
    0x1.20dd76p0f, 0x1.a50758p-1f, 0x1.45e9b2p-2f, 0x1.0bf94cp-4f, 0x1.d4143cp-8f, 0x1.b23a5ap-12f, 0x1.abe0a2p-17f, 0x1.734578p-19f,
    -0x1.731aeep-17f, -0x1.d9a80ap-2f, -0x1.6ea6d2p-2f, -0x1.c435c8p-4f, -0x1.075b92p-6f, -0x1.2fc2dcp-10f, -0x1.9c71c6p-15f, 0x1.2d974cp-14f,
    -0x1.80ce38p-2f, -0x1.9c6fc8p-4f, 0x1.4c9c7cp-3f, 0x1.a385a2p-4f, 0x1.63f346p-6f, 0x1.0c093ap-9f, 0x1.835ebp-14f, 0x1.d1bed2p-11f,
    -0x1.ec9bb2p-9f, 0x1.75add6p-3f, 0x1.cb0a56p-6f, -0x1.962dbap-5f, -0x1.36bbeap-6f, -0x1.5f797cp-9f, 0x1.0ca4bep-14f, 0x1.57ce7cp-8f,
    0x1.0c533p-3f, -0x1.3a69d2p-7f, -0x1.ec1aa2p-5f, 0x1.0069c4p-9f, 0x1.5b4cfep-7f, 0x1.253528p-9f, 0x1.6cabc4p-13f, 0x1.e94bfap-7f,
    -0x1.386c12p-5f, -0x1.75f244p-5f, 0x1.dc66d2p-7f, 0x1.7cbeb2p-7f, -0x1.ea6d7ap-9f, 0x1.825124p-13f, -0x1.ecf256p-10f, 0x1.0b4b56p-6f,
  };
  // spotless:on

  /** As many as a vector has lanes; the scalar loop takes what the lanes of this JVM take. */
  private static final int K = Simd.lanes() == 8 ? 8 : 16;

  private static final int DEGREE = K == 8 ? 6 : 5;
  private static final float[] TABLE = K == 8 ? EIGHT : SIXTEEN;

  /** Of an interval; k times it is exact. */
  private static final float WIDTH = K == 8 ? 0.5625f : 0.265625f;

  /** The centre of the last interval, where erf rounds to 1. */
  private static final float FAR = (K - 1) * WIDTH;

  private ErfTable() {}

  /** Whether the tables are of use: not on 4 lanes, which would hold too few intervals. */
  static boolean fits() {
    return Simd.lanes() == 16 || Simd.lanes() == 8 || !Simd.LANES;
  }

  static void forward(float[] x, int xFrom, float[] y, int yFrom, int length) {
    if (Simd.fills(length)) {
      Lanes.forward(x, xFrom, y, yFrom, length);
      return;
    }
    for (int i = 0; i < length; i++) {
      y[yFrom + i] = erf(x[xFrom + i]);
    }
  }

  private static float erf(float x) {
    float a = Math.abs(x);
    a = a > FAR ? FAR : a;
    float n = Fma.of(a, 1f / WIDTH, Exp.ROUND) - Exp.ROUND;
    float r = Fma.of(n, -WIDTH, a);
    int k = (int) n;
    float p = TABLE[DEGREE * K + k];
    for (int d = DEGREE - 1; d >= 0; d--) {
      p = Fma.of(p, r, TABLE[d * K + k]);
    }
    return Math.copySign(p, x);
  }

  private static final class Lanes {
    private static final VectorSpecies<Float> S = FloatLanes.SPECIES;
    private static final int L = FloatLanes.COUNT;
    private static final int SIGN = 0x80000000;

    static void forward(float[] from, int xFrom, float[] to, int yFrom, int length) {
      FloatVector c0 = fromArray(S, TABLE, 0);
      FloatVector c1 = fromArray(S, TABLE, K);
      FloatVector c2 = fromArray(S, TABLE, 2 * K);
      FloatVector c3 = fromArray(S, TABLE, 3 * K);
      FloatVector c4 = fromArray(S, TABLE, 4 * K);
      FloatVector c5 = fromArray(S, TABLE, 5 * K);
      FloatVector c6 = L == 8 ? fromArray(S, TABLE, 6 * K) : c5;
      int last = length - L;
      FloatVector lastX = fromArray(S, from, xFrom + last);
      for (int pass = 0; pass < 2; pass++) {
        int start = pass == 0 ? 0 : last;
        int count = pass == 0 ? last : L;
        for (int j = 0; j < count; j += L) {
          int i = start + j;
          FloatVector x = pass == 0 ? fromArray(S, from, xFrom + i) : lastX;
          FloatVector a = x.abs();
          a = a.blend(FAR, a.compare(GT, FAR));
          FloatVector n = a.fma(broadcast(S, 1f / WIDTH), broadcast(S, Exp.ROUND));
          n = n.sub(Exp.ROUND);
          FloatVector r = n.fma(broadcast(S, -WIDTH), a);
          FloatVector p = n.selectFrom(L == 8 ? c6 : c5);
          if (L == 8) {
            p = p.fma(r, n.selectFrom(c5));
          }
          p = p.fma(r, n.selectFrom(c4));
          p = p.fma(r, n.selectFrom(c3));
          p = p.fma(r, n.selectFrom(c2));
          p = p.fma(r, n.selectFrom(c1));
          p = p.fma(r, n.selectFrom(c0));
          IntVector sign = x.reinterpretAsInts().and(SIGN);
          FloatVector value = p.reinterpretAsInts().or(sign).reinterpretAsFloats();
          value.intoArray(to, yFrom + i);
        }
      }
    }
  }
}
