package org.lanegrad.activation;

/**
 * y = ½·x·(1 + tanh(√(2/π)·(x + 0.044715·x³))), which is x·σ(z) with z = x·(c₁ + c₃·x²); downstream
 * = upstream · (σ(z) + x·z′·σ(z)·(1 − σ(z))), from the saved input.
 *
 * <p>Computed by tables where a vector has 8 or 16 lanes (and one by one), else by the exponential.
 *
 * <ul>
 *   <li><b>Accuracy</b>: forward 4 ULP for x &gt; −3.7, 2^−30 below (from −6.35 on it may come out
 *       as 0); on vectors of 4 lanes 4 ULP or 2^−23, whichever is more. Backward 5 · 2^−24 ·
 *       |upstream|.
 *   <li><b>Special values</b>: geluTanh(−Inf) = 0 and geluTanh(+Inf) = Inf, with gradients 0 and 1;
 *       geluTanh(±0) = ±0.
 *   <li><b>Cost</b>: 24 flops an element either way (29 on 8 lanes, 45 on 4), 8 bytes forward and
 *       12 backward.
 *   <li><b>Source</b>: D. Hendrycks, K. Gimpel, Gaussian Error Linear Units (2016).
 * </ul>
 */
public record GeluTanh() implements Activation {
  @Override
  public Saved saved() {
    return Saved.INPUT;
  }

  @Override
  public void forward(float[] x, int xFrom, float[] y, int yFrom, int length) {
    Activation.checkForward(x, xFrom, y, yFrom, length);
    if (GeluTable.fits()) {
      GeluTable.TANH.forward(x, xFrom, y, yFrom, length);
    } else {
      GeluTanhNarrow.forward(x, xFrom, y, yFrom, length);
    }
  }

  @Override
  public void backward(
      float[] upstream,
      int upstreamFrom,
      float[] saved,
      int savedFrom,
      float[] downstream,
      int downstreamFrom,
      int length) {
    Activation.checkBackward(
        upstream, upstreamFrom, saved, savedFrom, downstream, downstreamFrom, length);
    if (GeluTable.fits()) {
      GeluTable.TANH.backward(
          upstream, upstreamFrom, saved, savedFrom, downstream, downstreamFrom, length);
    } else {
      GeluTanhNarrow.backward(
          upstream, upstreamFrom, saved, savedFrom, downstream, downstreamFrom, length);
    }
  }
}
