/** Gates: measurements that fail the build when a promise of cost is broken. */
package org.lanegrad.bench.gate;
