/**
 * The main job: a dense network that learns handwritten digits with the SIMD kernels, from real
 * data or from a generator of the same format.
 */
package org.lanegrad.bench.digits;
