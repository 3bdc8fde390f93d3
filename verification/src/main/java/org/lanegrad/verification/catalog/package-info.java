/**
 * The list of all ops: one row each, with the kernel bound to its reference, its domain, its
 * tolerances and its work model. Every check, benchmark, gate and table reads it.
 */
package org.lanegrad.verification.catalog;
