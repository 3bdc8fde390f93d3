/**
 * The gates of a computational graph over arrays, each with its backward pass: the arithmetic ones,
 * and exp, expm1, log, log1p and erf, which share the formulas of the activations.
 *
 * <p>What holds for all of them:
 *
 * <ul>
 *   <li><b>Shapes</b>: {@code length} elements from the given index of each array; length 0 is
 *       fine.
 *   <li><b>Aliasing</b>: an output may be the very range of an input of the same pass; partial
 *       overlap is an error, and so are two outputs that share an element.
 *   <li><b>Accuracy</b>: each element of an arithmetic gate is rounded once.
 *   <li><b>Special values</b>: as IEEE arithmetic says; NaN in gives NaN out.
 *   <li><b>Determinism</b>: the same bits on every vector width and in the scalar loop, but for the
 *       forward pass of erf, which reads tables of different sizes on 16 and 8 lanes and computes
 *       on 4.
 *   <li><b>Errors</b>: {@link java.lang.NullPointerException} for a null array, {@link
 *       java.lang.IllegalArgumentException} otherwise, before anything is written.
 * </ul>
 */
package org.lanegrad.elementwise;
