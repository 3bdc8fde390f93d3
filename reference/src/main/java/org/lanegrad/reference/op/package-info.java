/**
 * One class an op: its forward formula, written once for every kind of number, and its Jacobian,
 * entry by entry. Matrices are flattened row by row.
 */
package org.lanegrad.reference.op;
