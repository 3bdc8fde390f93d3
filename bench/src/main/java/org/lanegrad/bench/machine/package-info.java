/** What this machine can do at best: its FMA peak and its bandwidth, measured in the same run. */
package org.lanegrad.bench.machine;
