/** Optimizers: one fused pass over parameters and gradients. */
package org.lanegrad.optimizer;
