/**
 * The ways to a value or a derivative of any {@link org.lanegrad.reference.op.Op}: evaluation, the
 * Jacobian transposed times the upstream gradient (reverse mode), and dual numbers (forward mode).
 */
package org.lanegrad.reference.diff;
