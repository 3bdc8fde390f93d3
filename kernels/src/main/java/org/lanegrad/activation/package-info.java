/**
 * Elementwise activations, each with its fused backward.
 *
 * <p>What holds for all of them:
 *
 * <ul>
 *   <li><b>Shapes</b>: {@code length} elements from the given index of each array; length 0 is
 *       fine.
 *   <li><b>Aliasing</b>: an output may be the very range of an input (in place); partial overlap is
 *       an error.
 *   <li><b>Determinism</b>: an element's result depends on its value alone, not on where it stands,
 *       and it has the same bits on every vector width and in the scalar loop; but for GELU, which
 *       reads tables on 16 and on 8 lanes, of different sizes, and computes on 4. (Short arrays
 *       take what the lanes of the same JVM take.)
 *   <li><b>Accuracy</b>: the bounds are those of the catalog. Tanh was swept over all floats, the
 *       others over every sixty-first block of 4,096, which is some in every binade; {@code
 *       -Pexhaustive} sweeps them all.
 *   <li><b>Special values</b>: NaN in gives NaN out.
 *   <li><b>Errors</b>: {@link java.lang.NullPointerException} for a null array, {@link
 *       java.lang.IllegalArgumentException} for a range outside its array or a partial overlap,
 *       before anything is written.
 * </ul>
 */
package org.lanegrad.activation;
