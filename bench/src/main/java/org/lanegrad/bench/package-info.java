/** The command line of the benchmarks, the gates and the report. */
package org.lanegrad.bench;
