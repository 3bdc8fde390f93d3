/** How accurate each function of one number is, swept over the floats. */
package org.lanegrad.bench.accuracy;
