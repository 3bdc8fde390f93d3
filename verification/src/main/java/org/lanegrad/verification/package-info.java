/**
 * The checks that every kernel passes, for this library's own and for those of others: give {@link
 * org.lanegrad.verification.OpVerifier} a row of the catalog, or one of your own.
 */
package org.lanegrad.verification;
