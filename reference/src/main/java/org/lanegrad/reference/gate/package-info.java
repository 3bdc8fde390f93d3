/**
 * Scalar gates: the formula of each, its local derivatives beside it, each written once.
 *
 * <p>A gate's formulas are generic in their numbers. Over {@link
 * org.apache.commons.math3.util.Decimal64} they give values, over dual numbers derivatives, over
 * {@link org.lanegrad.reference.graph.Recorded} numbers a graph. {@link
 * org.lanegrad.reference.op.Elementwise} spreads a gate over vectors and matrices.
 */
package org.lanegrad.reference.gate;
