/** JMH benchmarks of every op in the catalog. */
package org.lanegrad.bench.op;
