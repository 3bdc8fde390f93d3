/** The commands that train, try, run, convert and measure models. */
package org.lanegrad.bench.model;
