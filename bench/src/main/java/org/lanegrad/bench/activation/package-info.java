/** The activations against native peers, forward and backward. */
package org.lanegrad.bench.activation;
