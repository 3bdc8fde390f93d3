package org.lanegrad.verification.catalog;

import java.util.List;
import org.lanegrad.activation.Activation;
import org.lanegrad.reference.gate.UnaryGate;
import org.lanegrad.verification.compare.Tolerance;
import org.lanegrad.verification.gradcheck.Kinks;

/**
 * An activation and what it is held against.
 *
 * @param name the row's name
 * @param kernel the activation
 * @param reference the same function in double
 * @param low the lower end of the random inputs
 * @param high the upper end
 * @param forward the error allowed forward
 * @param backward the error allowed backward; its magnitude is the upstream gradient's
 * @param kinks whether the function has any
 * @param forwardFlops operations an element forward
 * @param backwardFlops operations an element backward
 */
public record UnarySpec(
    String name,
    Activation kernel,
    UnaryGate reference,
    double low,
    double high,
    Tolerance forward,
    Tolerance backward,
    Kinks kinks,
    int forwardFlops,
    int backwardFlops) {
  /** The row for the catalog. */
  public OpSpec row() {
    boolean bits = kernel.saved() == Activation.Saved.BITS;
    double forwardBytes = bits ? 8.125 : 8;
    double backwardBytes = bits ? 8.125 : 12;
    return new OpSpec(
        name,
        List.of(kernel.getClass()),
        shape -> new ElementwiseProblem(this, shape.n()),
        Domain.elementwise(low, high),
        Shapes.lengths(),
        Shapes.shortLengths(),
        Shapes.benchmarkLengths(),
        s ->
            new Cost(
                (double) forwardFlops * s.n(),
                forwardBytes * s.n(),
                (double) backwardFlops * s.n(),
                backwardBytes * s.n()));
  }
}
