/**
 * Sums, dot products and extrema of an array, in an order that depends on its length and the vector
 * width alone: not on where it lies, nor on threads.
 */
package org.lanegrad.reduction;
