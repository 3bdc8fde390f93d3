/**
 * Sweeps over the floats: how far a function of one number lies from its double reference, at
 * worst.
 */
package org.lanegrad.verification.accuracy;
