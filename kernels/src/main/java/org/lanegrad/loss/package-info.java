/** Losses: where a backward pass starts. Value and gradient come from one pass over the logits. */
package org.lanegrad.loss;
