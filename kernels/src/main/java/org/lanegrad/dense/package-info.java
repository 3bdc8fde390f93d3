/**
 * Dense (fully connected) layers: {@link org.lanegrad.dense.Dense} forward, {@link
 * org.lanegrad.dense.DenseBackward} backward, and the {@link org.lanegrad.dense.DenseTape} that the
 * one leaves for the other. Both are made of the one matrix product of {@code matmul}.
 */
package org.lanegrad.dense;
