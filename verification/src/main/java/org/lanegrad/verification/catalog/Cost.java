package org.lanegrad.verification.catalog;

/**
 * The work model of an op at one shape.
 *
 * @param forwardFlops floating-point operations of the forward pass; an fma counts as two
 * @param forwardBytes bytes that the forward pass must read and write
 * @param backwardFlops the same of the backward pass
 * @param backwardBytes the same of the backward pass
 */
public record Cost(
    double forwardFlops, double forwardBytes, double backwardFlops, double backwardBytes) {
  /** What a measured ratio may exceed the model by: loop ends, checks, packing. */
  private static final double HEADROOM = 1.3;

  /** For an op without a backward pass. */
  public static Cost forwardOnly(double flops, double bytes) {
    return new Cost(flops, bytes, 0, 0);
  }

  /**
   * The largest backward / forward ratio that the model allows: whichever of arithmetic and memory
   * limits either pass, the ratio is at most the larger of the two ratios.
   */
  public double ratioLimit() {
    return HEADROOM * Math.max(backwardFlops / forwardFlops, backwardBytes / forwardBytes);
  }
}
