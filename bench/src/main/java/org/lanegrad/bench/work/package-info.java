/**
 * Work, counted: the kernels run with counters in their bytecode, so that what a pass does is known
 * exactly, and is the same on every machine of one vector width, however busy it is.
 */
package org.lanegrad.bench.work;
