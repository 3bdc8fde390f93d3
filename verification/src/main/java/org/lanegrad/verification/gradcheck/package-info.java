/**
 * Numeric gradient checks: an analytic gradient against two-sided differences of the very function
 * that it claims to be the gradient of.
 */
package org.lanegrad.verification.gradcheck;
