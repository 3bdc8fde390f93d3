package org.lanegrad;

/**
 * Work on a block of a result while it is still in the cache: an activation, for one.
 *
 * <p>A product calls it once for each block, when all sums of the block are complete; the blocks
 * cover the result, do not overlap, and start at multiples of 64 columns. A product on several
 * threads calls it on all of them at once.
 */
@FunctionalInterface
public interface Epilogue {
  /** Works on {@code rows × columns} elements of {@code c} from (row, column) on. */
  void apply(Matrix c, int row, int column, int rows, int columns);
}
