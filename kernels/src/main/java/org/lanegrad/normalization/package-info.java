/**
 * Softmax and its kin, and layer normalization, row by row of a matrix, each with its backward
 * pass.
 *
 * <p>What holds for all of them:
 *
 * <ul>
 *   <li><b>Shapes</b>: all matrices have the shape of the input; no rows or no columns is fine.
 *   <li><b>Aliasing</b>: an output may be the very input or upstream gradient (in place); partial
 *       overlap is an error.
 *   <li><b>Determinism</b>: a row has the same bits alone as in any batch, wherever it lies. Sums
 *       are added by lanes, so the last bits may depend on the vector width.
 *   <li><b>Errors</b>: {@link java.lang.NullPointerException} for a missing argument, {@link
 *       java.lang.IllegalArgumentException} otherwise, before anything is written.
 * </ul>
 */
package org.lanegrad.normalization;
