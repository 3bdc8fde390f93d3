/**
 * The ways to a value or a derivative of an op or a graph, which share as little as can be: the
 * Jacobian transposed times the upstream gradient, dual numbers, a chain of Jacobians multiplied
 * from either end, the sum over paths, differences, and backward passes of backward passes.
 */
package org.lanegrad.reference.diff;
