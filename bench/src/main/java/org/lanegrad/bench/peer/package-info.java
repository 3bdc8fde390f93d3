/**
 * Native libraries that we measure ourselves against, called through {@code java.lang.foreign}.
 * They are on the class path under {@code -Ppeers} only; without it there are no peers.
 */
package org.lanegrad.bench.peer;
