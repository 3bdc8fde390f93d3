/** Normalizations, losses and optimizers against native peers and against memory. */
package org.lanegrad.bench.normalization;
