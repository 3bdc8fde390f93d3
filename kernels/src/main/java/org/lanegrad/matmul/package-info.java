/**
 * Matrix products: C = α·A·B + β·C over {@link org.lanegrad.Matrix} views.
 *
 * <p>From the outside in: {@link org.lanegrad.matmul.Gemm} checks and chooses the path by shape;
 * {@code TiledGemm} walks blocks that fit the caches; {@code Packing} copies what would be read
 * badly in place, {@code Panels} hold it, as floats or as {@code Halves}; {@code MicroKernel}
 * computes one register tile and knows nothing of transposition, blocking or scaling; {@code
 * RowTile} computes a single row from panels; {@code StreamedGemm} serves a handful of rows where B
 * is not packed, and tiles would read it too slowly.
 *
 * <p>Every path adds the products of an element in the same order, k ascending, each by one fused
 * multiply-add onto the running sum, which starts from β·C (or from the bias). So an element's bits
 * depend on its row of A, its column of B and its start alone.
 */
package org.lanegrad.matmul;
